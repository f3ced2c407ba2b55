import { Webhook as StandardWebhook } from "standardwebhooks";
import { Webhook as SvixWebhook } from "svix";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { standard } from "#src/senders/standard.ts";
import { signStandard } from "../../../scripts/signing.ts";
import { deliver, RECEIVED_AT_MS, verifyBy } from "../deliver.ts";

/**
 * The libraries of the specification and of Svix, which sign and judge v1 alone:
 * https://www.npmjs.com/package/standardwebhooks, https://www.npmjs.com/package/svix
 */
const LIBRARIES = [
  { library: "standardwebhooks", Webhook: StandardWebhook, family: "webhook" },
  { library: "svix", Webhook: SvixWebhook, family: "svix" },
  {
    library: "svix, under the names of the specification",
    Webhook: SvixWebhook,
    family: "webhook",
  },
] as const;

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const other = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
const body = '{"id":"evt-1","type":"order.cancelled","note":"Zoë 😀"}\n';
const id = "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W";

beforeAll(() => {
  // The libraries ask the clock themselves.
  vi.useFakeTimers({ now: RECEIVED_AT_MS, toFake: ["Date"] });
});

afterAll(() => {
  vi.useRealTimers();
});

type Headers = Readonly<Record<string, string>>;

async function ours(headers: Headers, text: string): Promise<boolean> {
  const delivery = deliver({ headers, body: text });
  const secrets = [secret];
  return (await verifyBy(standard, "standard-webhooks-v1", delivery, { secrets })).ok;
}

describe.each(LIBRARIES)("standard and $library", ({ Webhook, family }) => {
  const sign = (key: string, atMs = RECEIVED_AT_MS) =>
    new Webhook(key).sign(id, new Date(atMs), body);
  const headersOf = (signature: string, atMs = RECEIVED_AT_MS): Headers => ({
    [`${family}-id`]: id,
    [`${family}-timestamp`]: String(Math.floor(atMs / 1000)),
    [`${family}-signature`]: signature,
  });
  const theirs = (headers: Headers, text: string): boolean => {
    try {
      new Webhook(secret).verify(text, { ...headers });
      return true;
    } catch {
      return false;
    }
  };
  const v1 = sign(secret);
  const renamed = (part: string, value: string): Headers => ({
    ...headersOf(v1),
    [`${family}-${part}`]: value,
  });

  test.each<readonly [name: string, headers: Headers, text: string, genuine: boolean]>([
    ["what the library signs", headersOf(v1), body, true],
    ["an older secret's beside it", headersOf(`${sign(other)} ${v1}`), body, true],
    ["an unknown version beside it", headersOf(`v2,AAAA ${v1}`), body, true],
    ["a secret without its prefix", headersOf(sign(secret.slice(6))), body, true],
    [
      "300 s of age",
      headersOf(sign(secret, RECEIVED_AT_MS - 300_000), RECEIVED_AT_MS - 300_000),
      body,
      true,
    ],
    [
      "300 s ahead",
      headersOf(sign(secret, RECEIVED_AT_MS + 300_000), RECEIVED_AT_MS + 300_000),
      body,
      true,
    ],
    [
      "301 s of age",
      headersOf(sign(secret, RECEIVED_AT_MS - 301_000), RECEIVED_AT_MS - 301_000),
      body,
      false,
    ],
    [
      "301 s ahead",
      headersOf(sign(secret, RECEIVED_AT_MS + 301_000), RECEIVED_AT_MS + 301_000),
      body,
      false,
    ],
    ["another secret's", headersOf(sign(other)), body, false],
    ["another id", renamed("id", "msg_2"), body, false],
    ["another moment", renamed("timestamp", String(RECEIVED_AT_MS / 1000 - 1)), body, false],
    ["a moment in words", renamed("timestamp", "now"), body, false],
    ["no id", renamed("id", ""), body, false],
    ["another version's name", headersOf(v1.replace("v1,", "v2,")), body, false],
    ["a signature cut short", headersOf(v1.slice(0, -4)), body, false],
    ["commas in place of spaces", headersOf(`${sign(other)},${v1}`), body, false],
    ["a body changed", headersOf(v1), body.replace("evt-1", "evt-2"), false],
    ["a body trimmed", headersOf(v1), body.trimEnd(), false],
    ["no signature", headersOf(""), body, false],
  ])("both judge %s the same", async (_name, headers, text, genuine) => {
    expect(theirs(headers, text)).toBe(genuine);
    expect(await ours(headers, text)).toBe(genuine);
  });

  test("the library believes what we sign", async () => {
    const by = (key: string, atMs = RECEIVED_AT_MS) =>
      signStandard({ secret: key, id, timestampS: atMs / 1000, body, family });
    expect(await by(secret)).toEqual(headersOf(v1));
    expect(theirs(await by(secret), body)).toBe(true);
    expect(theirs(await by(secret.slice("whsec_".length)), body)).toBe(true);
    expect(theirs(await by(other), body)).toBe(false);
    expect(theirs(await by(secret, RECEIVED_AT_MS - 301_000), body)).toBe(false);
    expect(theirs(await by(secret), body.trimEnd())).toBe(false);
  });

  test.each([`0${RECEIVED_AT_MS / 1000}`, `${RECEIVED_AT_MS / 1000}.0`])(
    "we alone refuse a moment written otherwise than it was signed: %s",
    async (text) => {
      expect(theirs(renamed("timestamp", text), body)).toBe(true);
      expect(await ours(renamed("timestamp", text), body)).toBe(false);
    },
  );
});

describe("standard and svix, both families of headers", () => {
  const signBy = (key: string, family: "webhook" | "svix", messageId: string) =>
    signStandard({ secret: key, id: messageId, timestampS: RECEIVED_AT_MS / 1000, body, family });
  const bySvix = (headers: Headers): boolean => {
    try {
      new SvixWebhook(secret).verify(body, { ...headers });
      return true;
    } catch {
      return false;
    }
  };

  test.each([
    ["both", secret, secret, true],
    ["those of Svix alone", secret, other, true],
    ["those of the specification alone", other, secret, false],
  ])("both judge by those of Svix: genuine are %s", async (_name, svixKey, webhookKey, genuine) => {
    const headers = {
      ...(await signBy(webhookKey, "webhook", "msg_b")),
      ...(await signBy(svixKey, "svix", "msg_a")),
    };
    expect(bySvix(headers)).toBe(genuine);
    expect(await ours(headers, body)).toBe(genuine);
  });
});
