import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseJsonText } from "#src/senders/read/json.ts";
import { JSON_TEXTS_MAX, parsedText, splitJsonTexts } from "#src/senders/read/json-texts.ts";
import { runs } from "../../support/runs.ts";

const split = (text: string, textsMax?: number) => splitJsonTexts(text, textsMax);

describe("splitJsonTexts()", () => {
  test.each<[string, string, readonly unknown[]]>([
    ["one object", '{"a":1}', [{ a: 1 }]],
    ["one array, as one", "[1,2]", [[1, 2]]],
    ["lines", '{"a":1}\n{"a":2}\n', [{ a: 1 }, { a: 2 }]],
    ["lines of Windows, and empty ones", '{"a":1}\r\n\r\n{"a":2}\r\n', [{ a: 1 }, { a: 2 }]],
    ["commas without brackets", '{"a":1},{"a":2} , {"a":3}', [{ a: 1 }, { a: 2 }, { a: 3 }]],
    ["nothing between", '{"a":1}{"a":2}[3]"4"', [{ a: 1 }, { a: 2 }, [3], "4"]],
    ["one over several lines", '{\n"a":\n1}\n[\n]', [{ a: 1 }, []]],
    ["braces in text", '{"a":"}{"}{"a":"]["}', [{ a: "}{" }, { a: "][" }]],
    ["quotes in text", String.raw`{"a":"\"}"}{"b":"\\"}`, [{ a: '"}' }, { b: "\\" }]],
    ["text ending in backslashes", String.raw`"\\\\""a"`, ["\\\\", "a"]],
    ["words and numbers", "true null 1\n-2.5e3,false", [true, null, 1, -2500, false]],
    ["words before containers", 'null{"a":1}1[2]true"x"', [null, { a: 1 }, 1, [2], true, "x"]],
    ["digits beyond 2^53", '{"a":9007199254740993}\n{}', [{ a: "9007199254740993" }, {}]],
  ])("takes apart %s", (_name, text, values) => {
    expect(split(text)).toEqual({ ok: true, value: values });
  });

  test.each([
    ["nothing", "", "", "length"],
    ["blanks alone", " \r\n\t", "", "length"],
    ["an object cut short", '{"a":1', "[0]", "json"],
    ["text cut short", '{"a":1}\n"b', "[1]", "json"],
    ["text that ends in a backslash", '"b\\', "[0]", "json"],
    ["brackets that do not fit", '{"a":[1}]', "[0]", "json"],
    ["a closing bracket too many", "{}}", "[1]", "json"],
    ["two words in one", "truefalse", "[0]", "json"],
    ["a comma first", ",{}", "[0]", "json"],
    ["a comma last", "{},", "", "json"],
    ["two commas", "{},,{}", "[1]", "json"],
    ["another separator", "{};{}", "[1]", "json"],
    ["text that is no JSON", "Struct{a=1}", "[0]", "json"],
    ["65 levels", `{}${"[".repeat(65)}${"]".repeat(65)}`, "[1]", "depth"],
    ["a blank that JSON does not know", "{}\u00A0{}", "[1]", "json"],
  ])("refuses %s", (_name, text, path, rule) => {
    expect(split(text)).toMatchObject({ ok: false, refusal: [{ path, rule }] });
  });

  test("takes as many as it may", () => {
    expect(split("1 2 3", 3)).toMatchObject({ ok: true });
    expect(split("1 2 3 4", 3)).toMatchObject({ ok: false, refusal: [{ rule: "length" }] });
    expect(split("{}".repeat(JSON_TEXTS_MAX))).toMatchObject({ ok: true });
    expect(split("{}".repeat(JSON_TEXTS_MAX + 1))).toMatchObject({ ok: false });
  });

  test("refuses a list of more than it takes, and millions of objects, before it parses", () => {
    expect(split("1[1,2,3]", 2)).toMatchObject({ refusal: [{ path: "[1]", rule: "length" }] });
    const many = `[[${"{},".repeat(100_000)}{}]]`;
    expect(split(many.repeat(2))).toMatchObject({ ok: true });
    expect(split(many.repeat(3))).toMatchObject({ refusal: [{ path: "", rule: "length" }] });
  });

  test("finds what was joined, whatever it was and however it was joined", () => {
    const value = fc.jsonValue({ maxDepth: 3 }).map((made) => JSON.stringify(made));
    const joint = fc.constantFrom("\n", ",", " , ", "\r\n", "\t");
    fc.assert(
      fc.property(fc.array(value, { minLength: 1 }), joint, (texts, between) => {
        const alone = texts.map((text) => parseJsonText(text));
        const result = split(texts.join(between));
        expect(result.ok && result.value).toEqual(alone.map((one) => one.ok && one.value));
      }),
      { numRuns: runs(300) },
    );
  });

  test("finds objects joined by nothing", () => {
    const value = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }));
    fc.assert(
      fc.property(fc.array(value, { minLength: 1 }), (values) => {
        const texts = values.map((made) => JSON.stringify(made));
        const result = split(texts.join(""));
        expect(result.ok && result.value).toHaveLength(texts.length);
      }),
      { numRuns: runs(300) },
    );
  });

  test("never throws", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(split(text)).toHaveProperty("ok");
      }),
      { numRuns: runs(500) },
    );
  });
});

describe("parsedText()", () => {
  test.each<[string, unknown, unknown]>([
    ["an object", ' {"a":1}', { a: 1 }],
    ["a list", "[1]", [1]],
    ["a number as it is", "1", "1"],
    ["text in quotes as it is", '"a"', '"a"'],
    ["what only begins like JSON as it is", "{a}", "{a}"],
    ["what is no text as it is", 7, 7],
    ["nothing as it is", null, null],
  ])("reads %s", (_name, value, parsed) => {
    expect(parsedText(value)).toEqual(parsed);
  });
});
