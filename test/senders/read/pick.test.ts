import { describe, expect, test } from "vitest";
import type { Form } from "#src/senders/read/shapes.ts";
import {
  Conditions,
  decimalText,
  findAt,
  holds,
  instantText,
  Pick,
  pickAll,
  pickOne,
  type Told,
} from "#src/senders/read/pick.ts";

const told: Told = {
  payload: {
    id: 7,
    status: "paid",
    empty: "",
    none: null,
    no: false,
    zero: 0,
    total: "58.40",
    currency: "eur",
    customer: { id: "c-1" },
  },
  about: { type: "order.paid", op: "u", before: { status: "open" }, list: [1] },
};

const as = (raw: unknown, form: Form, more: { scale?: number; currency?: unknown } = {}) => {
  const { currency = "EUR", ...scale } = more;
  return pickOne({ path: "raw", as: form, ...scale }, { payload: { raw }, about: {} }, currency);
};

describe("findAt()", () => {
  test.each<[string, unknown]>([
    ["customer.id", "c-1"],
    ["$type", "order.paid"],
    ["$before.status", "open"],
    ["$list[0]", 1],
    ["none", undefined],
    ["empty", ""],
    ["zero", 0],
    ["type", undefined],
    ["$id", undefined],
    ["$before.absent", undefined],
    ["$constructor", undefined],
  ])("finds %s: %j", (path, value) => {
    expect(findAt(told, path)).toEqual(value);
  });
});

describe("a pick", () => {
  test.each([
    ["a path", "a.b[0]"],
    ["what is told of it", "$before.status"],
    ["a form", { path: "a", as: "instant_ms" }],
    ["several paths", { path: ["a", "$b"], default: null }],
    ["words", { path: "a", values: { open: "placed", yes: true } }],
    ["a value", { value: { a: [1] } }],
  ])("is %s", (_name, pick) => {
    expect(Pick.safeParse(pick).success).toBe(true);
  });

  test.each([
    ["no path", "a..b"],
    ["an empty one", ""],
    ["$ alone", "$"],
    ["$ before no path", "$a..b"],
    ["no path among several", { path: ["a", "b["] }],
    ["an unknown form", { path: "a", as: "date" }],
    ["a scale below zero", { path: "a", as: "decimal_bytes", scale: -1 }],
    ["a path and a value", { path: "a", value: 1 }],
    ["a member it does not know", { path: "a", fallback: 1 }],
    ["nothing", {}],
  ])("is not %s", (_name, pick) => {
    expect(Pick.safeParse(pick).success).toBe(false);
  });
});

describe("pickOne()", () => {
  test.each<[string, Pick, unknown]>([
    ["a path", "status", "paid"],
    ["the first of several that finds something", { path: ["absent", "none", "id"] }, 7],
    ["false and 0, which are something", { path: ["no", "id"] }, false],
    ["a default", { path: "absent", default: "x" }, "x"],
    ["a default that is null", { path: "absent", default: null }, null],
    ["nothing", { path: "absent" }, undefined],
    ["a word of ours", { path: "status", values: { paid: "confirmed" } }, "confirmed"],
    ["null, where a word says so", { path: "status", values: { paid: null } }, null],
    ["null, where other words are that", { path: "status", values: {}, default: null }, null],
    ["a default for other words", { path: "status", values: { x: 1 }, default: "?" }, "?"],
    ["other words as they are", { path: "status", values: { x: 1 } }, "paid"],
    ["words of numbers and booleans", { path: "no", values: { false: "open" } }, "open"],
    ["no word of what has parts", { path: "customer", values: { x: 1 } }, { id: "c-1" }],
    ["no inherited word", { path: "status", values: {} }, "paid"],
    ["a value", { value: [1] }, [1]],
  ])("finds %s", (_name, pick, value) => {
    expect(pickOne(pick, told)).toEqual(value);
  });
});

describe("pickAll()", () => {
  test("finds the currency before the money, and leaves out what finds nothing", () => {
    const picks = {
      amount_minor: { path: "total", as: "decimal" as const },
      note: "absent",
      currency: { path: "currency", as: "currency" as const },
    };
    expect(pickAll(picks, told)).toEqual({ amount_minor: 5840, currency: "EUR" });
  });

  test("takes the currency that is known already", () => {
    const picks = { amount_minor: { path: "total", as: "decimal" as const } };
    expect(pickAll(picks, told, { currency: "KWD" })).toEqual({ amount_minor: 58_400 });
  });
});

