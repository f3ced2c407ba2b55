import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  asContradicted,
  CONTRADICTED,
  differ,
  type Difference,
  differenceOf,
  findingsOf,
  type FoundLine,
  isCompared,
  joinDifferences,
  type LocalLine,
} from "#src/core/reconciliation/differ.ts";
import type { CoreLine } from "#src/core/reconciliation/core-line.ts";
import { runs } from "../../support/runs.ts";
import { coreLine, localLine, PAST_MS } from "./support.ts";

const told = ({ line_id, kind, ...rest }: Difference) =>
  "members" in rest ? `${line_id} ${kind} ${rest.members.join(" ")}` : `${line_id} ${kind}`;

describe("differ()", () => {
  test.each<{ name: string; core?: Partial<CoreLine>; local?: Partial<LocalLine>; told: string[] }>(
    [
      { name: "what is alike", core: {}, local: {}, told: [] },
      { name: "a line only the core has", core: {}, told: ["L1 missing"] },
      { name: "a line only we have", local: {}, told: ["L1 extra"] },
      { name: "an amount", core: { amount_minor: 500 }, local: {}, told: ["L1 other left"] },
      {
        name: "a reversal",
        core: { reversals: [{ line_id: "R", amount_minor: 1 }] },
        local: {},
        told: ["L1 other left"],
      },
      {
        name: "what comes to the same by other ways",
        core: { amount_minor: 500, reversals: [{ line_id: "R", amount_minor: 100 }] },
        local: {},
        told: [],
      },
      { name: "a state", core: { status: "available" }, local: {}, told: ["L1 other status"] },
      { name: "a date", core: { effective_ms: 5 }, local: {}, told: ["L1 other effective"] },
      {
        name: "everything at once",
        core: { currency: "EUR", amount_minor: 1, status: "available", effective_ms: 5 },
        local: {},
        told: ["L1 other currency left status effective"],
      },
      {
        name: "the same line of somebody else",
        core: { distributor_id: "C" },
        local: {},
        told: ["L1 extra", "L1 missing"],
      },
      { name: "a line of the gateway's", local: { origin: "gateway" }, told: [] },
      { name: "a line that was put aside", local: { state: "void" }, told: [] },
    ],
  )("tells $name", ({ core, local, told: expected }) => {
    const found = differ(
      core === undefined ? [] : [coreLine(core)],
      local === undefined ? [] : [localLine(local)],
    );
    expect(found.differences.map(told)).toEqual(expected);
    expect(found.contradicted).toEqual([]);
  });

  test("counts what was looked at, and takes a line told twice alike for one", () => {
    const lines = [coreLine(), coreLine(), coreLine({ line_id: "L2" })];
    const { compared, told: names, differences } = differ(lines, [localLine({ line_id: "L3" })]);
    expect([compared, names]).toEqual([3, 2]);
    expect(differences.map(told)).toEqual(["L1 missing", "L2 missing", "L3 extra"]);
  });

  test("believes neither of two tellings of a core that contradicts itself", () => {
    const found = differ([coreLine(), coreLine({ amount_minor: 1 })], []);
    expect(found).toEqual({
      compared: 1,
      told: 1,
      differences: [],
      contradicted: [{ distributor_id: "B", line_id: "L1" }],
    });
  });
});

describe("isCompared()", () => {
  test("is true of lines that the core confirmed and that pay", () => {
    const states = ["pending", "held", "available", "superseded", "void"] as const;
    expect(states.filter((state) => isCompared({ origin: "core", state }))).toEqual([
      "held",
      "available",
    ]);
    expect(isCompared({ origin: "gateway", state: "held" })).toBe(false);
  });
});

describe("joinDifferences()", () => {
  const found = (core: CoreLine | null, local: LocalLine | null) => {
    const difference = differenceOf(core, local);
    return difference === undefined ? [] : [difference];
  };

  test("makes one of a line that only moved in time", () => {
    const missing = found(coreLine({ effective_ms: PAST_MS + 1 }), null);
    const extra = found(null, localLine());
    expect(joinDifferences(missing, extra).map(told)).toEqual(["L1 other effective"]);
    expect(joinDifferences(extra, missing).map(told)).toEqual(["L1 other effective"]);
  });

  test("forgets a difference that was none, and lets the later reading count", () => {
    const missing = found(coreLine(), null);
    expect(joinDifferences(missing, found(null, localLine()))).toEqual([]);
    const again = found(coreLine({ amount_minor: 7 }), null);
    expect(joinDifferences(missing, again)).toEqual(again);
  });

  const line = fc.record({ n: fc.nat({ max: 8 }), hour: fc.nat({ max: 3 }), amount: fc.nat(2) });
  const lines = fc.uniqueArray(line, { selector: ({ n }) => n });

  test("finds the same however the buckets are shared out over parts of a run", () => {
    fc.assert(
      fc.property(lines, lines, fc.nat({ max: 3 }), (theirs, ours, cut) => {
        const core = theirs.map(({ n, hour, amount }) =>
          coreLine({ line_id: `L${n}`, effective_ms: hour, amount_minor: amount }),
        );
        const local = ours.map(({ n, hour, amount }) =>
          localLine({ line_id: `L${n}`, effective_ms: hour, amount_minor: amount }),
        );
        const part = (isIn: (hour: number) => boolean) =>
          differ(
            core.filter(({ effective_ms }) => isIn(effective_ms)),
            local.filter(({ effective_ms }) => isIn(effective_ms)),
          ).differences;
        const early = part((hour) => hour <= cut);
        const late = part((hour) => hour > cut);
        const whole = differ(core, local).differences;
        expect(joinDifferences(early, late)).toEqual(whole);
        expect(joinDifferences(late, early)).toEqual(whole);
      }),
      { numRuns: runs(200) },
    );
  });
});

test("findingsOf() believes no line that the core told in two ways, and ours only where it counts", () => {
  const name = { distributor_id: "B", line_id: "L1" };
  const found = (core: FoundLine["core"], local: LocalLine | null) => {
    const { differences, contradicted } = findingsOf([{ ...name, core, local }]);
    return [differences.map(({ kind }) => kind), contradicted];
  };
  expect(found(coreLine(), null)).toEqual([["missing"], []]);
  // It was put aside meanwhile: the mirror has as good as none.
  expect(found(coreLine(), localLine({ state: "void" }))).toEqual([["missing"], []]);
  expect(found(null, localLine({ state: "void" }))).toEqual([[], []]);
  expect(found(coreLine(), localLine())).toEqual([[], []]);
  expect(found(CONTRADICTED, localLine())).toEqual([[], [name]]);
  expect(asContradicted(localLine())).toEqual({ ...name, core: CONTRADICTED, local: null });
});
