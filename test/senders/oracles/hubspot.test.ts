import { Signature } from "@hubspot/api-client";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { hubspot } from "#src/senders/hubspot.ts";
import { signHubspotV1, signHubspotV2, signHubspotV3 } from "../../../scripts/signing.ts";
import { deliver, RECEIVED_AT_MS, URL_CALLED, verifyBy } from "../deliver.ts";
import { payload } from "../samples/payload.ts";

/** HubSpot's own library: https://www.npmjs.com/package/@hubspot/api-client */
const clientSecret = "a3c5e7f9-1b2d-4c6e-8f0a-112233445566";
const other = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy";
const body = payload("hubspot-contact-batch.json");
const url = `${URL_CALLED}?portal=24455667&q=a%20b`;

beforeAll(() => {
  // The library asks the clock itself.
  vi.useFakeTimers({ now: RECEIVED_AT_MS, toFake: ["Date"] });
});

afterAll(() => {
  vi.useRealTimers();
});

interface Called {
  readonly method: string;
  readonly url: string;
  readonly body: string;
  readonly secret: string;
  readonly timestamp: number;
}

const called: Called = {
  method: "POST",
  url,
  body,
  secret: clientSecret,
  timestamp: RECEIVED_AT_MS,
};

const optionsOf = ({ secret, timestamp, ...request }: Called) => ({
  clientSecret: secret,
  requestBody: request.body,
  url: request.url,
  timestamp,
  signature: "",
});

const sign = (version: string, request: Called) =>
  Signature.getSignature(request.method, version, optionsOf(request));

async function signByUs(version: string, { timestamp, ...request }: Called): Promise<string> {
  const headers: Readonly<Record<string, string>> =
    version === "v3"
      ? await signHubspotV3({ ...request, timestampMs: timestamp })
      : await (version === "v2" ? signHubspotV2 : signHubspotV1)(request);
  return headers["x-hubspot-signature-v3"] ?? headers["x-hubspot-signature"] ?? "";
}

async function ours(version: string, signature: string, request: Called): Promise<boolean> {
  const headers =
    version === "v3"
      ? {
          "X-HubSpot-Signature-v3": signature,
          "X-HubSpot-Request-Timestamp": String(request.timestamp),
        }
      : { "X-HubSpot-Signature": signature };
  const delivery = deliver({ ...request, headers });
  const given = { secrets: [clientSecret] };
  return (await verifyBy(hubspot, `hubspot-${version}`, delivery, given)).ok;
}

function theirs(version: string, signature: string, request: Called): boolean {
  const options = optionsOf({ ...request, secret: clientSecret });
  try {
    return Signature.isValid({
      ...options,
      method: request.method,
      signatureVersion: version,
      signature,
    });
  } catch {
    return false;
  }
}

describe.each(["v1", "v2", "v3"])("hubspot and its library, %s", (version) => {
  const signature = sign(version, called);
  const coversUrl = version !== "v1";

  test.each<readonly [name: string, request: Called]>([
    ["a batch", called],
    ["text beyond ASCII", { ...called, body: '[{"propertyValue":"Zoë 😀"}]\r\n' }],
    ["no query", { ...called, url: URL_CALLED }],
    ["a workflow action by GET", { ...called, method: "GET", body: "" }],
  ])("both believe %s that the library signs", async (_name, request) => {
    const signed = sign(version, request);
    expect(theirs(version, signed, request)).toBe(true);
    expect(await ours(version, signed, request)).toBe(true);
  });

  test.each<readonly [name: string, signature: string, request: Called, genuine: boolean]>([
    ["another secret", sign(version, { ...called, secret: other }), called, false],
    ["a body changed", signature, { ...called, body: body.replace("60001", "60002") }, false],
    [
      "a body written again",
      signature,
      { ...called, body: JSON.stringify(JSON.parse(body)) },
      false,
    ],
    ["another method", signature, { ...called, method: "PUT" }, !coversUrl],
    ["another query", signature, { ...called, url: `${url}&a=1` }, !coversUrl],
    ["a signature cut short", signature.slice(0, -2), called, false],
    ["no signature", "", called, false],
  ])("both judge %s the same", async (_name, signed, request, genuine) => {
    expect(theirs(version, signed, request)).toBe(genuine);
    expect(await ours(version, signed, request)).toBe(genuine);
  });

  test.each<readonly [name: string, request: Called]>([
    ["a batch", called],
    ["text beyond ASCII", { ...called, body: '[{"propertyValue":"Zoë 😀"}]\r\n' }],
    ["no query", { ...called, url: URL_CALLED }],
    ["a workflow action by GET", { ...called, method: "GET", body: "" }],
  ])("the library believes %s that we sign", async (_name, request) => {
    const by = async (key: string) => signByUs(version, { ...request, secret: key });
    expect(theirs(version, await by(clientSecret), request)).toBe(true);
    expect(theirs(version, await by(other), request)).toBe(false);
    expect(theirs(version, await by(clientSecret), { ...request, body: "[]" })).toBe(false);
  });

  test.each(["v1", "v2", "v3"].filter((name) => name !== version))(
    "both refuse a signature of %s in its place",
    async (name) => {
      expect(theirs(version, sign(name, called), called)).toBe(false);
      expect(await ours(version, sign(name, called), called)).toBe(false);
    },
  );
});

describe("hubspot and its library, the age of v3", () => {
  test.each([
    [299_999, true, true],
    [300_001, false, false],
    // The library lets the future pass; we do not.
    [-300_001, true, false],
  ])("judge %d ms: %s and %s", async (age, byThem, byUs) => {
    const request = { ...called, timestamp: RECEIVED_AT_MS - age };
    const signed = sign("v3", request);
    expect(theirs("v3", signed, request)).toBe(byThem);
    expect(await ours("v3", signed, request)).toBe(byUs);
  });
});
