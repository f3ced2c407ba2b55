import { describe, expect, test } from "vitest";
import { equalBytes, fromBase64, fromHex } from "#src/senders/verify/bytes.ts";

describe("fromBase64()", () => {
  test("reads what is padded and canonical", () => {
    expect(fromBase64("+/8=")).toEqual(Uint8Array.of(0xfb, 0xff));
  });
  test.each(["", "+/8", "+/9=", "-_8=", " +/8=", "+/8=\n", "A===", "=AAA", "AAAAA"])(
    "refuses %j",
    (text) => {
      expect(fromBase64(text)).toBeUndefined();
    },
  );
});

describe("fromHex()", () => {
  test("reads either case", () => {
    expect(fromHex("00aFFa")).toEqual(Uint8Array.of(0, 0xaf, 0xfa));
  });
  test.each(["", "0", "0g", "0x00", " 00", "00\n"])("refuses %j", (text) => {
    expect(fromHex(text)).toBeUndefined();
  });
});

describe("equalBytes()", () => {
  test.each([
    [[1, 2, 3], [1, 2, 3], true],
    [[1, 2, 3], [0, 2, 3], false],
    [[1, 2, 3], [1, 2, 2], false],
    [[1, 2, 3], [1, 2], false],
    [[], [], true],
  ])("compares %j with %j: %s", (ours, theirs, equal) => {
    expect(equalBytes(Uint8Array.from(ours), Uint8Array.from(theirs))).toBe(equal);
  });
});
