import { describe, expect, test } from "vitest";
import { certificateOf } from "#src/edge/http/arrive.ts";
import { Captured, deliveryOf } from "#src/edge/http/captured.ts";
import { explainDelivery } from "#src/edge/http/explain.ts";
import { debezium } from "#src/senders/debezium.ts";
import { makeRig, makeTenant, noCertificate, NOW_MS, urlOf } from "../support/ingest-rig.ts";

const FINGERPRINT = "ab".repeat(32);
const GENUINE = {
  certPresented: "1",
  certVerified: "SUCCESS",
  certRevoked: "0",
  certFingerprintSHA256: FINGERPRINT,
  certSubjectDNRFC2253: "CN=connector",
  certIssuerDNRFC2253: "CN=ours",
};
const { certRevoked: _told, ...UNTOLD } = GENUINE;

const CASES: readonly (readonly [name: string, told: object, verified: boolean | undefined])[] = [
  ["all is well", GENUINE, true],
  ["it is revoked", { ...GENUINE, certRevoked: "1" }, false],
  ["nothing is said of its revocation", UNTOLD, false],
  ["its revocation is not told in words we know", { ...GENUINE, certRevoked: "" }, false],
  ["its chain does not hold", { ...GENUINE, certVerified: "FAILED:expired" }, false],
  ["none was presented", { ...GENUINE, certPresented: "0" }, undefined],
];

/** Each certificate judged by the same three conditions, at the door and in `explain` (PROVIDERS 14c). */
describe.each(CASES)("a client certificate where %s", (_name, told, verified) => {
  test("is believed or not at the door", () => {
    expect(certificateOf(told)?.verified).toBe(verified);
  });

  test("is judged alike in a captured request", async () => {
    const captured = Captured.parse({ url: urlOf("acme", "cdc"), body: "[]", certificate: told });
    const delivery = deliveryOf(captured, NOW_MS);
    expect(delivery.certificate?.verified).toBe(verified);

    const tenant = await makeTenant();
    const auth = { scheme: "mtls-pin", secrets: [FINGERPRINT] };
    const source = { tenant, source: "cdc", sender: "debezium", auth, options: {} };
    const asked = { sender: debezium, source, delivery, headers: 0 };
    const { reason } = await explainDelivery({ ...asked, certificateAt: noCertificate });
    const expected = verified === undefined ? "certificate_missing" : "certificate_invalid";
    expect(reason).toBe(verified === true ? "malformed" : expected);
  });

  test("lets its deliveries in or not", async () => {
    const rig = await makeRig({ senders: [debezium] });
    const source = rig.sources.get("debezium");
    if (source === undefined) throw new Error("No source");
    rig.sources.set("debezium", {
      ...source,
      auth: { scheme: "mtls-pin", secrets: [FINGERPRINT] },
    });
    const request = new Request(urlOf(rig.tenant.tenant, "debezium"), {
      method: "POST",
      body: "{}",
    });
    Object.defineProperty(request, "cf", { value: { tlsClientAuth: told } });
    expect((await rig.call(request, "debezium")).status).toBe(verified === true ? 202 : 401);
  });
});

test("no certificate is one that nothing is said of", () => {
  for (const told of [undefined, null, "1", {}]) expect(certificateOf(told)).toBeUndefined();
});
