import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { DispatchedLine, LineState } from "#src/core/ledger/line.ts";
import {
  expectedReversal,
  freeOwn,
  newLine,
  type OwnChange,
  type OwnLine,
  releaseOwn,
  REVERSAL_MS_MAX,
  supersede,
  toldAgain,
  voidOwn,
} from "#src/core/ledger/own-line.ts";
import { runs } from "../../support/runs.ts";

const NOW_MS = 1_000_000;
const DUE_MS = 2_000_000;

const told = (given: Partial<DispatchedLine> = {}): DispatchedLine => ({
  line_id: "O1:level:1:B",
  distributor_id: "B",
  order_id: "O1",
  component: "level",
  level: 1,
  depth: 1,
  rate_ppm: 50_000,
  amount_minor: 400,
  reversed_minor: 0,
  currency: "USD",
  bucket: "pending",
  period_id: "2026-07",
  effective_ms: 0,
  available_ms: null,
  rounding: "half_even",
  returned: [0, 25_000],
  ver: 1,
  computation: 1,
  ...given,
});

const HELD = { bucket: "held", available_ms: DUE_MS } as const;

/** A line as it is kept, in a state of ours. */
const own = (state: LineState, given: Partial<DispatchedLine> = {}): OwnLine => {
  const { own: kept } = newLine(told(given), { nowMs: NOW_MS });
  const by = state === "superseded" ? { superseded_by: "L1" } : {};
  return { ...kept, line: { ...kept.line, state, due_ms: null }, ...by };
};

/** `rule debit credit amount` of each transfer. */
const rows = ({ transfers = [] }: Partial<OwnChange> = {}) =>
  transfers.map(
    ({ rule, debit, credit, amount_minor }) => `${rule} ${debit} ${credit} ${amount_minor}`,
  );

const shown = (change: OwnChange | undefined) => {
  if (change === undefined) return undefined;
  const { state, amount_minor, reversed_minor, due_ms } = change.own.line;
  return [state, amount_minor, reversed_minor, due_ms];
};

describe("newLine()", () => {
  test.each<{
    name: string;
    given?: Partial<DispatchedLine>;
    supersededBy?: string;
    line: unknown[];
    posted: string[];
    isBackdated?: boolean;
  }>([
    {
      name: "a provisional line (PL)",
      line: ["pending", 400, 0, null],
      posted: ["PL exp:commission dist:B:pending 400"],
    },
    {
      name: "one in its holdback",
      given: HELD,
      line: ["held", 400, 0, DUE_MS],
      posted: ["PL exp:commission dist:B:held 400"],
    },
    {
      name: "one that is payable at once",
      given: { bucket: "available" },
      line: ["available", 400, 0, null],
      posted: ["PL exp:commission dist:B:available 400"],
    },
    {
      name: "one that was taken back in part before it was told",
      given: { reversed_minor: 160, ver: 2 },
      line: ["pending", 400, 160, null],
      posted: ["PL exp:commission dist:B:pending 400", "P5 dist:B:pending exp:commission 160"],
    },
    {
      name: "one of nothing",
      given: { amount_minor: 0 },
      line: ["pending", 0, 0, null],
      posted: [],
    },
    {
      name: "one whose core's line came first",
      supersededBy: "L1",
      line: ["superseded", 400, 0, null],
      posted: [],
    },
    {
      name: "one whose core's line came first, and its refund, too",
      given: { reversed_minor: 160 },
      supersededBy: "L1",
      line: ["superseded", 400, 160, NOW_MS + REVERSAL_MS_MAX],
      posted: [],
    },
    {
      name: "one of a later computation",
      given: { computation: 2 },
      line: ["pending", 400, 0, null],
      posted: ["PL exp:commission dist:B:pending 400"],
    },
    {
      name: "one of a later computation, where others were paid on: none",
      given: { computation: 2, bucket: "available", late: true },
      line: ["void", 0, 0, null],
      posted: [],
      isBackdated: true,
    },
  ])("takes in $name", ({ given, supersededBy, line, posted, isBackdated = false }) => {
    const by = supersededBy === undefined ? {} : { supersededBy };
    const change = newLine(told(given), { nowMs: NOW_MS, ...by });
    expect([shown(change), rows(change), change.isBackdated]).toEqual([line, posted, isBackdated]);
    expect(change.own.line).toMatchObject({ origin: "gateway", order_id: "O1", effective_ms: 0 });
  });
});

