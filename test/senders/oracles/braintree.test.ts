import { BraintreeGateway, Environment, type WebhookNotificationKind } from "braintree";
import { describe, expect, test } from "vitest";
import { braintree } from "#src/senders/braintree.ts";
import { signBraintree } from "../../../scripts/signing/braintree.ts";
import { deliver, URL_CALLED, verifyBy } from "../deliver.ts";

const secret = "devpub1a2b:b42a7be71aacd7b583a17ab3fee4d929";
const [publicKey = "", privateKey = ""] = secret.split(":");

/** Braintree's own library signs and judges: https://www.npmjs.com/package/braintree */
const gatewayOf = (key: string) =>
  new BraintreeGateway({
    environment: Environment.Sandbox,
    merchantId: "dev",
    publicKey,
    privateKey: key,
  });
const library = gatewayOf(privateKey);

const formOf = (bt_signature: string, bt_payload: string) =>
  new URLSearchParams({ bt_signature, bt_payload }).toString();

async function theirs(signature: string, payload: string): Promise<boolean> {
  try {
    await library.webhookNotification.parse(signature, payload);
    return true;
  } catch {
    return false;
  }
}

async function judge(signature: string, payload: string) {
  const delivery = deliver({ body: formOf(signature, payload) });
  const result = await verifyBy(braintree, "braintree-sha1", delivery, { secrets: [secret] });
  return { theirs: await theirs(signature, payload), ours: result.ok };
}

/** The library answers challenges by a method its types leave out. */
function answered(challenge: string): unknown {
  const { webhookNotification } = library;
  return Reflect.apply(Reflect.get(webhookNotification, "verify"), webhookNotification, [
    challenge,
  ]);
}

const sample = (kind: WebhookNotificationKind, from = library) =>
  from.webhookTesting.sampleNotification(kind, "my_id");

/** What our reader makes of the library's own samples. */
function outcomeOf(body: string): string {
  const reading = braintree.read(deliver({ body }), { tenant: "t", source: "s", options: {} });
  if (reading.kind === "malformed") return "malformed";
  const [item] = reading.items;
  if (item === undefined) return "nothing";
  return item.kind === "event" ? item.event.type : item.code;
}

describe("braintree and its library", () => {
  test.each<readonly [WebhookNotificationKind, string]>([
    // The samples of charges tell neither currency nor order.
    ["subscription_charged_successfully", "contract_violated"],
    ["subscription_charged_unsuccessfully", "contract_violated"],
    ["subscription_canceled", "autoship.changed"],
    ["subscription_went_past_due", "cdc.gap"],
    ["dispute_opened", "contract_violated"],
    ["dispute_lost", "chargeback.closed"],
    ["dispute_won", "contract_violated"],
    ["disbursement", "unmapped"],
    ["check", "nothing"],
  ])("both believe the library's %s, and it is read: %s", async (kind, outcome) => {
    const { bt_signature, bt_payload } = await sample(kind);
    expect(await judge(bt_signature, bt_payload)).toEqual({ theirs: true, ours: true });
    expect(await judge(bt_signature, bt_payload.trimEnd())).toEqual({ theirs: true, ours: true });
    expect(outcomeOf(formOf(bt_signature, bt_payload))).toBe(outcome);
  });

  test("both refuse the same forgeries", async () => {
    const { bt_signature, bt_payload } = await sample("subscription_canceled");
    const others = await sample("subscription_canceled", gatewayOf("another-private-key-0123"));
    const [, digest = ""] = bt_signature.split("|");
    const forged: readonly (readonly [signature: string, payload: string])[] = [
      [others.bt_signature, bt_payload],
      [bt_signature, `${bt_payload}A`],
      [bt_signature, bt_payload.slice(4)],
      [`zzz|${digest}`, bt_payload],
      [digest, bt_payload],
      [`${publicKey}|${digest.slice(1)}`, bt_payload],
      ["", bt_payload],
      [bt_signature, ""],
      [bt_signature, "<notification/>"],
    ];
    for (const [signature, payload] of forged) {
      expect(await judge(signature, payload)).toEqual({ theirs: false, ours: false });
    }
    const both = `other|${"0".repeat(40)}&${bt_signature}`;
    expect(await judge(both, bt_payload)).toEqual({ theirs: true, ours: true });
  });

  test("both answer a challenge alike", async () => {
    for (const challenge of ["0123456789abcdef0123", "f".repeat(32)]) {
      const url = `${URL_CALLED}?bt_challenge=${challenge}`;
      const auth = { scheme: "braintree-sha1", secrets: [secret] };
      const ours = await braintree.greet?.(deliver({ method: "GET", url }), auth);
      expect(ours?.body).toBe(answered(challenge));
      expect(ours?.body).toBe(await signBraintree(secret, challenge));
    }
  });
});
