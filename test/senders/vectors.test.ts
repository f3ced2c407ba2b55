import { describe, expect, test } from "vitest";
import { SENDERS } from "#src/senders/index.ts";
import type { Scheme } from "#src/senders/sender.ts";
import { deliver, MEANS } from "./deliver.ts";
import vectors from "./fixtures/vectors.json" with { type: "json" };

const schemes = new Map<string, Scheme>(
  [...SENDERS.values()].flatMap((sender) => Object.entries(sender.schemes)),
);

/** Judged by the vendors' own libraries where there are any (PROVIDERS 0.4). */
describe("vectors", () => {
  test("are all there, and each has a scheme", () => {
    expect(vectors).toHaveLength(170);
    const unknown = vectors.filter(({ scheme }) => !schemes.has(scheme));
    expect([...new Set(unknown.map(({ scheme }) => scheme))]).toEqual([]);
  });

  test.each(vectors)("$id is judged $valid: $description", async (vector) => {
    const { scheme, secret, method, url, headers, body } = vector;
    const delivery = deliver({
      method,
      url,
      headers,
      body,
      receivedAtMs: vector.now * 1000,
    });
    const result = await schemes
      .get(scheme)
      ?.verify(delivery, { scheme, secrets: [secret] }, MEANS);
    expect(result?.ok).toBe(vector.valid);
    expect(schemes.get(scheme)?.checkSecret(secret)).toBeUndefined();
  });
});