describe("toldAgain()", () => {
  const later = { ver: 2, computation: 2, returned: [10_000, 25_000] } as const;

  test.each<{
    name: string;
    before: OwnLine;
    given: Partial<DispatchedLine>;
    line?: unknown[];
    posted?: string[];
    isBackdated?: boolean;
  }>([
    { name: "the same again is nothing", before: own("pending"), given: {} },
    {
      name: "an older one is nothing",
      before: own("pending", { ver: 3, reversed_minor: 400 }),
      given: { ver: 2, reversed_minor: 160 },
    },
    {
      name: "a refund takes from where it is pending",
      before: own("pending"),
      given: { ver: 2, reversed_minor: 160 },
      line: ["pending", 400, 160, null],
      posted: ["P5 dist:B:pending exp:commission 160"],
    },
    {
      name: "a refund takes from where it is payable",
      before: own("available", HELD),
      given: { ...HELD, ver: 2, reversed_minor: 160 },
      line: ["available", 400, 160, null],
      posted: ["P5 dist:B:available exp:commission 160"],
    },
    {
      name: "a dispute that was won gives back",
      before: own("held", { ...HELD, reversed_minor: 160 }),
      given: { ...HELD, ver: 2 },
      line: ["held", 400, 0, null],
      posted: ["P5 exp:commission dist:B:held 160"],
    },
    {
      name: "a refund of what was replaced moves nothing, and the core's is looked at in time",
      before: own("superseded"),
      given: { ver: 2, reversed_minor: 160 },
      line: ["superseded", 400, 160, NOW_MS + REVERSAL_MS_MAX],
      posted: [],
    },
    {
      name: "a refund of what was void moves nothing",
      before: own("void"),
      given: { ver: 2, reversed_minor: 160, returned: [10_000, 25_000] },
      line: ["void", 400, 160, null],
      posted: [],
    },
    {
      name: "a new computation posts the difference",
      before: own("pending"),
      given: { ...later, amount_minor: 300, reversed_minor: 120 },
      line: ["pending", 300, 120, null],
      posted: ["PL dist:B:pending exp:commission 100", "P5 dist:B:pending exp:commission 120"],
    },
    {
      name: "a new computation leaves nothing",
      before: own("held", { ...HELD, reversed_minor: 160 }),
      given: { ...HELD, ...later, amount_minor: 0 },
      line: ["held", 0, 0, null],
      posted: ["PL dist:B:held exp:commission 400", "P5 exp:commission dist:B:held 160"],
    },
    {
      name: "a new computation of what was payable is a person's, its refund is not",
      before: own("available", HELD),
      given: { ...HELD, ...later, amount_minor: 300, reversed_minor: 120 },
      line: ["available", 400, 160, null],
      posted: ["P5 dist:B:available exp:commission 160"],
      isBackdated: true,
    },
    {
      name: "a new computation after the holdback is a person's, released or not",
      before: own("held", HELD),
      given: {
        ...HELD,
        ...later,
        bucket: "available",
        late: true,
        amount_minor: 300,
        reversed_minor: 120,
      },
      line: ["held", 400, 160, null],
      posted: ["P5 dist:B:held exp:commission 160"],
      isBackdated: true,
    },
    {
      name: "a refund after the holdback takes from where it is held",
      before: own("held", HELD),
      given: { ...HELD, bucket: "available", ver: 2, reversed_minor: 160 },
      line: ["held", 400, 160, null],
      posted: ["P5 dist:B:held exp:commission 160"],
    },
    {
      name: "a provisional line has no holdback",
      before: own("pending"),
      given: { ...later, bucket: "available", amount_minor: 300 },
      line: ["pending", 300, 0, null],
      posted: ["PL dist:B:pending exp:commission 100"],
    },
    {
      name: "a refund of what came too late to be paid moves nothing",
      before: newLine(told({ computation: 2, bucket: "available", late: true }), { nowMs: NOW_MS })
        .own,
      given: { ver: 2, computation: 2, reversed_minor: 160, returned: [10_000, 25_000] },
      line: ["void", 0, 0, null],
      posted: [],
    },
    {
      name: "a new computation that comes to the same is nobody's",
      before: own("available"),
      given: { ...later, reversed_minor: 160, depth: 2 },
      line: ["available", 400, 160, null],
      posted: ["P5 dist:B:available exp:commission 160"],
    },
    {
      name: "a new computation in another currency of what was payable is a person's",
      before: own("available", HELD),
      given: { ...HELD, ...later, currency: "EUR", reversed_minor: 160 },
      line: ["available", 400, 160, null],
      posted: ["P5 dist:B:available exp:commission 160"],
      isBackdated: true,
    },
    {
      name: "a new computation of what was replaced moves nothing",
      before: own("superseded"),
      given: { ...later, amount_minor: 300, returned: [0, 25_000] },
      line: ["superseded", 300, 0, null],
      posted: [],
    },
    {
      name: "a new computation of what was void is nothing any more",
      before: own("void"),
      given: { ...later, amount_minor: 300, returned: [0, 25_000] },
      line: ["void", 400, 0, null],
      posted: [],
    },
  ])("$name", ({ before, given, line, posted = [], isBackdated = false }) => {
    const change = toldAgain(before, told(given), NOW_MS);
    expect([shown(change), rows(change)]).toEqual([line, posted]);
    expect(change?.isBackdated ?? false).toBe(isBackdated);
    expect(change?.own.ver ?? given.ver).toBe(given.ver);
  });

  test("takes what is of another currency back in the one it was posted in", () => {
    const before = own("held", { ...HELD, reversed_minor: 160, returned: [10_000, 25_000] });
    const change = toldAgain(
      before,
      told({ ...HELD, ...later, currency: "EUR", amount_minor: 300, reversed_minor: 120 }),
      NOW_MS,
    );
    const sums = new Map<string, number>();
    for (const { credit, currency, amount_minor } of change?.transfers ?? []) {
      const sign = credit === "dist:B:held" ? 1 : -1;
      sums.set(currency, (sums.get(currency) ?? 0) + sign * amount_minor);
    }
    expect(Object.fromEntries(sums)).toEqual({ EUR: 180, USD: -240 });
    expect(change?.own.line.currency).toBe("EUR");
  });

  test("posts each return as of its own time, and a new computation as of each of them", () => {
    const returns = [
      [7, 10_000],
      [9, 25_000],
    ] as const;
    const both = { reversed_minor: 400, returned: [25_000, 25_000], returns } as const;
    const dates = ({ transfers = [] }: Partial<OwnChange> = {}) =>
      transfers.map(({ rule, amount_minor, effective_ms, credit }) =>
        [rule, credit === "exp:commission" ? -amount_minor : amount_minor, effective_ms].join(" "),
      );
    const first = toldAgain(own("pending"), told({ ver: 2, ...both }), NOW_MS);
    expect(dates(first)).toEqual(["P5 -160 7", "P5 -240 9"]);
    const kept = first?.own ?? own("pending");
    const more = { ver: 3, computation: 2, amount_minor: 300, ...both, reversed_minor: 300 };
    expect(dates(toldAgain(kept, told(more), NOW_MS))).toEqual(["PL -100 0", "P5 40 7", "P5 60 9"]);
    const late = newLine(told({ ...both, ver: 2 }), { nowMs: NOW_MS });
    expect(dates(late)).toEqual(["PL 400 0", "P5 -160 7", "P5 -240 9"]);
    // As lines were kept before their returns were dated.
    const { taken: _taken, ...undated } = kept;
    expect(dates(toldAgain(undated, told(more), NOW_MS))).toEqual([
      "PL -100 0",
      "P5 40 7",
      "P5 60 9",
    ]);
  });

  test("any order of the same tellings, with repeats, posts what the last one says", () => {
    const state = fc.record({ amount: fc.nat({ max: 500 }), share: fc.nat({ max: 100 }) });
    const states = fc.array(state, { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(states, fc.array(fc.nat(), { maxLength: 12 }), (each, order) => {
        const tellings = each.map(({ amount, share }, i) =>
          told({
            amount_minor: amount,
            reversed_minor: Math.floor((amount * share) / 100),
            ver: i + 1,
            computation: i + 1,
            returned: [share, 100],
          }),
        );
        const last = tellings.at(-1) ?? told();
        let kept: OwnLine | undefined;
        let sum = 0;
        for (const nth of [...order, ...tellings.keys()]) {
          const next = tellings[nth % tellings.length] ?? last;
          const change =
            kept === undefined ? newLine(next, { nowMs: NOW_MS }) : toldAgain(kept, next, NOW_MS);
          for (const { credit, amount_minor } of change?.transfers ?? []) {
            sum += credit === "dist:B:pending" ? amount_minor : -amount_minor;
          }
          kept = change?.own ?? kept;
        }
        expect(sum).toBe(last.amount_minor - last.reversed_minor);
        expect(kept?.line).toMatchObject({
          amount_minor: last.amount_minor,
          reversed_minor: last.reversed_minor,
        });
      }),
      { numRuns: runs(200) },
    );
  });
});

describe("supersede()", () => {
  test.each<{ name: string; before: OwnLine; line?: unknown[]; posted?: string[] }>([
    {
      name: "a provisional line: what is left of it is undone (P3)",
      before: own("pending", { reversed_minor: 160 }),
      line: ["superseded", 400, 160, NOW_MS + REVERSAL_MS_MAX],
      posted: ["P3 dist:B:pending exp:commission 240"],
    },
    {
      name: "one in its holdback",
      before: own("held", HELD),
      line: ["superseded", 400, 0, null],
      posted: ["P3 dist:B:held exp:commission 400"],
    },
    {
      name: "one of which nothing is left",
      before: own("pending", { reversed_minor: 400 }),
      line: ["superseded", 400, 400, NOW_MS + REVERSAL_MS_MAX],
      posted: [],
    },
    { name: "one that is replaced already: nothing", before: own("superseded") },
    {
      name: "one that is void: there is nothing left to undo",
      before: own("void", { reversed_minor: 160 }),
      line: ["superseded", 400, 160, NOW_MS + REVERSAL_MS_MAX],
    },
  ])("$name", ({ before, line, posted = [] }) => {
    const change = supersede(before, "L1", NOW_MS);
    expect([shown(change), rows(change)]).toEqual([line, posted]);
    expect(change?.own.superseded_by ?? "L1").toBe("L1");
  });
});

describe("releaseOwn()", () => {
  test.each<{ name: string; before: OwnLine; nowMs?: number; posted?: string[] }>([
    {
      name: "a held line in time (P4)",
      before: own("held", { ...HELD, reversed_minor: 160 }),
      posted: ["P4 dist:B:held dist:B:available 240"],
    },
    { name: "not a moment too soon", before: own("held", HELD), nowMs: DUE_MS - 1 },
    { name: "no line that is payable", before: own("available", HELD) },
    { name: "no line that is provisional", before: own("pending") },
    { name: "no line that is void", before: own("void", HELD) },
  ])("$name", ({ before, nowMs = DUE_MS, posted }) => {
    const change = releaseOwn(before, nowMs);
    expect(change === undefined ? undefined : rows(change)).toEqual(posted);
    expect(change?.own.line ?? { state: "available", due_ms: null }).toMatchObject({
      state: "available",
      due_ms: null,
    });
  });
});

describe("freeOwn()", () => {
  test.each<{ name: string; before: OwnLine; posted?: string[] }>([
    {
      name: "a held line before its time",
      before: own("held", { ...HELD, reversed_minor: 160 }),
      posted: ["P4 dist:B:held dist:B:available 240"],
    },
    { name: "no line that is payable", before: own("available", HELD) },
    { name: "no line that is provisional", before: own("pending") },
    { name: "no line that is replaced", before: own("superseded") },
  ])("$name", ({ before, posted }) => {
    const change = freeOwn(before);
    expect(change === undefined ? undefined : rows(change)).toEqual(posted);
  });
});

describe("voidOwn()", () => {
  test.each<{ name: string; before: OwnLine; posted?: string[] }>([
    {
      name: "a provisional line: what is left of it is undone",
      before: own("pending", { reversed_minor: 160 }),
      posted: ["PL dist:B:pending exp:commission 240"],
    },
    { name: "no line that is held", before: own("held", HELD) },
    { name: "no line that is payable", before: own("available") },
    { name: "no line that is replaced", before: own("superseded") },
    { name: "no line twice", before: own("void") },
  ])("$name", ({ before, posted }) => {
    const change = voidOwn(before);
    expect(change === undefined ? undefined : rows(change)).toEqual(posted);
    expect(change?.own.line.state ?? "void").toBe("void");
  });
});

test.each([
  { reversed_minor: 160, core: 400, expected: 160 },
  { reversed_minor: 160, core: 1000, expected: 400 },
  { reversed_minor: 1, core: 399, expected: 0 },
  { reversed_minor: 400, core: 401, expected: 401 },
])("of the core's $core, $expected should go back with our $reversed_minor of 400", (given) => {
  const { reversed_minor, core, expected } = given;
  expect(expectedReversal(own("superseded", { reversed_minor }), core)).toBe(expected);
});
