import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalJson } from "#src/core/canonical.ts";
import type { Json } from "#src/core/json.ts";

const json = () => fc.jsonValue({ maxDepth: 4 });

describe("canonicalJson()", () => {
  // RFC 8785 §3.2.2 and §3.2.3.
  test("writes the example of RFC 8785", () => {
    const given = JSON.parse(`{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\"\\/",
      "literals": [null, true, false]
    }`);
    expect(canonicalJson(given)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  test("sorts the names of RFC 8785's example by UTF-16 code units", () => {
    const given = {
      "€": "Euro Sign",
      "\r": "Carriage Return",
      "\uFB33": "Hebrew Letter Dalet With Dagesh",
      "1": "One",
      "\u{1F600}": "Emoji: Grinning Face",
      "\u0080": "Control",
      ö: "Latin Small Letter O With Diaeresis",
    };
    expect(Object.values(JSON.parse(canonicalJson(given)))).toHaveLength(7);
    const order = ["\r", "1", "\u0080", "ö", "€", "\u{1F600}", "\uFB33"];
    const places = order.map((name) => canonicalJson(given).indexOf(`${JSON.stringify(name)}:`));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(places).not.toContain(-1);
  });

  // RFC 8785 appendix B: bits of a double, and the text they have.
  test.each([
    ["0000000000000000", "0"],
    ["8000000000000000", "0"],
    ["0000000000000001", "5e-324"],
    ["8000000000000001", "-5e-324"],
    ["7fefffffffffffff", "1.7976931348623157e+308"],
    ["ffefffffffffffff", "-1.7976931348623157e+308"],
    ["4340000000000000", "9007199254740992"],
    ["c340000000000000", "-9007199254740992"],
    ["4430000000000000", "295147905179352830000"],
    ["44b52d02c7e14af5", "9.999999999999997e+22"],
    ["44b52d02c7e14af6", "1e+23"],
    ["44b52d02c7e14af7", "1.0000000000000001e+23"],
    ["444b1ae4d6e2ef4e", "999999999999999700000"],
    ["444b1ae4d6e2ef4f", "999999999999999900000"],
    ["444b1ae4d6e2ef50", "1e+21"],
    ["3eb0c6f7a0b5ed8c", "9.999999999999997e-7"],
    ["3eb0c6f7a0b5ed8d", "0.000001"],
    ["41b3de4355555553", "333333333.3333332"],
    ["41b3de4355555557", "333333333.33333343"],
    ["becbf647612f3696", "-0.0000033333333333333333"],
    ["43143ff3c1cb0959", "1424953923781206.2"],
  ])("writes the double %s as %s", (bits, text) => {
    expect(canonicalJson(Buffer.from(bits, "hex").readDoubleBE())).toBe(text);
  });

  test.each<{ name: string; given: Json; text: string }>([
    { name: "an empty object", given: {}, text: "{}" },
    { name: "an empty list", given: [], text: "[]" },
    {
      name: "nesting",
      given: { b: [{ d: 1, c: 2 }], a: {} },
      text: '{"a":{},"b":[{"c":2,"d":1}]}',
    },
    { name: "names that look like numbers", given: { 10: 1, 9: 2 }, text: '{"10":1,"9":2}' },
    { name: "case", given: { a: 1, B: 2, A: 3 }, text: '{"A":3,"B":2,"a":1}' },
    { name: "a name that is a prefix", given: { ab: 1, a: 2 }, text: '{"a":2,"ab":1}' },
    {
      name: "control characters",
      given: "\b\t\n\f\r\u0000\u001f",
      text: '"\\b\\t\\n\\f\\r\\u0000\\u001f"',
    },
    {
      name: "what JavaScript could escape",
      given: "\u007f\u2028\u2029/",
      text: '"\u007f\u2028\u2029/"',
    },
    { name: "unnormalised text", given: "A\u030a", text: '"A\u030a"' },
    {
      name: "a member named __proto__",
      given: JSON.parse('{"__proto__":1}'),
      text: '{"__proto__":1}',
    },
  ])("writes $name", ({ given, text }) => {
    expect(canonicalJson(given)).toBe(text);
  });

  test("leaves out members without a value", () => {
    expect(canonicalJson({ a: 1, b: undefined })).toBe('{"a":1}');
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, undefined])("throws at %s", (given) => {
    expect(() => canonicalJson(given)).toThrow("Assertion failed");
  });

  test("says the same, whatever order members come in", () => {
    const reversed = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(reversed);
      if (typeof value !== "object" || value === null) return value;
      const members = Object.entries(value).map(([name, member]) => [name, reversed(member)]);
      return Object.fromEntries(members.toReversed());
    };
    fc.assert(
      fc.property(json(), (value) => {
        const text = canonicalJson(value);
        expect(canonicalJson(reversed(value))).toBe(text);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
