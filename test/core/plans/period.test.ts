import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatInstant, parseInstant } from "#src/core/contracts/instant.ts";
import { isTimeZone, nextPeriod, periodAt, periodOf } from "#src/core/plans/period.ts";
import type { PeriodRule } from "#src/core/plans/plan.ts";
import { runs } from "../../support/runs.ts";

const at = (text: string) => parseInstant(text) ?? Number.NaN;
const rule = (unit: PeriodRule["unit"], tz = "UTC"): PeriodRule => ({ unit, tz });
const told = ({ period_id, start_ms, end_ms }: ReturnType<typeof periodAt>) =>
  `${period_id} ${formatInstant(start_ms)} ${formatInstant(end_ms)}`.replaceAll(":00.000Z", "Z");

describe("periodAt()", () => {
  test.each<{ unit: PeriodRule["unit"]; tz?: string; when: string; is: string }>([
    {
      unit: "month",
      when: "2026-07-15T12:00:00Z",
      is: "2026-07 2026-07-01T00:00Z 2026-08-01T00:00Z",
    },
    {
      unit: "month",
      when: "2026-07-31T23:59:59.999Z",
      is: "2026-07 2026-07-01T00:00Z 2026-08-01T00:00Z",
    },
    {
      unit: "month",
      when: "2026-08-01T00:00:00Z",
      is: "2026-08 2026-08-01T00:00Z 2026-09-01T00:00Z",
    },
    {
      unit: "month",
      when: "2026-12-31T00:00:00Z",
      is: "2026-12 2026-12-01T00:00Z 2027-01-01T00:00Z",
    },
    {
      unit: "month",
      tz: "Europe/Berlin",
      when: "2026-06-30T22:00:00Z",
      is: "2026-07 2026-06-30T22:00Z 2026-07-31T22:00Z",
    },
    {
      unit: "month",
      tz: "Europe/Berlin",
      when: "2026-03-31T21:59:59Z",
      is: "2026-03 2026-02-28T23:00Z 2026-03-31T22:00Z",
    },
    {
      unit: "month",
      tz: "America/New_York",
      when: "2026-11-15T00:00:00Z",
      is: "2026-11 2026-11-01T04:00Z 2026-12-01T05:00Z",
    },
    {
      unit: "month",
      tz: "Asia/Kathmandu",
      when: "2026-07-01T00:00:00Z",
      is: "2026-07 2026-06-30T18:15Z 2026-07-31T18:15Z",
    },
    {
      unit: "month",
      tz: "Pacific/Kiritimati",
      when: "2026-06-30T10:00:00Z",
      is: "2026-07 2026-06-30T10:00Z 2026-07-31T10:00Z",
    },
    {
      unit: "semi_month",
      when: "2026-02-15T23:59:59Z",
      is: "2026-02-1 2026-02-01T00:00Z 2026-02-16T00:00Z",
    },
    {
      unit: "semi_month",
      when: "2028-02-16T00:00:00Z",
      is: "2028-02-2 2028-02-16T00:00Z 2028-03-01T00:00Z",
    },
    {
      unit: "week",
      when: "2026-07-22T12:00:00Z",
      is: "2026-W30 2026-07-20T00:00Z 2026-07-27T00:00Z",
    },
    {
      unit: "week",
      when: "2026-07-26T23:59:59Z",
      is: "2026-W30 2026-07-20T00:00Z 2026-07-27T00:00Z",
    },
    {
      unit: "week",
      when: "2027-01-03T00:00:00Z",
      is: "2026-W53 2026-12-28T00:00Z 2027-01-04T00:00Z",
    },
    {
      unit: "week",
      when: "2024-12-30T00:00:00Z",
      is: "2025-W01 2024-12-30T00:00Z 2025-01-06T00:00Z",
    },
    {
      unit: "week",
      when: "1969-12-31T00:00:00Z",
      is: "1970-W01 1969-12-29T00:00Z 1970-01-05T00:00Z",
    },
    {
      unit: "week",
      tz: "Europe/Berlin",
      when: "2026-03-29T12:00:00Z",
      is: "2026-W13 2026-03-22T23:00Z 2026-03-29T22:00Z",
    },
  ])("of $when by $unit in $tz is $is", ({ unit, tz, when, is }) => {
    expect(told(periodAt(rule(unit, tz), at(when)))).toBe(is);
  });

  test.each<{ name: string; unit: PeriodRule["unit"]; tz: string; when: string; is: string }>([
    {
      // Brazil set its clocks from 00:00 to 01:00 on Sunday, 16 October 2011.
      name: "begins at one where midnight is skipped",
      unit: "semi_month",
      tz: "America/Sao_Paulo",
      when: "2011-10-20T00:00:00Z",
      is: "2011-10-2 2011-10-16T03:00Z 2011-11-01T02:00Z",
    },
    {
      // Cuba sets its clocks from 01:00 to 00:00 on the first Sunday of November.
      name: "begins with the first of two midnights",
      unit: "month",
      tz: "America/Havana",
      when: "2020-11-01T05:30:00Z",
      is: "2020-11 2020-11-01T04:00Z 2020-12-01T05:00Z",
    },
    {
      // Newfoundland set its clocks from 00:01 to 23:01 of the day before, on 1 November 2009.
      name: "goes on where the clock shows the day before again",
      unit: "month",
      tz: "America/St_Johns",
      when: "2009-11-01T02:45:00Z",
      is: "2009-11 2009-11-01T02:30Z 2009-12-01T03:30Z",
    },
    {
      // Samoa left out the whole of 30 December 2011.
      name: "is a day shorter where the calendar leaves one out",
      unit: "week",
      tz: "Pacific/Apia",
      when: "2011-12-30T12:00:00Z",
      is: "2011-W52 2011-12-26T10:00Z 2012-01-01T10:00Z",
    },
  ])("$name", ({ unit, tz, when, is }) => {
    expect(told(periodAt(rule(unit, tz), at(when)))).toBe(is);
  });

  test.each(["0000-01-01T00:00:00.000Z", "0000-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"])(
    "answers for any instant that an event can bear: %s",
    (when) => {
      for (const tz of ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"]) {
        for (const unit of ["week", "semi_month", "month"] as const) {
          const period = periodAt(rule(unit, tz), at(when));
          expect(period.start_ms <= at(when) && at(when) < period.end_ms).toBe(true);
          expect(periodOf(rule(unit, tz), period.period_id)).toEqual(period);
        }
      }
    },
  );
});

