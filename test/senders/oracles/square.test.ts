import { WebhooksHelper } from "square";
import { describe, expect, test } from "vitest";
import { square } from "#src/senders/square.ts";
import { signSquare } from "../../../scripts/signing/square.ts";
import { deliver, verifyBy } from "../deliver.ts";
import { payload } from "../samples/payload.ts";

const secret = "SkcXd1eU1prbUBnJmlYq1A";
const URL_SET = "https://hooks.example.net/in/acme/Square/?a=%2F";

const BODIES = [payload("square-payment-updated.json"), '{"note":"Zoë 😀"}\r\n'];

/** Square's own library judges: https://www.npmjs.com/package/square */
async function judge(signatureHeader: string, requestBody: string, notificationUrl = URL_SET) {
  const theirs = await WebhooksHelper.verifySignature({
    requestBody,
    signatureHeader,
    signatureKey: secret,
    notificationUrl,
  });
  const headers = { "x-square-hmacsha256-signature": signatureHeader };
  const delivery = deliver({ headers, body: requestBody });
  const given = { secrets: [secret], url: notificationUrl };
  const ours = await verifyBy(square, "square-hmac", delivery, given);
  return { theirs, ours: ours.ok };
}

describe("square and its library", () => {
  test.each(BODIES)("both judge alike: %.40s", async (body) => {
    const sign = async (key: string, url: string, text: string) =>
      (await signSquare({ secret: key, url, body: text }))["x-square-hmacsha256-signature"] ?? "";
    const signed = await sign(secret, URL_SET, body);
    expect(await judge(signed, body)).toEqual({ theirs: true, ours: true });

    const forged: readonly (readonly [signature: string, body: string, url?: string])[] = [
      [signed, `${body} `],
      [signed, body, URL_SET.toLowerCase()],
      [signed, body, URL_SET.replace("/?", "?")],
      [await sign("another-signature-key", URL_SET, body), body],
      [await sign(secret, "", body), body],
      [Buffer.from(signed, "base64").toString("hex"), body],
      [signed.slice(0, -1), body],
    ];
    for (const [signature, text, url] of forged) {
      expect(await judge(signature, text, url)).toEqual({ theirs: false, ours: false });
    }
  });
});
