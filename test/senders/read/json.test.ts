import { describe, expect, test } from "vitest";
import {
  JSON_CONTAINERS_MAX,
  JSON_DEPTH_MAX,
  listOf,
  parseJson,
  parseJsonList,
  parseJsonText,
} from "#src/senders/read/json.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

describe("parseJson()", () => {
  test.each<[string, string, unknown]>([
    ["an object", '{"a":[1,"b",null,true]}', { a: [1, "b", null, true] }],
    ["a body with a byte order mark", '\uFEFF{"a":1}', { a: 1 }],
    ["the last safe integer as a number", "9007199254740991", 9_007_199_254_740_991],
    ["the first beyond it as its digits", "9007199254740992", "9007199254740992"],
    ["the first beyond it below zero", "-9007199254740992", "-9007199254740992"],
    ["64 bits", '{"lsn":18446744073709551615}', { lsn: "18446744073709551615" }],
    ["a fraction as a number", "12345678901234567.5", 12_345_678_901_234_568],
    ["an exponent as a number", "1e300", 1e300],
    ["digits that are text already", '"9007199254740992"', "9007199254740992"],
    ["brackets in text, however many", `"${"[".repeat(100)}"`, "[".repeat(100)],
    ["quotes in text", String.raw`"\"[\"[\\"`, '"["[\\'],
  ])("reads %s", (_name, text, value) => {
    expect(parseJson(bytes(text))).toEqual({ ok: true, value });
  });

  test.each<[string, Uint8Array, string]>([
    ["no bytes", bytes(""), "json"],
    ["two texts", bytes("{}{}"), "json"],
    ["bytes that are not UTF-8", Uint8Array.of(0x22, 0xff, 0x22), "utf8"],
    ["NaN", bytes("NaN"), "json"],
    ["one level too many", bytes("[".repeat(65) + "]".repeat(65)), "depth"],
    ["levels without end", bytes("[".repeat(1_000_000)), "depth"],
    ["more objects than it may hold", bytes(`[${"{},".repeat(250_000)}{}]`), "length"],
    ["more lists than it may hold", bytes(`{"a":[${"[],".repeat(250_000)}[]]}`), "length"],
  ])("refuses %s", (_name, body, rule) => {
    expect(parseJson(body)).toMatchObject({ ok: false, refusal: [{ path: "", rule }] });
  });

  test("takes as many levels as it may, side by side without end", () => {
    const deep = "[".repeat(JSON_DEPTH_MAX) + "]".repeat(JSON_DEPTH_MAX);
    expect(parseJsonText(deep)).toMatchObject({ ok: true });
    expect(parseJsonText(`[${"{},".repeat(1000)}{}]`)).toMatchObject({ ok: true });
    expect(parseJsonText(`[${"{},".repeat(JSON_CONTAINERS_MAX - 2)}{}]`)).toMatchObject({
      ok: true,
    });
  });
});

describe("listOf(), parseJsonList()", () => {
  test.each<[string, string, readonly unknown[]]>([
    ["a list", "[1,2]", [1, 2]],
    ["a value as a list of itself", '{"a":1}', [{ a: 1 }]],
    ["null as a list of itself", "null", [null]],
  ])("reads %s", (_name, text, list) => {
    expect(parseJsonList(bytes(text), 2)).toEqual({ ok: true, value: list });
  });

  test.each([
    ["an empty list", "[]", "length"],
    ["a list too long", "[1,2,3]", "length"],
    ["no JSON", "[", "json"],
  ])("refuses %s", (_name, text, rule) => {
    expect(parseJsonList(bytes(text), 2)).toMatchObject({ ok: false, refusal: [{ rule }] });
  });

  test.each<[string, string]>([
    ["before it is parsed", "[1,2,3"],
    ["beside blanks", " \n[1,2,3]"],
    ["of lists", "[[],[],[]]"],
  ])("counts a list %s", (_name, text) => {
    expect(parseJsonList(bytes(text), 2)).toEqual({
      ok: false,
      refusal: [{ path: "", rule: "length", message: "Must have at most 2 items" }],
    });
  });

  test.each([
    ["in text", '["a,b,c",2]'],
    ["further in", "[[1,2,3],[4,5,6]]"],
    ["of an object", '{"a":1,"b":2,"c":3}'],
  ])("counts no commas %s", (_name, text) => {
    expect(parseJsonList(bytes(text), 2)).toMatchObject({ ok: true });
  });

  test("counts what is a list already", () => {
    expect(listOf([1, 2], 2)).toEqual({ ok: true, value: [1, 2] });
  });
});
