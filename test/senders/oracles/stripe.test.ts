import { Stripe } from "stripe";
import { describe, expect, test } from "vitest";
import { stripe } from "#src/senders/stripe.ts";
import { signStripe } from "../../../scripts/signing.ts";
import { deliver, RECEIVED_AT_MS, verifyBy } from "../deliver.ts";
import { payload } from "../samples/payload.ts";

/** Stripe's own library signs and judges: https://www.npmjs.com/package/stripe */
const { webhooks } = new Stripe("sk_test_oracle");

const secret = "whsec_bfb05d67f27016bb08f6beda1bc26954";
const other = "whsec_0ad6b429cacfcb890a2ee3ea735ed31d";
const nowS = RECEIVED_AT_MS / 1000;

const BODIES = [
  payload("stripe-payment-intent-succeeded.json"),
  payload("stripe-charge-refunded.json"),
  payload("stripe-invoice-paid-connect.json"),
  '{"id":"evt_1","object":"event","name":"Zoë 😀"}\r\n',
];

const sign = (
  body: string,
  change: { timestamp?: number; secret?: string; scheme?: string } = {},
) => webhooks.generateTestHeaderString({ payload: body, secret, timestamp: nowS, ...change });

async function ours(header: string, body: string, secrets = [secret]): Promise<boolean> {
  const delivery = deliver({ headers: { "stripe-signature": header }, body });
  return (await verifyBy(stripe, "stripe-v1", delivery, { secrets })).ok;
}

function theirs(header: string, body: string): boolean {
  try {
    webhooks.constructEvent(body, header, secret, 300, undefined, RECEIVED_AT_MS);
    return true;
  } catch {
    return false;
  }
}

describe("stripe and its library", () => {
  test.each(BODIES)("both believe what the library signs: %.40s", async (body) => {
    expect(theirs(sign(body), body)).toBe(true);
    expect(await ours(sign(body), body)).toBe(true);
    expect(await ours(sign(body), body, [other, secret])).toBe(true);
  });

  const [body = ""] = BODIES;
  const [time = "", v1 = ""] = sign(body).split(",");
  const [, v1Other = ""] = sign(body, { secret: other }).split(",");

  test.each<readonly [name: string, header: string, body: string, genuine: boolean]>([
    ["two secrets rolled", `${time},${v1Other},${v1}`, body, true],
    ["a fake v0 beside it", `${time},${v1},v0=${"0".repeat(64)}`, body, true],
    ["300 s of age", sign(body, { timestamp: nowS - 300 }), body, true],
    ["301 s of age", sign(body, { timestamp: nowS - 301 }), body, false],
    ["another secret", sign(body, { secret: other }), body, false],
    ["another scheme", sign(body, { scheme: "v0" }), body, false],
    ["another moment", `t=${nowS - 1},${v1}`, body, false],
    ["no moment", v1, body, false],
    ["no signature", time, body, false],
    ["a signature cut short", `${time},${v1.slice(0, -1)}`, body, false],
    ["a body changed", sign(body), body.replace("12900", "12901"), false],
    ["a body parsed and written again", sign(body), JSON.stringify(JSON.parse(body)), false],
    ["a newline more", sign(body), `${body}\n`, false],
    ["no body", sign(body), "", false],
    ["nothing", "", body, false],
  ])("both judge %s the same", async (_name, header, text, genuine) => {
    expect(theirs(header, text)).toBe(genuine);
    expect(await ours(header, text)).toBe(genuine);
  });

  test.each(BODIES)("the library believes what we sign: %.40s", async (text) => {
    const header = async (timestampS: number, key = secret) =>
      (await signStripe({ secret: key, timestampS, body: text }))["stripe-signature"] ?? "";
    expect(await header(nowS)).toBe(sign(text));
    expect(theirs(await header(nowS), text)).toBe(true);
    expect(theirs(await header(nowS - 301), text)).toBe(false);
    expect(theirs(await header(nowS, other), text)).toBe(false);
    expect(theirs(await header(nowS), `${text} `)).toBe(false);
  });

  test("we alone refuse a signature from the future", async () => {
    const header = sign(body, { timestamp: nowS + 301 });
    expect(theirs(header, body)).toBe(true);
    expect(await ours(header, body)).toBe(false);
  });
});
