import { describe, expect, test } from "vitest";
import { compareClose, suspended, type ToldClose } from "#src/core/runs/compare.ts";
import type { Fingerprint } from "#src/core/reconciliation/digest.ts";

const told = (parts: Partial<ToldClose> = {}): ToldClose => ({
  period_id: "2026-07",
  epoch: 0,
  rev: "1",
  totals: { USD: 1600 },
  lines: 4,
  digest: "abcd",
  ...parts,
});
const found = (parts: Partial<Fingerprint> = {}, digest = "abcd") => ({
  fingerprint: { lines: 4, totals: { USD: "1600" }, sum: "00", ...parts },
  digest,
});
const classes = (...given: Parameters<typeof compareClose>) =>
  compareClose(...given).map((one) => one.class);

describe("compareClose()", () => {
  test("finds nothing where sum, number and digest agree", () => {
    expect(compareClose(told(), found())).toEqual([]);
    expect(compareClose(told({ digest: "ABCD" }), found())).toEqual([]);
  });

  test("says of a total what each side has", () => {
    expect(compareClose(told({ totals: { USD: 1601, EUR: 5 } }), found())).toEqual([
      {
        break_id: "PERIOD_TOTALS:2026-07:0.1",
        class: "PERIOD_TOTALS",
        reference: "2026-07",
        detail: "The core has 5 EUR, the mirror 0; The core has 1601 USD, the mirror 1600",
      },
    ]);
  });

  test.each([
    { name: "a line too many", given: told({ lines: 3 }), expected: ["PERIOD_LINES"] },
    { name: "another digest", given: told({ digest: "ef" }), expected: ["PERIOD_DIGEST"] },
    {
      name: "both, the digest left out where it can only differ",
      given: told({ lines: 3, totals: {}, digest: "ef" }),
      expected: ["PERIOD_TOTALS", "PERIOD_LINES"],
    },
    { name: "a currency of nothing", given: told({ totals: { USD: 1600, EUR: 0 } }), expected: [] },
  ])("finds $name", ({ given, expected }) => {
    expect(classes(given, found())).toEqual(expected);
  });

  test("tells totals beyond 2^53 apart", () => {
    const most = told({ totals: { USD: Number.MAX_SAFE_INTEGER } });
    expect(classes(most, found({ totals: { USD: "9007199254740992" } }))).toEqual([
      "PERIOD_TOTALS",
    ]);
  });
});

test("suspense must be nothing in every currency", () => {
  expect(suspended(told(), [{ currency: "USD", amount: "0" }])).toEqual([]);
  expect(
    suspended(told(), [
      { currency: "EUR", amount: "0" },
      { currency: "USD", amount: "-12" },
    ]),
  ).toMatchObject([{ class: "PERIOD_SUSPENSE", detail: "suspense:recon is -12 USD" }]);
});
