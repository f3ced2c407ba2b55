import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { distributorRules } from "#src/core/distributor/rules.ts";
import { runLineTold } from "#src/core/distributor/run-line.ts";
import { readView } from "#src/core/distributor/view.ts";
import type { DispatchedLine } from "#src/core/ledger/line.ts";
import type { Move } from "#src/core/subject/move.ts";
import { settle, settleMove } from "#src/core/subject/settle.ts";
import type { Arrival } from "#src/core/subject/state.ts";
import { runs } from "../../support/runs.ts";
import { again, arrive, NOW_MS, retold } from "../support/events.ts";
import { MemoryStore } from "../support/memory-store.ts";

const DUE_MS = NOW_MS + 1000;
const OURS = "O1:level:1:B";

const line = (given: Partial<DispatchedLine> = {}): Move => ({
  kind: "line",
  event_id: "evt_sale",
  occurred_ms: 7,
  line: {
    line_id: OURS,
    distributor_id: "B",
    order_id: "O1",
    component: "level",
    level: 1,
    depth: 1,
    rate_ppm: 50_000,
    amount_minor: 400,
    reversed_minor: 0,
    currency: "USD",
    bucket: "held",
    period_id: "2026-07",
    effective_ms: 7,
    available_ms: DUE_MS,
    rounding: "half_even",
    returned: [0, 25_000],
    ver: 1,
    computation: 1,
    ...given,
  },
});

const REFUND = { ver: 2, reversed_minor: 160, returned: [10_000, 25_000] } as const;
const PENDING = { bucket: "pending", available_ms: null } as const;
const DUE: Move = { kind: "due", line_id: OURS };

/** Each from a source of its own: no stream has a say in who comes first. */
const from = (source: string) => ({ source, id: `of ${source}`, key: "dist:B", seq: 1 });

const released = () => arrive("commission.released", from("releases"), { line_id: OURS });
const reversed = () =>
  arrive("commission.reversed", from("reversals"), {
    line_id: "R1",
    reverses_line_id: OURS,
    amount_minor: 100,
  });
const posted = (line_id: string, data: object = {}) =>
  arrive("commission.posted", from(`core ${line_id}`), {
    line_id,
    order_id: "O1",
    component: "level",
    level: 1,
    amount_minor: 300,
    available_at: "2027-01-01T00:00:00Z",
    ...data,
  });

type Step = Move | Arrival;

const isMove = (step: Step): step is Move => "kind" in step;

function play(steps: readonly Step[]): MemoryStore {
  const store = MemoryStore.enrolled();
  const desk = { store, rules: distributorRules, nowMs: DUE_MS };
  for (const step of steps) {
    if (isMove(step)) settleMove(step, desk);
    else settle(step, desk);
  }
  return store;
}

/** Balances of the distributor's buckets, lines as mirrored, and how each event stands. */
function ended(store: MemoryStore) {
  const balances = Object.entries(readView(store.view()).balances).flatMap(([account, sums]) =>
    Object.entries(sums)
      .filter(([, sum]) => sum !== "0" && account !== "exp:commission")
      .map(([currency, sum]) => [`${account} ${currency}`, Number(sum)] as const),
  );
  const lines = new Map<string, string>();
  const outcomes = new Map<string, string>();
  for (const { effects, event, outcome, code } of store.entries) {
    for (const { line_id, state, amount_minor, reversed_minor } of effects.lines ?? []) {
      lines.set(line_id, `${line_id} ${state} ${amount_minor}-${reversed_minor}`);
    }
    if (event !== undefined && outcome !== "duplicate") {
      outcomes.set(event.source, code ?? String(outcome));
    }
  }
  return {
    balances: Object.fromEntries(balances),
    lines: [...lines.values()].toSorted(),
    outcomes: Object.fromEntries(outcomes),
  };
}

const breaksOf = (store: MemoryStore) =>
  new Set(
    store.entries.flatMap(({ effects }) => effects.breaks?.map((each) => each.break_id) ?? []),
  );

const shuffled = (steps: readonly Step[]) =>
  fc
    .tuple(fc.subarray([...steps]), fc.boolean())
    .map(([some, isRetold]) =>
      some.map((step) => (isMove(step) ? step : isRetold ? retold(step) : again(step))),
    )
    .chain((more) =>
      fc.shuffledSubarray([...steps, ...more], { minLength: steps.length + more.length }),
    );

interface Ends {
  readonly name: string;
  readonly steps: readonly Step[];
  readonly balances: object;
  readonly lines: readonly string[];
  readonly outcomes: object;
  readonly breaks?: readonly string[];
}

