import { describe, expect, test } from "vitest";
import { standard } from "#src/senders/standard.ts";
import { signStandard, signStandardAsymmetric } from "../../scripts/signing.ts";
import { conforms } from "./conformance.ts";
import { deliver, RECEIVED_AT_MS, verifyBy } from "./deliver.ts";
import { order, other, pair, samples, secret } from "./samples/standard.ts";

for (const sample of samples) conforms(sample);

const V1 = "standard-webhooks-v1";
const V1A = "standard-webhooks-v1a";
const context = { tenant: "acme", source: "shop", options: {} };
const body = JSON.stringify(order);

const message = { id: "msg_1", timestampS: RECEIVED_AT_MS / 1000, body };
const symmetric = await signStandard({ ...message, secret });
const asymmetric = await signStandardAsymmetric({ ...message, secret: pair.whsk });
const judge = async (headers: Record<string, string>, secrets: readonly string[], scheme = V1) =>
  verifyBy(standard, scheme, deliver({ headers, body }), { secrets });

describe("standard", () => {
  test.each([
    { name: "v1 under both kinds of key", headers: symmetric, secrets: [pair.whpk, secret] },
    { name: "v1a under both kinds of key", headers: asymmetric, secrets: [secret, pair.whpk] },
    { name: "v1a in a source named for v1", headers: asymmetric, secrets: [pair.whpk] },
    { name: "v1 in a source named for v1a", headers: symmetric, secrets: [secret], scheme: V1A },
    { name: "a secret without prefix", headers: symmetric, secrets: [secret.slice(6)] },
    {
      name: "both signatures, of which one is known",
      headers: {
        ...symmetric,
        "webhook-signature": `v9,x ${asymmetric["webhook-signature"]}  ${symmetric["webhook-signature"]}`,
      },
      secrets: [secret],
    },
  ])("believes $name", async ({ headers, secrets, scheme }) => {
    expect(await judge(headers, secrets, scheme)).toMatchObject({ ok: true });
  });

  const [, digest = ""] = (symmetric["webhook-signature"] ?? "").split(",");
  const [, proof = ""] = (asymmetric["webhook-signature"] ?? "").split(",");
  const signed = (text: string) => ({ ...symmetric, "webhook-signature": text });
  test.each([
    {
      name: "v1a where only shared secrets are held",
      headers: asymmetric,
      reason: "signature_mismatch",
    },
    {
      name: "a shared secret's signature called v1a",
      headers: signed(`v1a,${digest}`),
      reason: "signature_mismatch",
    },
    {
      name: "an Ed25519 signature called v1",
      headers: signed(`v1,${proof}`),
      reason: "signature_mismatch",
    },
    {
      name: "a signature without padding",
      headers: signed(`v1,${digest.slice(0, -1)}`),
      reason: "signature_malformed",
    },
    { name: "an unknown version", headers: signed(`v2,${digest}`), reason: "signature_malformed" },
    {
      name: "a list without end",
      headers: signed("v1,AA== ".repeat(17)),
      reason: "signature_malformed",
    },
    {
      name: "a leading zero",
      headers: { ...symmetric, "webhook-timestamp": `0${message.timestampS}` },
      reason: "timestamp_malformed",
    },
    {
      name: "a fraction",
      headers: { ...symmetric, "webhook-timestamp": `${message.timestampS}.0` },
      reason: "timestamp_malformed",
    },
    {
      name: "no timestamp",
      headers: { "webhook-id": "msg_1", "webhook-signature": `v1,${digest}` },
      reason: "timestamp_missing",
    },
    {
      name: "the id of one family with the signature of the other",
      headers: {
        "webhook-id": "msg_1",
        "svix-timestamp": `${message.timestampS}`,
        "svix-signature": `v1,${digest}`,
      },
      reason: "timestamp_missing",
    },
  ])("refuses $name", async ({ headers, reason }) => {
    expect(await judge(headers, [secret, other])).toMatchObject({ ok: false, reason });
  });

  test("does not take a public key without its prefix for a shared secret", async () => {
    const published = pair.whpk.slice("whpk_".length);
    const forged = await signStandard({ ...message, secret: published });
    const result = await judge(forged, [published], V1A);
    expect(result).toMatchObject({ ok: false, reason: "secret_unusable" });
  });

  test("tells the steps of a verification", async () => {
    expect(await judge(symmetric, [other, secret])).toEqual({
      ok: true,
      steps: [
        { step: "id header", ok: true, detail: 'Read "webhook-id"' },
        { step: "timestamp header", ok: true, detail: 'Read "webhook-timestamp"' },
        {
          step: "timestamp",
          ok: true,
          detail: "Signed 0 s before arrival: allowed are -300 to 300 s",
        },
        { step: "signature header", ok: true, detail: 'Read "webhook-signature": v1' },
        {
          step: "signed bytes",
          ok: true,
          detail: `{id}.{timestamp}.{body}: ${17 + body.length} bytes`,
        },
        { step: "signature", ok: true, detail: "Signed with secret 2 of 2" },
      ],
    });
  });

  test.each([
    [V1, "whsec_not base64!"],
    [V1, "whsec_AAAA"],
    [V1, "whpk_AAAA"],
    [V1, "whsk_AAAA"],
    [V1A, "C2FVsBQIhrscChlQIMV+b5sSYspob7oD"],
  ])("finds fault with a secret for %s: %s", (scheme, text) => {
    const fault = standard.schemes[scheme]?.checkSecret(text);
    expect(fault).toEqual(expect.any(String));
    expect(fault).not.toContain(text.slice(6));
  });

  test.each([secret, secret.slice(6), pair.whpk])("takes %s for v1", (text) => {
    expect(standard.schemes[V1]?.checkSecret(text)).toBeUndefined();
  });
});

const read = (value: unknown, headers: Record<string, string> = {}) =>
  standard.read(deliver({ body: JSON.stringify(value), headers }), context);

describe("standard, reading", () => {
  test("reads one envelope", () => {
    expect(read(order)).toMatchObject({
      kind: "items",
      items: [{ kind: "event", id: "evt-1", event: { type: "order.cancelled", source: "shop" } }],
    });
  });

  test("reads an array, and judges each envelope by itself", () => {
    const broken = { ...order, id: "evt-2", type: "order.eaten" };
    expect(read([order, broken])).toMatchObject({
      items: [
        { kind: "event", id: "evt-1" },
        { kind: "broken", id: "evt-2", code: "type_unknown" },
      ],
    });
  });

  test.each([
    ["svix-id", "msg_9#0"],
    ["webhook-id", "msg_9#0"],
    ["x-id", "delivery#0"],
  ])("names what has no id after %s and its place", (name, id) => {
    for (const unnamed of [
      {},
      { id: "" },
      { id: "x".repeat(129) },
      { id: 7 },
      { id: "\ud800" },
      7,
    ]) {
      expect(read(unnamed, { [name]: "msg_9" })).toMatchObject({
        items: [{ kind: "broken", id, errors: expect.any(Array) }],
      });
    }
  });

  test("takes 1 to 1000 envelopes", () => {
    expect(read([])).toMatchObject({ kind: "malformed", errors: [{ rule: "length" }] });
    const many = (length: number) => read(Array.from({ length }, () => ({})));
    expect(many(1000)).toMatchObject({ kind: "items" });
    expect(many(1001)).toMatchObject({ kind: "malformed", errors: [{ rule: "length" }] });
  });
});
