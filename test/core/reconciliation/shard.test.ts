import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PART_DIGITS_MAX, partOf, SHARDS, shardOf } from "#src/core/reconciliation/shard.ts";

const sha256 = (data: string | Uint8Array) =>
  new Uint8Array(createHash("sha256").update(data).digest());

describe("shardOf", () => {
  it("is the first byte of the id's SHA-256, mod 64", () => {
    // `printf %s 42 | sha256sum` begins with 73475cb4: 0x73 = 115.
    expect(shardOf("42", sha256)).toBe(115 % 64);
    // `printf %s Zoë | sha256sum`, its UTF-8 and not its UTF-16.
    const utf8 = createHash("sha256").update(Buffer.from("Zoë", "utf8")).digest()[0] ?? 0;
    expect(shardOf("Zoë", sha256)).toBe(utf8 % 64);
  });

  it("spreads distributors over all shards", () => {
    const met = new Set(Array.from({ length: 2000 }, (_, i) => shardOf(`D${i}`, sha256)));
    expect(met.size).toBe(SHARDS);
  });
});

describe("partOf", () => {
  it("is the first hex digits of the id's SHA-256, one where nothing is said", () => {
    expect(partOf("42", sha256)).toBe("7");
    expect(partOf("42", sha256, 4)).toBe("7347");
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: PART_DIGITS_MAX }), (id, digits) => {
        const hex = createHash("sha256").update(id).digest("hex");
        expect(partOf(id, sha256, digits)).toBe(hex.slice(0, digits));
        expect(partOf(id, sha256)).toBe(hex.slice(0, 1));
      }),
    );
  });
});
