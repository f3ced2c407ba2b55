import { generateKeyPairSync, sign, verify } from "node:crypto";
import { describe, expect, test } from "vitest";
import { fromDer } from "#src/senders/verify/ecdsa.ts";

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex.replaceAll(" ", ""), "hex"));
const hexOf = (raw: Uint8Array | undefined) => raw && Buffer.from(raw).toString("hex");

describe("fromDer", () => {
  test.each([
    ["short numbers", "3006 0201 01 0201 02", "00000001 00000002"],
    ["a number that needs a zero before it", "3008 0203 008001 0201 02", "00008001 00000002"],
    ["a zero", "3006 0201 00 0201 02", "00000000 00000002"],
    ["numbers of full width", "300d 0205 00ffffffff 0204 7fffffff", "ffffffff 7fffffff"],
  ])("reads %s", (_name, der, raw) => {
    expect(hexOf(fromDer(bytes(der), 4))).toBe(raw.replace(" ", ""));
  });

  test.each([
    ["nothing", ""],
    ["no sequence", "3106 0201 01 0201 02"],
    ["a length too short", "3005 0201 01 0201 02"],
    ["something behind it", "3006 0201 01 0201 02 00"],
    ["something inside behind the numbers", "3008 0201 01 0201 02 0500"],
    ["a long form of length", "308106 0201 01 0201 02"],
    ["no integer", "3006 0301 01 0201 02"],
    ["an integer without bytes", "3005 0200 0201 02"],
    ["a negative number", "3006 0201 80 0201 02"],
    ["a zero too many", "3007 0202 0001 0201 02"],
    ["a number too wide", "300a 0205 0100000000 0201 02"],
    ["one number alone", "3003 0201 01"],
  ])("refuses %s", (_name, der) => {
    expect(fromDer(bytes(der), 4)).toBeUndefined();
  });

  test.each([
    ["P-256", "sha256", 32],
    ["P-384", "sha384", 48],
  ] as const)("gives of %s what Node gives side by side", (namedCurve, hash, width) => {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve });
    for (let time = 0; time < 200; time += 1) {
      const text = Buffer.from(String(time));
      const raw = fromDer(sign(hash, text, privateKey), width);
      expect(raw?.length).toBe(width * 2);
      const key = { key: publicKey, dsaEncoding: "ieee-p1363" } as const;
      expect(verify(hash, text, key, raw ?? new Uint8Array(0))).toBe(true);
    }
  });
});