describe("a form", () => {
  test.each<[Form, unknown, unknown]>([
    ["text", 7, "7"],
    ["text", true, "true"],
    ["integer", "42", 42],
    ["integer", -3, -3],
    ["integer", "9223372036854775807", "9223372036854775807"],
    ["boolean", "true", true],
    ["boolean", 0, false],
    ["boolean", 1, true],
    ["boolean", "0", false],
    ["currency", "eur", "EUR"],
    ["points", "12.5", 1250],
    ["points", 3, 300],
    ["instant", "2026-07-25T19:20:50.123456+02:00", "2026-07-25T17:20:50.123Z"],
    ["instant", "1960-02-29", "1960-02-29T00:00:00.000Z"],
    ["instant_s", 1_785_000_050, "2026-07-25T17:20:50.000Z"],
    ["instant_ms", "1785000050123", "2026-07-25T17:20:50.123Z"],
    ["instant_us", 1_785_000_050_123_456, "2026-07-25T17:20:50.123Z"],
    ["instant_ns", "1785000050123456789", "2026-07-25T17:20:50.123Z"],
    ["instant_us", -1, "1969-12-31T23:59:59.999Z"],
    ["instant_us", -1000, "1969-12-31T23:59:59.999Z"],
    ["day", 20_659, "2026-07-25T00:00:00.000Z"],
    ["day", -3653, "1960-01-01T00:00:00.000Z"],
  ])("%s of %j is %j", (form, raw, value) => {
    expect(as(raw, form)).toEqual(value);
  });

  test.each<[Form, unknown]>([
    ["text", { a: 1 }],
    ["integer", "1.5"],
    ["integer", "1e3"],
    ["integer", true],
    ["integer", ""],
    ["boolean", "yes"],
    ["boolean", 2],
    ["currency", ["EUR"]],
    ["points", "12.345"],
    ["points", { a: 1 }],
    ["instant", "yesterday"],
    ["instant", 1_785_000_050],
    ["instant_ms", "2026-07-25"],
    ["instant_ms", 1e18],
    ["instant_s", 1.5],
    ["day", 99_999_999],
    ["decimal", "12.345"],
    ["decimal", "12,50"],
    ["decimal", true],
    ["decimal_bytes", "no base64"],
    ["decimal_bytes", 500],
    ["decimal_bytes", "AAAAAAAAAAAAAAAAAAAAAAAA"],
    ["decimal_bytes", { scale: "x", value: "AfQ=" }],
    ["decimal_bytes", { scale: 21, value: "AfQ=" }],
  ])("%s is not taken by %j, which is handed on as it is", (form, raw) => {
    expect(as(raw, form, { scale: 2 })).toEqual(raw);
  });

  test.each<[string, unknown, number]>([
    ["EUR", "58.40", 5840],
    ["EUR", 58.4, 5840],
    ["EUR", "-0.05", -5],
    ["JPY", "400", 400],
    ["JPY", "400.00", 400],
    ["KWD", "1.250", 1250],
    ["CLF", "1.2500", 12_500],
  ])("decimal of %s %j is %j minor units", (currency, raw, minor) => {
    expect(as(raw, "decimal", { currency })).toBe(minor);
  });

  test.each<[string, unknown, number, string, number]>([
    ["500 of scale 2", "AfQ=", 2, "EUR", 500],
    ["-500 of scale 2", "/gw=", 2, "EUR", -500],
    ["500 of scale 0", "AfQ=", 0, "JPY", 500],
    ["500 of scale 0 in cents", "AfQ=", 0, "EUR", 50_000],
    ["5 of scale 2", "BQ==", 2, "EUR", 5],
    ["0", "AA==", 2, "EUR", 0],
    ["500 of scale 4", "AfQ=", 4, "EUR", 5],
    ["a scale of its own", { scale: 2, value: "AfQ=" }, 0, "EUR", 500],
  ])("decimal_bytes of %s", (_name, raw, scale, currency, minor) => {
    expect(as(raw, "decimal_bytes", { scale, currency })).toBe(minor);
  });

  test("of money is not taken without a currency, or by one that nobody knows", () => {
    expect(as("5.00", "decimal", { currency: "XXX" })).toBe("5.00");
    expect(as("5.00", "decimal", { currency: 978 })).toBe("5.00");
    expect(pickOne({ path: "total", as: "decimal" }, told)).toBe("58.40");
  });
});

describe("holds()", () => {
  test.each<[Conditions, boolean]>([
    [{}, true],
    [{ status: "paid" }, true],
    [{ status: "open" }, false],
    [{ status: ["open", "paid"] }, true],
    [{ status: "paid", $op: "u" }, true],
    [{ status: "paid", $op: "d" }, false],
    [{ $op: "u", "$before.status": "open" }, true],
    [{ id: 7 }, true],
    [{ id: "7" }, true],
    [{ no: false }, true],
    [{ no: "false" }, true],
    [{ zero: 0 }, true],
    [{ none: null }, true],
    [{ absent: null }, true],
    [{ status: null }, false],
    [{ status: [null, "paid"] }, true],
    [{ empty: "" }, true],
    [{ empty: null }, false],
    [{ customer: "[object Object]" }, false],
    [{ customer: null }, false],
    [{ $list: "1" }, false],
  ])("%j: %j", (conditions, isHeld) => {
    expect(Conditions.safeParse(conditions).success).toBe(true);
    expect(holds(conditions, told)).toBe(isHeld);
  });

  test("knows no condition at no path", () => {
    expect(Conditions.safeParse({ "a..b": 1 }).success).toBe(false);
    expect(Conditions.safeParse({ a: [] }).success).toBe(false);
  });
});

describe("what senders use of it", () => {
  test("decimalText() prints numbers and keeps text", () => {
    expect([0.1, "1.50", null, {}].map(decimalText)).toEqual(["0.1", "1.50", "", ""]);
  });

  test("instantText() writes no moment before 1970", () => {
    expect(instantText(0)).toBe("1970-01-01T00:00:00.000Z");
    const none = [-1, 0.5, Number.NaN, 253_402_300_800_000, undefined];
    expect(none.map(instantText)).toEqual(none.map(() => undefined));
  });
});
