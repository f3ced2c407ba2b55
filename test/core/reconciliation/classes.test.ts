import { expect, test } from "vitest";
import { classesOf, detailOf } from "#src/core/reconciliation/classes.ts";
import type { CoreLine } from "#src/core/reconciliation/core-line.ts";
import { differenceOf, type LocalLine } from "#src/core/reconciliation/differ.ts";
import { coreLine, localLine } from "./support.ts";

test.each<{ core: Partial<CoreLine>; local: Partial<LocalLine>; classes: readonly string[] }>([
  { core: { amount_minor: 401 }, local: {}, classes: ["AMOUNT"] },
  { core: {}, local: { reversed_minor: 1 }, classes: ["STATUS"] },
  { core: { amount_minor: 401 }, local: { reversed_minor: 2 }, classes: ["AMOUNT", "STATUS"] },
  { core: { status: "available", effective_ms: 5 }, local: {}, classes: ["STATUS", "TIMING"] },
  { core: { currency: "EUR", amount_minor: 1 }, local: {}, classes: ["CURRENCY"] },
])("$classes", ({ core, local, classes }) => {
  const found = differenceOf(coreLine(core), localLine(local));
  expect(found && classesOf(found)).toEqual(classes);
});

test("a line on one side alone", () => {
  const [missing, extra] = [differenceOf(coreLine(), null), differenceOf(null, localLine())];
  expect([missing && classesOf(missing), extra && classesOf(extra)]).toEqual([
    ["MISSING_LOCAL"],
    ["EXTRA_LOCAL"],
  ]);
  expect(extra && detailOf(extra)).toBe(
    "The core has nothing; the mirror 400 USD, reversed 0, held, of 2026-07-21T13:20:00.000Z",
  );
});
