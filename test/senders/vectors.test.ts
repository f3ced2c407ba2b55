import { describe, expect, test } from "vitest";
import { SENDERS } from "#src/senders/index.ts";
import type { Verify } from "#src/senders/sender.ts";
import { deliver } from "./deliver.ts";
import vectors from "./fixtures/vectors.json" with { type: "json" };

const verifiers = new Map<string, Verify>(
  [...SENDERS.values()].flatMap((sender) => Object.entries(sender.schemes)),
);

/** Judged by the vendors' own libraries where there are any (PROVIDERS 0.4). */
describe("vectors", () => {
  test("cover every scheme", () => {
    expect(new Set(vectors.map(({ scheme }) => scheme))).toEqual(new Set(verifiers.keys()));
    expect(vectors).toHaveLength(67);
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
    const result = await verifiers.get(scheme)?.(delivery, { scheme, secrets: [secret] });
    expect(result?.ok).toBe(vector.valid);
  });
});
