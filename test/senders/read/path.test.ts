import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { at, parsePath, scalarText } from "#src/senders/read/path.ts";
import { runs } from "../../support/runs.ts";

describe("parsePath()", () => {
  test.each([
    ["a", [{ name: "a" }]],
    ["a.b-c d.$e", [{ name: "a" }, { name: "b-c d" }, { name: "$e" }]],
    ["a[0].b", [{ name: "a" }, { place: 0 }, { name: "b" }]],
    ["[12]", [{ place: 12 }]],
    ["a[0][1]", [{ name: "a" }, { place: 0 }, { place: 1 }]],
    ["m[key=rep id].value", [{ name: "m" }, { where: "key", is: "rep id" }, { name: "value" }]],
    ["m[key=]", [{ name: "m" }, { where: "key", is: "" }]],
    ["m[a.b=c.d]", [{ name: "m" }, { where: "a.b", is: "c.d" }]],
  ])("takes %s apart", (path, segments) => {
    expect(parsePath(path)).toEqual(segments);
  });

  test.each([
    "",
    ".",
    ".a",
    "a.",
    "a..b",
    "a[",
    "a]",
    "a[]",
    "a[x]",
    "a[-1]",
    "a[=b]",
    "a[0",
    "[[0]]",
  ])("refuses %j", (path) => {
    expect(parsePath(path)).toBeUndefined();
    expect(at({ a: { b: 1 } }, path)).toBeUndefined();
  });

  test("refuses what is longer than anybody writes", () => {
    expect(parsePath("a".repeat(256))).toBeDefined();
    expect(parsePath("a".repeat(257))).toBeUndefined();
    expect(parsePath("[1000000]")).toBeUndefined();
  });
});

describe("at()", () => {
  const told = {
    customer: { id: 7, name: null },
    lines: [{ sku: "A" }, { sku: "B" }],
    meta: [{ key: "x", value: 1 }, 5, { key: 2, value: { a: 3 } }, { key: true, value: 4 }],
    json: '{"order":{"id":"9007199254740993","n":9007199254740993}}',
    list: '[{"sku":"C"}]',
    text: "{not json}",
  };

  test.each<[string, unknown]>([
    ["customer.id", 7],
    ["customer.name", null],
    ["lines[1].sku", "B"],
    ["meta[key=x].value", 1],
    ["meta[key=2].value.a", 3],
    ["meta[key=true].value", 4],
    ["json.order.n", "9007199254740993"],
    ["list[0].sku", "C"],
    ["customer", told.customer],
    ["text", "{not json}"],
    ["json", told.json],
  ])("finds %s", (path, value) => {
    expect(at(told, path)).toEqual(value);
  });

  test.each([
    "absent",
    "customer.absent",
    "customer.id.deeper",
    "customer[0]",
    "lines[2]",
    "lines.sku",
    "lines.length",
    "meta[key=y].value",
    "text.a",
    "constructor",
    "customer.toString",
    "__proto__",
    "lines[key=undefined]",
  ])("finds nothing at %s", (path) => {
    expect(at(told, path)).toBeUndefined();
  });

  test("finds every member by its path, and never throws", () => {
    const name = fc.string({ minLength: 1 }).filter((text) => !/[.[\]]/.test(text));
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 5 }), (names) => {
        const value = names.reduceRight<unknown>((inner, key) => ({ [key]: inner }), 1);
        expect(at(value, names.join("."))).toBe(1);
      }),
      { numRuns: runs(200) },
    );
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), (value, path) => {
        expect(() => at(value, path)).not.toThrow();
      }),
      { numRuns: runs(300) },
    );
  });
});

describe("scalarText()", () => {
  test.each<[unknown, string | undefined]>([
    ["", ""],
    ["a", "a"],
    [1.5, "1.5"],
    [false, "false"],
    [null, undefined],
    [undefined, undefined],
    [{}, undefined],
    [["a"], undefined],
  ])("of %j is %j", (value, text) => {
    expect(scalarText(value)).toBe(text);
  });
});

describe("at(), of what was asked for before", () => {
  const item = { key: "a", value: 1 };

  test("finds the first of several items alike", () => {
    const told = { m: [{ key: "b" }, item, { key: "a", value: 2 }] };
    for (const _ of [1, 2]) expect(at(told, "m[key=a].value")).toBe(1);
    expect(at(told, "m[value=2].key")).toBe("a");
  });

  test("tells one list from another, and one text from another", () => {
    for (const value of [1, 2]) {
      expect(at({ m: [{ key: "a", value }] }, "m[key=a].value")).toBe(value);
      expect(at({ text: `{"a":{"b":${value}}}` }, "text.a.b")).toBe(value);
      expect(at(`{"a":${value}}`, "a")).toBe(value);
    }
    const two = { x: '{"a":1}', y: '{"a":2}' };
    expect([at(two, "x.a"), at(two, "y.a")]).toEqual([1, 2]);
  });
});
