import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseForm } from "#src/senders/read/form.ts";

const parse = (text: string) => parseForm(new TextEncoder().encode(text));

describe("parseForm()", () => {
  test.each<readonly [string, unknown]>([
    ["a=1", { a: "1" }],
    ["a=1&b=2", { a: "1", b: "2" }],
    ["a", { a: "" }],
    ["a=", { a: "" }],
    ["=1", { "": "1" }],
    ["a=b=c", { a: "b=c" }],
    ["&a=1&&b=2&", { a: "1", b: "2" }],
    ["a+b=c+d", { "a b": "c d" }],
    ["a=1%2B1%3D2%26", { a: "1+1=2&" }],
    ["n=Zo%C3%AB+%F0%9F%98%80", { n: "Zoë 😀" }],
    ["n=Zoë", { n: "Zoë" }],
    ["\uFEFFa=1", { a: "1" }],
    ["contact%5Bid%5D=101&contact[email]=a%40b", { contact: { id: "101", email: "a@b" } }],
    ["c[fields][3]=Berlin&c[fields][7]=x", { c: { fields: { 3: "Berlin", 7: "x" } } }],
    ["a[b][c][d][e][f][g][h]=1", { a: { b: { c: { d: { e: { f: { g: { h: "1" } } } } } } } }],
    ["t[]=a&t[]=b", { t: { 0: "a", 1: "b" } }],
    ["t[1]=a&t[]=b&t[]=c", { t: { 1: "a", 2: "b", 3: "c" } }],
    ["t[][x]=a&t[][x]=b", { t: { 0: { x: "a" }, 1: { x: "b" } } }],
    ["a=1&a=2&a=3", { a: ["1", "2", "3"] }],
    ["a[b]=1&a[b]=2", { a: { b: ["1", "2"] } }],
    ["a[b=1", { "a[b": "1" }],
    ["a]b=1", { "a]b": "1" }],
    ["a[b]c=1", { "a[b]c": "1" }],
    ["[b]=1", { "[b]": "1" }],
    ["a[[b]]=1", { "a[[b]]": "1" }],
  ])("reads %s", (text, value) => {
    expect(parse(text)).toEqual({ ok: true, value });
  });

  test.each([
    ["nothing", "", "form"],
    ["nothing but ampersands", "&&&", "form"],
    ["a percent sign alone", "a=100%", "form"],
    ["a code cut short", "a=%4", "form"],
    ["a code that is no hex", "a=%zz", "form"],
    ["a bad code in a name", "%zz=1", "form"],
    ["codes that are not UTF-8", "a=%ff%fe", "form"],
    ["half of a surrogate pair", "a=%ED%A0%80", "form"],
    ["a value that has members", "a=1&a[b]=2", "form"],
    ["members that have a value", "a[b]=2&a=1", "form"],
    ["members of a value deeper down", "a[b]=1&a[b][c]=2", "form"],
    ["nine levels", `a${"[b]".repeat(8)}=1`, "depth"],
    ["a thousand fields and one", "a=1&".repeat(1001), "length"],
  ])("refuses %s", (_name, text, rule) => {
    expect(parse(text)).toMatchObject({ ok: false, refusal: [{ path: "", rule }] });
  });

  test("takes a thousand fields", () => {
    const text = Array.from({ length: 1000 }, (_, at) => `f${at}=${at}`).join("&");
    const parsed = parse(text);
    expect(parsed.ok && Object.keys(parsed.value)).toHaveLength(1000);
  });

  test("refuses bytes that are not UTF-8", () => {
    expect(parseForm(Uint8Array.of(0x61, 0x3d, 0xff))).toMatchObject({
      ok: false,
      refusal: [{ rule: "utf8" }],
    });
  });

  test.each([
    "__proto__[polluted]=1",
    "__proto__=1",
    "constructor[prototype][polluted]=1",
    "a[__proto__][polluted]=1&a[b]=2",
    "a[constructor]=1&a[toString]=2&a[hasOwnProperty]=3",
  ])("keeps names that objects have apart: %s", (text) => {
    const parsed = parse(text);
    expect(parsed.ok).toBe(true);
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
    expect(Reflect.get({}, "polluted")).toBeUndefined();
    const value: object = parsed.ok ? parsed.value : {};
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    const [name = ""] = text.split(/[[=]/);
    expect(Object.keys(value)).toContain(name);
  });

  test("reads back what URLSearchParams writes", () => {
    const name = fc.string({ minLength: 1 }).filter((text) => !/[[\]]/.test(text));
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 20 }), (names) => {
        const pairs = names.map((text, at) => [text, `${at} ${text}`] as const);
        const parsed = parse(new URLSearchParams(pairs.map((pair) => [...pair])).toString());
        expect(parsed.ok && new Map(Object.entries(parsed.value))).toEqual(new Map(pairs));
      }),
    );
  });

  test("never throws, whatever it is given", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(parseForm(bytes)).toHaveProperty("ok");
      }),
    );
  });
});
