import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { standardWebhooks } from "#src/senders/verify/standard-webhooks.ts";
import { signStandard } from "../../../scripts/signing.ts";
import { runs } from "../../support/runs.ts";
import { deliver, MEANS, RECEIVED_AT_MS, type Request } from "../deliver.ts";

const { verify, follow } = standardWebhooks["standard-webhooks-v1"];
const whsec = (text: string) => `whsec_${Buffer.from(text).toString("base64")}`;
const secret = whsec("0123456789abcdef0123456789abcdef");
const other = whsec("another-secret-that-is-live-0123");
const timestampS = RECEIVED_AT_MS / 1000;

/** The verdict on a body that goes by in pieces cut at these places. */
async function followed(request: Request, secrets: readonly string[], cuts: readonly number[]) {
  const delivery = deliver(request);
  const auth = { scheme: "standard-webhooks-v1", secrets };
  const begun = follow(delivery, auth, (key) => createHmac("sha256", key));
  let from = 0;
  for (const cut of [...cuts].toSorted((a, b) => a - b)) {
    begun.take(delivery.body.subarray(from, cut));
    from = Math.max(from, cut);
  }
  begun.take(delivery.body.subarray(from));
  return { headers: begun.headers, verdict: await begun.verdict() };
}

describe("a body that is followed", () => {
  const signed = (body: string, by = secret) =>
    signStandard({ secret: by, id: "msg_1", timestampS, body });

  test("is judged as one that is there, however it is cut, changed or signed", async () => {
    const stranger = whsec("a-stranger's-secret-0123456789ab");
    await fc.assert(
      fc.asyncProperty(
        fc.string({ maxLength: 60 }),
        fc.string({ maxLength: 60 }),
        fc.boolean(),
        fc.constantFrom(secret, other, stranger),
        fc.array(fc.nat(70), { maxLength: 5 }),
        async (body, changed, isChanged, by, cuts) => {
          const request = { headers: await signed(body, by), body: isChanged ? changed : body };
          const secrets = [other, secret, secret];
          const auth = { scheme: "standard-webhooks-v1", secrets };
          const whole = await verify(deliver(request), auth, MEANS);
          const { verdict } = await followed(request, secrets, cuts);
          expect(verdict.ok).toBe(whole.ok);
          expect(verdict).toMatchObject(whole.ok ? {} : { reason: "signature_mismatch" });
        },
      ),
      { numRuns: runs(200) },
    );
  });

  test.each([
    ["no signature", { "webhook-signature": "" }, "signature_missing"],
    ["an old timestamp", { "webhook-timestamp": `${timestampS - 301}` }, "timestamp_old"],
    ["a signature of another kind", { "webhook-signature": "v2,AAAA" }, "signature_malformed"],
  ])("is refused by its headers alone: %s", async (_name, more, reason) => {
    const headers = { ...(await signed("{}")), ...more };
    const { headers: early, verdict } = await followed({ headers, body: "{}" }, [secret], []);
    expect(early).toMatchObject({ ok: false, reason });
    expect(verdict).toMatchObject({ ok: false, reason });
  });

  test("is believed by no public key, which could not follow it", async () => {
    const whpk = `whpk_${Buffer.alloc(32, 7).toString("base64")}`;
    const request = { headers: await signed("{}"), body: "{}" };
    const { headers, verdict } = await followed(request, [whpk], []);
    expect([headers.ok, verdict]).toMatchObject([true, { ok: false, reason: "secret_unusable" }]);
  });
});