describe("a line of ours that the core speaks of, in any order with repeats", () => {
  test.each<Ends>([
    {
      name: "is released by its word (P4)",
      steps: [line(), released()],
      balances: { "dist:B:available USD": -400 },
      lines: [`${OURS} available 400-0`],
      outcomes: { releases: "applied" },
    },
    {
      name: "is released once, by cron and by the core, and what is left of it",
      steps: [line(), line(REFUND), released(), DUE],
      balances: { "dist:B:available USD": -240 },
      lines: [`${OURS} available 400-160`],
      outcomes: { releases: "applied" },
    },
    {
      name: "is replaced by a line of another name, whose release is another",
      steps: [line(), released(), posted("L1")],
      balances: { "dist:B:held USD": -300 },
      lines: ["L1 held 300-0", `${OURS} superseded 400-0`],
      outcomes: { releases: "applied", "core L1": "applied" },
    },
    {
      name: "is replaced by a line of its name, which its release is of then",
      steps: [line(), released(), posted(OURS)],
      balances: { "dist:B:available USD": -300 },
      lines: [`${OURS} available 300-0`],
      outcomes: { releases: "applied", [`core ${OURS}`]: "applied" },
    },
    {
      name: "is not released while it is provisional",
      steps: [line(PENDING), released()],
      balances: { "dist:B:pending USD": -400 },
      lines: [`${OURS} pending 400-0`],
      outcomes: { releases: "line_provisional" },
    },
    {
      name: "is not released where another stands for what was provisional",
      steps: [line(PENDING), released(), posted("L1")],
      balances: { "dist:B:held USD": -300 },
      lines: ["L1 held 300-0", `${OURS} superseded 400-0`],
      outcomes: { releases: "line_provisional", "core L1": "applied" },
    },
    {
      name: "makes room for the core's of its name, which is released",
      steps: [line(PENDING), released(), posted(OURS)],
      balances: { "dist:B:available USD": -300 },
      lines: [`${OURS} available 300-0`],
      outcomes: { releases: "applied", [`core ${OURS}`]: "applied" },
    },
    {
      name: "is the gateway's to reverse",
      steps: [line(), reversed()],
      balances: { "dist:B:held USD": -400 },
      lines: [`${OURS} held 400-0`],
      outcomes: { reversals: "line_of_gateway" },
    },
    {
      name: "is the gateway's to reverse, and the core's of its name is the core's",
      steps: [line(), reversed(), posted(OURS)],
      balances: { "dist:B:held USD": -200 },
      lines: [`${OURS} held 300-100`],
      outcomes: { reversals: "applied", [`core ${OURS}`]: "applied" },
    },
    {
      name: "gives way to one in another currency, and a person is told",
      steps: [line(), posted("L1", { currency: "EUR" })],
      balances: { "dist:B:held EUR": -300 },
      lines: ["L1 held 300-0", `${OURS} superseded 400-0`],
      outcomes: { "core L1": "applied" },
      breaks: ["CURRENCY:L1"],
    },
    {
      name: "may have two of the core's for it: both stand, and a person is told",
      steps: [line(), posted("L1"), posted("L2", { amount_minor: 50 })],
      balances: { "dist:B:held USD": -350 },
      lines: ["L1 held 300-0", "L2 held 50-0", `${OURS} superseded 400-0`],
      outcomes: { "core L1": "applied", "core L2": "applied" },
      breaks: [`DUPLICATE_LINE:${OURS}`],
    },
    {
      name: "is void, and replaced all the same",
      steps: [line(PENDING), posted("L1"), { kind: "void", line_id: OURS }],
      balances: { "dist:B:held USD": -300 },
      lines: ["L1 held 300-0", `${OURS} superseded 400-0`],
      outcomes: { "core L1": "applied" },
    },
  ])("$name", ({ steps, balances, lines, outcomes, breaks = [] }) => {
    fc.assert(
      fc.property(shuffled(steps), (order) => {
        const store = play(order);
        expect(ended(store)).toEqual({ balances, lines, outcomes });
        expect([...breaksOf(store)]).toEqual(breaks);
      }),
      { numRuns: runs(60) },
    );
  });

  test("of a period's run is released, whichever came first", () => {
    const told = {
      line_id: OURS,
      distributor_id: "B",
      component: "pool",
      rate_ppm: null,
      amount_minor: 400,
      currency: "USD",
      bucket: "held",
      period_id: "2026-07",
      effective_ms: 7,
      available_ms: DUE_MS,
      ver: 1,
    } as const;
    const move: Move = { kind: "run_line", run_id: "close:main:2026-07", line: told };
    expect(runLineTold(move, MemoryStore.enrolled())?.writes.at(-1)?.put).toBe("met");
    for (const steps of [
      [move, released()],
      [released(), move],
    ]) {
      expect(ended(play(steps)).balances).toEqual({ "dist:B:available USD": -400 });
    }
  });
});

describe("the breaks of the core's lines", () => {
  const detailOf = (...steps: readonly Step[]) =>
    play(steps).entries.flatMap(({ effects }) => effects.breaks ?? []);

  test("name both, whichever came first", () => {
    const pairs: readonly (readonly [Step[], string])[] = [
      [
        [line(), posted("L1", { currency: "EUR" })],
        `The core's line "L1" is in EUR, ours "${OURS}" in USD`,
      ],
      [
        [posted("L1"), posted("L2", { amount_minor: 50 })],
        'The core has more than one line for this: "L1" of 300 USD and "L2" of 50 USD',
      ],
    ];
    for (const [steps, detail] of pairs) {
      for (const order of [steps, steps.toReversed()]) {
        expect(detailOf(...order).map((each) => each.detail)).toEqual([detail]);
      }
    }
  });

  test("are none where a run that was done again took the line before back", () => {
    const back = arrive("commission.reversed", from("reversals"), {
      line_id: "R1",
      reverses_line_id: "L1",
      amount_minor: 300,
    });
    const store = play([line(), posted("L1"), back, posted("L2"), line(REFUND)]);
    expect(breaksOf(store)).toEqual(new Set());
    // It is the one that stands whose reversal is missed.
    const late = { store, rules: distributorRules, nowMs: DUE_MS + 72 * 3_600_000 };
    settleMove(DUE, late);
    expect([...breaksOf(store)]).toEqual(["MISSING_REVERSAL:L2:160"]);
  });

  test("leave the mirror the core's row where a line of ours has its name", () => {
    const store = play([
      line(PENDING),
      posted("L1"),
      posted(OURS),
      line({ ...PENDING, ...REFUND }),
    ]);
    expect(ended(store).lines).toContain(`${OURS} held 300-0`);
  });
});
