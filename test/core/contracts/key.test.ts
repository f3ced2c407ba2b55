import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { deriveKey, fillFrom, filling, formOf, formText, keyed } from "#src/core/contracts/key.ts";

const form = filling(keyed("cdc", "table", "column", "pk"));
const part = fc.string({
  minLength: 1,
  maxLength: 8,
  unit: fc.constantFrom("a", ":", "%", "3A", "25"),
});
const parts = fc.record({ table: part, column: part, pk: part }, { noNullPrototype: true });

describe("deriveKey()", () => {
  test("gives two subjects two keys", () => {
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        const isSame = JSON.stringify(a) === JSON.stringify(b);
        expect(deriveKey(form, a, "t") === deriveKey(form, b, "t")).toBe(isSame);
      }),
    );
  });

  test("is undone by fillFrom()", () => {
    fc.assert(
      fc.property(parts, (data) => {
        expect(fillFrom(form, deriveKey(form, data, "t") ?? "", {})).toEqual(data);
      }),
    );
  });
});

describe("formOf()", () => {
  test.each([
    { key: "cdc:x", found: true },
    { key: "cdc:", found: false },
    { key: "cdcx:1", found: false },
    { key: "", found: false },
  ])("of $key", ({ key, found }) => {
    expect(formOf([form], key) === form).toBe(found);
  });
});

describe("formText()", () => {
  test("reads as people write it", () => {
    expect(formText(keyed("sku", "sku", "location?"))).toBe("sku:{sku}:{location or -}");
  });
});
