import { describe, expect, test } from "vitest";
import { nameIn, namingIn, sayName } from "#src/core/reconciliation/naming.ts";

describe("nameIn()", () => {
  test.each([
    [{ line_id: ".." }, ".."],
    [{ line_id: 7 }, "7"],
    [{ line_id: "" }, undefined],
    [{ line_id: "L\n1" }, undefined],
    [{ line_id: "L".repeat(129) }, undefined],
    [{ line_id: null }, undefined],
    [{}, undefined],
    [null, undefined],
    ["L-1", undefined],
  ])("of %j is %j", (item, name) => {
    expect(nameIn(item, "line_id")).toBe(name);
  });

  test("is said as JSON", () => {
    expect(sayName("line_id", { line_id: 'L-"1"' })).toBe(String.raw`line_id "L-\"1\""`);
  });
});

describe("namingIn()", () => {
  const fault = (path: string) => ({ path, rule: "unique", message: "Must be there once only" });
  const body = { items: [{ line_id: "L-1" }, { distributor_id: "42" }, { seq: 3 }, "?"] };

  test.each([
    ["items[0].line_id", 'Must be there once only (line_id "L-1")'],
    ["items[1].balances.held.USD", 'Must be there once only (distributor_id "42")'],
    ["items[2]", 'Must be there once only (seq "3")'],
    ["items[3]", "Must be there once only"],
    ["items[9]", "Must be there once only"],
    ["items", "Must be there once only"],
    ["epoch", "Must be there once only"],
  ])("says whose %s is", (path, message) => {
    expect(namingIn(body)(fault(path))).toEqual({ ...fault(path), message });
  });

  test("bears an answer that is none", () => {
    expect(namingIn(null)(fault("items[0]"))).toEqual(fault("items[0]"));
  });
});
