import { createHmac, randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DESTINATIONS } from "#src/destinations/index.ts";
import { webhook } from "#src/destinations/webhook.ts";
import { standardWebhooks } from "#src/senders/verify/standard-webhooks.ts";

const secretOf = (bytes: Uint8Array): string => `whsec_${Buffer.from(bytes).toString("base64")}`;
const secrets = fc.uint8Array({ minLength: 24, maxLength: 64 }).map(secretOf);
const { "standard-webhooks-v1": scheme } = standardWebhooks;
const means = { options: {}, certificateAt: () => Promise.reject(new Error("None")) };

describe("webhook", () => {
  test("is the kind that the API knows by this name", () => {
    expect([...DESTINATIONS]).toEqual([["webhook", webhook]]);
  });

  // https://github.com/standard-webhooks/standard-webhooks: the example of its libraries' tests.
  test("signs the specification's example as its libraries do", async () => {
    const request = await webhook.request({
      id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
      body: '{"test": 2432232314}',
      url: "https://example.com/hook?a=1",
      secrets: ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
      nowMs: 1_614_265_330_999,
    });
    expect(request).toEqual({
      method: "POST",
      url: "https://example.com/hook?a=1",
      headers: {
        "Content-Type": "application/json",
        "User-Agent": "Upline/1",
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
      },
      body: '{"test": 2432232314}',
    });
  });

  test("our own verifier takes it by any one of its secrets, and by no other", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(secrets, { minLength: 2, maxLength: 10 }),
        fc.string({ unit: "grapheme", maxLength: 200 }),
        fc.integer({ min: 0, max: 4_000_000_000_000 }),
        async ([stranger = "", ...own], text, nowMs) => {
          const body = JSON.stringify({ text });
          const url = "https://example.com/";
          const sent = await webhook.request({ id: "out_1", body, url, secrets: own, nowMs });
          const delivery = {
            method: sent.method,
            url,
            header: (name: string) => sent.headers[name],
            body: new TextEncoder().encode(sent.body),
            receivedAtMs: nowMs,
          };
          const verdictBy = async (secret: string) => {
            const auth = { scheme: "standard-webhooks-v1", secrets: [secret] };
            return (await scheme.verify(delivery, auth, means)).ok;
          };
          for (const secret of own) expect(await verdictBy(secret)).toBe(true);
          expect(await verdictBy(stranger)).toBe(false);
        },
      ),
      { numRuns: 30 },
    );
  });

  test.each([
    { of: "24 bytes", secret: secretOf(randomBytes(24)), isFine: true },
    { of: "64 bytes", secret: secretOf(randomBytes(64)), isFine: true },
    { of: "23 bytes", secret: secretOf(randomBytes(23)), isFine: false },
    { of: "65 bytes", secret: secretOf(randomBytes(65)), isFine: false },
    { of: "no prefix", secret: randomBytes(32).toString("base64"), isFine: false },
    { of: "no base64", secret: `whsec_${"-".repeat(40)}`, isFine: false },
    { of: "nothing", secret: "whsec_", isFine: false },
  ])("a secret of $of: $isFine, and its text is not quoted", ({ secret, isFine }) => {
    const fault = webhook.checkSecret(secret);
    expect(fault === undefined).toBe(isFine);
    expect(fault ?? "").not.toContain(secret.slice("whsec_".length) || "nothing");
  });

  test("makes secrets of 32 bytes, each another one", () => {
    const made = Array.from({ length: 50 }, () => webhook.makeSecret());
    expect(new Set(made).size).toBe(50);
    for (const secret of made) {
      expect(webhook.checkSecret(secret)).toBeUndefined();
      expect(Buffer.from(secret.slice(6), "base64")).toHaveLength(32);
    }
  });

  test("signs with the bytes that a secret encodes, not with its text", async () => {
    const bytes = randomBytes(32);
    const sendable = { id: "out_1", body: "{}", url: "https://x.example", nowMs: 5000 };
    const { headers } = await webhook.request({ ...sendable, secrets: [secretOf(bytes)] });
    const mac = createHmac("sha256", bytes).update("out_1.5.{}").digest("base64");
    expect(headers["webhook-signature"]).toBe(`v1,${mac}`);
  });
});

describe("what an answer means", () => {
  const NOW_MS = Date.parse("2026-03-01T00:00:00Z");
  const outcome = (status: number, retryAfter?: string) =>
    webhook.outcome({
      status,
      header: (name) => (name === "retry-after" ? retryAfter : undefined),
      nowMs: NOW_MS,
    });

  test.each([200, 201, 202, 204, 299])("%i: delivered", (status) => {
    expect(outcome(status)).toEqual({ kind: "delivered" });
  });

  test("410: gone", () => {
    expect(outcome(410)).toEqual({ kind: "gone" });
  });

  test.each([300, 301, 302, 304, 307, 308, 400, 401, 403, 404, 409, 422, 429, 500, 503])(
    "%i: failed",
    (status) => {
      expect(outcome(status)).toEqual({ kind: "failed" });
    },
  );

  test.each([
    { text: "120", ms: 120_000 },
    { text: " 7 ", ms: 7000 },
    { text: "Sun, 01 Mar 2026 00:01:00 GMT", ms: 60_000 },
    { text: "Sat, 28 Feb 2026 00:00:00 GMT", ms: 0 },
    { text: "soon", ms: undefined },
    { text: "-5", ms: undefined },
    { text: "2026", ms: 2_026_000 },
    { text: "March 7", ms: undefined },
    { text: "9999999999", ms: undefined },
  ])("Retry-After «$text»: $ms", ({ text, ms }) => {
    const wanted = ms === undefined ? {} : { retryAfterMs: ms };
    expect(outcome(503, text)).toEqual({ kind: "failed", ...wanted });
  });
});