const anyRule = fc.record({
  unit: fc.constantFrom<PeriodRule["unit"]>("week", "semi_month", "month"),
  tz: fc.constantFrom(
    ..."UTC Europe/Berlin America/New_York America/St_Johns America/Havana Asia/Kolkata".split(" "),
    ..."Africa/Cairo Pacific/Apia Pacific/Kiritimati America/Sao_Paulo Africa/Casablanca".split(
      " ",
    ),
    ..."Australia/Lord_Howe Asia/Tehran Pacific/Chatham Asia/Gaza Antarctica/Troll".split(" "),
  ),
});
const anyInstant = fc.integer({ min: at("1985-01-01T00:00:00Z"), max: at("2045-01-01T00:00:00Z") });

describe("nextPeriod()", () => {
  test("starts where the one before ends, year after year, in any zone", () => {
    fc.assert(
      fc.property(anyRule, anyInstant, (given, ms) => {
        let period = periodAt(given, ms);
        expect(period.start_ms <= ms && ms < period.end_ms).toBe(true);
        const seen = new Set([period.period_id]);
        for (let count = 0; count < 60; count += 1) {
          const next = nextPeriod(given, period);
          expect(next.start_ms).toBe(period.end_ms);
          expect(periodAt(given, next.end_ms - 1)).toEqual(next);
          expect(next.period_id > period.period_id).toBe(true);
          expect(seen.has(next.period_id)).toBe(false);
          seen.add(next.period_id);
          period = next;
        }
      }),
      { numRuns: runs(40) },
    );
  });
});

describe("periodOf()", () => {
  test("reads back every id that is written", () => {
    fc.assert(
      fc.property(anyRule, anyInstant, (given, ms) => {
        const period = periodAt(given, ms);
        expect(periodOf(given, period.period_id)).toEqual(period);
      }),
      { numRuns: runs(200) },
    );
  });

  test.each<{ unit: PeriodRule["unit"]; id: string }>([
    { unit: "month", id: "2026-13" },
    { unit: "month", id: "2026-00" },
    { unit: "month", id: "2026-7" },
    { unit: "month", id: "2026-07-1" },
    { unit: "month", id: "2026-W30" },
    { unit: "month", id: "" },
    { unit: "month", id: "July" },
    { unit: "semi_month", id: "2026-07" },
    { unit: "semi_month", id: "2026-07-3" },
    { unit: "week", id: "2026-W00" },
    { unit: "week", id: "2025-W53" },
    { unit: "week", id: "2026-W54" },
    { unit: "week", id: "2026-07" },
  ])("knows no $unit $id", ({ unit, id }) => {
    expect(periodOf(rule(unit), id)).toBeUndefined();
  });

  test("knows the 53rd week of a year that has one", () => {
    expect(periodOf(rule("week"), "2026-W53")?.start_ms).toBe(at("2026-12-28T00:00:00Z"));
  });
});

describe("isTimeZone()", () => {
  test.each([
    { name: "UTC", is: true },
    { name: "Europe/Berlin", is: true },
    { name: "America/Argentina/Buenos_Aires", is: true },
    { name: "Europe/Atlantis", is: false },
    { name: "+02:00", is: false },
    { name: "", is: false },
    { name: "CEST", is: false },
  ])("is $is for $name", ({ name, is }) => {
    expect(isTimeZone(name)).toBe(is);
  });
});
