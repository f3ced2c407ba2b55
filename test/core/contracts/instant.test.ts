import { runs } from "../../support/runs.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatInstant, parseInstant, parseInstantOrDay } from "#src/core/contracts/instant.ts";

describe("parseInstant()", () => {
  test.each([
    { text: "2026-07-25T17:20:00Z", ms: 1_785_000_000_000 },
    { text: "2026-07-25t17:20:00z", ms: 1_785_000_000_000 },
    { text: "2026-07-25T19:20:00+02:00", ms: 1_785_000_000_000 },
    { text: "2026-07-25T11:50:00-05:30", ms: 1_785_000_000_000 },
    { text: "2026-07-25T17:20:00.5Z", ms: 1_785_000_000_500 },
    { text: "2026-07-25T17:20:00.123999999Z", ms: 1_785_000_000_123 },
    { text: "1969-12-31T23:59:59.999Z", ms: -1 },
    { text: "2000-02-29T00:00:00Z", ms: 951_782_400_000 },
    { text: "2024-02-29T23:59:59+00:00", ms: 1_709_251_199_000 },
    { text: "0000-01-01T00:00:00Z", ms: -62_167_219_200_000 },
    { text: "9999-12-31T23:59:59.999Z", ms: 253_402_300_799_999 },
  ])("reads $text", ({ text, ms }) => {
    expect(parseInstant(text)).toBe(ms);
  });

  test.each([
    "",
    "2026-07-25",
    "2026-07-25 17:20:00Z",
    "2026-07-25T17:20:00",
    "2026-07-25T17:20Z",
    "2026-07-25T17:20:00.Z",
    "2026-07-25T17:20:00.1234567890Z",
    "2026-07-25T24:00:00Z",
    "2026-07-25T17:60:00Z",
    "2016-12-31T23:59:60Z",
    "2026-00-10T00:00:00Z",
    "2026-13-10T00:00:00Z",
    "2026-04-31T00:00:00Z",
    "2026-02-29T00:00:00Z",
    "1900-02-29T00:00:00Z",
    "2026-07-00T00:00:00Z",
    "2026-07-25T17:20:00+24:00",
    "2026-07-25T17:20:00+02:60",
    "2026-07-25T17:20:00+0200",
    "0000-01-01T00:00:00+00:01",
    "9999-12-31T23:59:59-00:01",
    "+2026-07-25T17:20:00Z",
    "2026-07-25T17:20:00Z\n",
    "٢٠٢٦-07-25T17:20:00Z",
  ])("refuses %s", (text) => {
    expect(parseInstant(text)).toBeUndefined();
  });

  test("agrees with the calendar of the platform, both ways", () => {
    const instants = fc.date({
      min: new Date("0000-01-01T00:00:00Z"),
      max: new Date("9999-12-31T23:59:59.999Z"),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(instants, (date) => {
        expect(parseInstant(date.toISOString())).toBe(date.getTime());
        expect(formatInstant(date.getTime())).toBe(date.toISOString());
      }),
      { numRuns: runs(1000) },
    );
  });
});

describe("parseInstantOrDay()", () => {
  test.each([
    { text: "2026-01-31", ms: 1_769_817_600_000 },
    { text: "2026-01-31T00:00:00Z", ms: 1_769_817_600_000 },
    { text: "2026-02-30", ms: undefined },
    { text: "2026-1-31", ms: undefined },
  ])("reads $text as $ms", ({ text, ms }) => {
    expect(parseInstantOrDay(text)).toBe(ms);
  });
});

describe("formatInstant()", () => {
  test.each([0.5, Number.NaN, Infinity, 253_402_300_800_000, -62_167_219_200_001])(
    "throws at %s",
    (ms) => {
      expect(() => formatInstant(ms)).toThrow("outside the years");
    },
  );
});
