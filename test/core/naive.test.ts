import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Plan } from "#src/core/plans/plan.ts";
import { readEnvelope } from "#src/core/contracts/envelope.ts";
import { EVENT_TYPES } from "#src/core/contracts/catalogue.ts";
import { CURRENCIES } from "../support/histories/plan.ts";
import { type History, histories, shuffled, TENANT } from "../support/histories/history.ts";
import type { Mode } from "../support/naive/count.ts";
import type { PlainEvent } from "../support/naive/event.ts";
import type { NaiveLine } from "../support/naive/lines.ts";
import { naive, type NaiveResult } from "../support/naive/naive.ts";
import {
  coreStream,
  disputeClosed,
  disputed,
  enrolled,
  linked,
  moved,
  paid,
  placed,
  ranked,
  refunded,
  refundFailed,
  snapshot,
  statusChanged,
} from "../support/naive/told.ts";
import { WORKED, type Worked } from "../support/naive/worked.ts";
import { runs } from "../support/runs.ts";

const numbers = (balances: NaiveResult["balances"]) =>
  Object.fromEntries(
    Object.entries(balances).map(([currency, accounts]) => [
      currency,
      Object.fromEntries(Object.entries(accounts).map(([name, sum]) => [name, Number(sum)])),
    ]),
  );

const shown = ({ amount_minor, reversed_minor, ...line }: NaiveLine) => ({
  ...line,
  amount_minor: Number(amount_minor),
  reversed_minor: Number(reversed_minor),
});

const byId = (a: { readonly line_id: string }, b: { readonly line_id: string }) =>
  a.line_id < b.line_id ? -1 : 1;

const groupVolumes = ({ volumes }: NaiveResult) =>
  Object.fromEntries(
    Object.entries(volumes).map(([node, periods]) => [
      node,
      Object.fromEntries(
        Object.entries(periods).map(([period, { gv_x100 }]) => [period, Number(gv_x100)]),
      ),
    ]),
  );

function expectWorked(result: NaiveResult, worked: Worked): void {
  const { lines, superseded = [], breakage = [] } = worked;
  expect(numbers(result.balances)).toEqual(worked.balances);
  const live = result.lines.filter(({ state }) => state !== "superseded");
  expect(live.map(shown)).toEqual(lines.toSorted(byId));
  const gone = result.lines.filter(({ state }) => state === "superseded");
  expect(gone.map(({ line_id }) => line_id)).toEqual(superseded);
  expect(result.breakage.map((each) => [each.order_id, each.component, each.level])).toEqual(
    breakage,
  );
  const volumes = worked.gv_x100 === undefined ? undefined : groupVolumes(result);
  expect(volumes).toEqual(worked.gv_x100);
  expect([result.held, result.doubts]).toEqual([{}, []]);
}

/** Why an event would never have come in. */
function refusalOf(event: PlainEvent): string[] {
  const result = readEnvelope(event, { tenant: TENANT, source: "core" });
  return result.ok ? [] : [`${event.id}: ${JSON.stringify(result.refusal.errors)}`];
}

const ofWorked = ({ mode, plan, events }: Worked, order = events): NaiveResult =>
  naive({ tenant: TENANT, mode, plans: [plan], events: order });

describe("the naive calculator, by the worked examples of DOMAIN", () => {
  test.each(WORKED)("$name", (worked) => {
    expect(worked.events.flatMap(refusalOf)).toEqual([]);
    expectWorked(ofWorked(worked), worked);
    expectWorked(ofWorked(worked, worked.events.toReversed()), worked);
  });

  test("W13 applies nothing behind the gap until it closes", () => {
    const amounts = [100, 20, 3, 40, 500];
    const stream = coreStream(
      "B",
      amounts.map((amount_minor, i) => [
        "adjustment.posted",
        {
          line_id: `A${i}`,
          currency: "USD",
          amount_minor,
          reason_code: "promotion",
          effective_at: "2026-07-25",
          approved_by: "user:7",
        },
      ]),
    );
    const result = (events: readonly PlainEvent[]) => {
      const { balances, held } = count([enrolled("B"), ...events], { plans: [] });
      return [numbers(balances)["USD"]?.["dist:B:available"], held];
    };
    expect(result(stream.filter(({ seq }) => seq !== 3))).toEqual([
      -120,
      { "core-B-4": ["buffered"], "core-B-5": ["buffered"] },
    ]);
    expect(result(stream.toReversed())).toEqual([-663, {}]);
  });
});

const planOf = (given: Partial<Plan> = {}, walk: object = {}): Plan => ({
  plan_id: "main",
  version: 1,
  effective_from: "2026-01-01",
  currency: "USD",
  rounding: "half_even",
  holdback_days: 30,
  period: { unit: "month", tz: "UTC" },
  volume: { cv_to_money_ppm: 1_000_000 },
  eligibility: { statuses: ["active"], min_pv_x100: 5000 },
  ranks: [{ code: "Low" }, { code: "High" }],
  components: [
    {
      kind: "unilevel",
      code: "level",
      tree: "sponsor",
      max_level: 2,
      pool_ppm: 1_000_000,
      compression: "none",
      rates_ppm: { Low: [100_000], High: [100_000, 50_000] },
      ...walk,
    },
  ],
  ...given,
});

interface Given {
  readonly mode?: Mode;
  readonly plans?: readonly Plan[];
  readonly arrivals?: readonly string[];
}

const count = (
  events: readonly PlainEvent[],
  { mode = "mirror", plans = [planOf()], ...given }: Given = {},
): NaiveResult => naive({ tenant: TENANT, mode, plans, events, ...given });

/** T over S over A over the buyer B; net 100.00 and CV 100.00. */
const PEOPLE = [
  enrolled("T"),
  enrolled("S", { sponsor_id: "T" }),
  enrolled("A", { sponsor_id: "S" }),
  enrolled("B", { sponsor_id: "A" }),
];
const SALE = {
  order_id: "O1",
  currency: "USD",
  net_minor: 10_000,
  tax_minor: 800,
  shipping_minor: 200,
  amount_minor: 11_000,
  cv_x100: 10_000,
  pv_x100: 10_000,
  source_node: "B",
  order_kind: "store",
};
const AT = { occurred_at: "2026-07-10T12:00:00.000Z" };
const SOLD = paid("P1", SALE, AT);
const LATER = { occurred_at: "2026-07-20T12:00:00.000Z" };

const refund = (id: string, amount_minor: number, data: object = {}) =>
  refunded(id, { payment_id: "P1", currency: "USD", amount_minor, ...data }, LATER);

/** `A 1: 1000-0 pending`, without the superseded ones. */
const brief = ({ lines }: NaiveResult) =>
  lines.map(
    (line) =>
      `${line.distributor_id} ${line.level}/${line.depth}: ` +
      `${line.amount_minor}-${line.reversed_minor} ${line.state}`,
  );

const HIGH_S = ranked("S", "High");
const A_LINE = "A 1/1: 1000-0 pending";
const S_LINE = "S 2/2: 500-0 pending";

describe("who is paid for a sale", () => {
  test.each<{ name: string; events?: PlainEvent[]; walk?: object; lines: string[] }>([
    { name: "who has no rank as of the lowest", lines: [A_LINE] },
    { name: "by rank", events: [HIGH_S], lines: [A_LINE, S_LINE] },
    {
      name: "not by a rank of later",
      events: [ranked("S", "High", { occurred_at: "2026-07-11T00:00:00.000Z" })],
      lines: [A_LINE],
    },
    {
      name: "by the highest revision in force",
      events: [
        ranked("S", "Low", { rev: 9, occurred_at: "2026-02-01T00:00:00.000Z" }),
        ranked("S", "High", { rev: 10, occurred_at: "2026-01-01T00:00:00.000Z" }),
      ],
      lines: [A_LINE, S_LINE],
    },
    {
      name: "not who is suspended by then",
      events: [
        HIGH_S,
        statusChanged("A", { status: "suspended", effective_at: "2026-07-01", rev: 1 }),
      ],
      lines: [S_LINE],
    },
    {
      name: "who is suspended only later",
      events: [statusChanged("A", { status: "suspended", effective_at: "2026-08-01", rev: 1 })],
      lines: [A_LINE],
    },
    { name: "not who sold too little", events: [snapshot("A", 4999)], lines: [] },
    { name: "who sold enough", events: [snapshot("A", 5000)], lines: [A_LINE] },
    {
      name: "the next one in place of who is skipped",
      walk: { compression: "skip_inactive" },
      events: [snapshot("A", 0)],
      lines: ["S 1/2: 1000-0 pending"],
    },
    {
      name: "nobody below the compressing rank",
      walk: { compression: "skip_below_rank", compress_min_rank: "High" },
      events: [HIGH_S],
      lines: ["S 1/2: 1000-0 pending"],
    },
    {
      name: "whoever qualifies for the level",
      walk: { compression: "pay_to_qualified" },
      events: [ranked("T", "High")],
      lines: [A_LINE, "T 2/3: 500-0 pending"],
    },
    {
      name: "nobody for who does not qualify",
      walk: { source_must_qualify: true },
      events: [snapshot("B", 0)],
      lines: [],
    },
    {
      name: "in the tree that was moved by then",
      events: [
        moved("B", { tree: "sponsor", parent_id: "S", effective_at: "2026-07-01" }, { seq: 1 }),
      ],
      lines: ["S 1/1: 1000-0 pending"],
    },
    {
      name: "where the move put the buyer, whatever an enrolment says later",
      events: [
        enrolled("B", { sponsor_id: "A" }, { id: "again", rev: 5 }),
        moved("B", { tree: "sponsor", parent_id: "S", effective_at: "2026-07-01" }, { seq: 1 }),
      ],
      lines: ["S 1/1: 1000-0 pending"],
    },
    {
      name: "in the tree before the move",
      events: [
        moved("B", { tree: "sponsor", parent_id: "S", effective_at: "2026-08-01" }, { seq: 1 }),
      ],
      lines: [A_LINE],
    },
    {
      name: "by placement",
      walk: { tree: "placement" },
      events: [
        moved("B", { tree: "placement", parent_id: "S", effective_at: "2026-07-01" }, { seq: 1 }),
      ],
      lines: ["S 1/1: 1000-0 pending"],
    },
    {
      name: "by sponsor where there is no placement",
      walk: { tree: "placement" },
      events: [HIGH_S],
      lines: [A_LINE, S_LINE],
    },
  ])("$name", ({ events = [], walk, lines }) => {
    const plans = [planOf({}, walk)];
    expect(brief(count([...PEOPLE, SOLD, ...events], { plans }))).toEqual(lines);
  });

  test.each([
    { currency: "JPY", rounding: "half_even", cv_x100: 1050, amount: 1n },
    { currency: "JPY", rounding: "half_even", cv_x100: 500, amount: 0n },
    { currency: "JPY", rounding: "half_even", cv_x100: 1500, amount: 2n },
    { currency: "JPY", rounding: "half_up", cv_x100: 500, amount: 1n },
    { currency: "JPY", rounding: "down", cv_x100: 1999, amount: 1n },
    { currency: "KWD", rounding: "half_even", cv_x100: 1005, amount: 1005n },
    { currency: "CLF", rounding: "half_even", cv_x100: 1005, amount: 10_050n },
  ] as const)(
    "$cv_x100 points come to $amount $currency, rounded $rounding",
    ({ currency, rounding, cv_x100, amount }) => {
      const sold = paid("P1", { ...SALE, cv_x100 }, AT);
      const plans = [planOf({ currency, rounding })];
      const { lines } = count([...PEOPLE, sold], { plans });
      expect(lines.map(({ amount_minor, ...line }) => [line.currency, amount_minor])).toEqual([
        [currency, amount],
      ]);
    },
  );

  test("pays by the plan in force, and posts the cash side alone where there is none", () => {
    const plans = [
      planOf({ effective_from: "2026-07-01" }),
      planOf({ version: 2, effective_from: "2026-07-10T12:00:00.001Z" }, { max_level: 1 }),
    ];
    expect(brief(count([...PEOPLE, HIGH_S, SOLD], { plans }))).toEqual([A_LINE, S_LINE]);
    const later = paid("P1", SALE, { occurred_at: "2026-07-10T12:00:00.001Z" });
    expect(brief(count([...PEOPLE, HIGH_S, later], { plans }))).toEqual([A_LINE]);
    const early = paid("P1", SALE, { occurred_at: "2026-06-30T23:59:59.999Z" });
    const { balances, lines, volumes } = count([early], { plans });
    expect([lines, volumes]).toEqual([[], {}]);
    expect(numbers(balances)["USD"]?.["cash:psp"]).toBe(11_000);
  });

  test("leaves out orders of a kind without volume", () => {
    const plans = [planOf({ volume: { cv_to_money_ppm: 1_000_000, exclude_kinds: ["store"] } })];
    const { lines, volumes, balances } = count([...PEOPLE, SOLD], { plans });
    expect([lines, volumes, Object.keys(balances)]).toEqual([[], {}, ["USD"]]);
  });

  test.each([
    { mode: "mirror", holdback_days: 0, state: "pending" },
    { mode: "gateway_final", holdback_days: 1, state: "held" },
    { mode: "gateway_final", holdback_days: 0, state: "available" },
  ] as const)("$mode with $holdback_days days: $state", ({ mode, holdback_days, state }) => {
    const result = count([...PEOPLE, SOLD], { mode, plans: [planOf({ holdback_days })] });
    expect(brief(result)).toEqual([`A 1/1: 1000-0 ${state}`]);
    expect(numbers(result.balances)["USD"]?.[`dist:A:${state}`]).toBe(-1000);
  });

  test("takes the volume back in the month of the refund, or in that of the sale", () => {
    const back = refunded(
      "R1",
      { payment_id: "P1", currency: "USD", amount_minor: 11_000 },
      { occurred_at: "2026-08-01T00:00:00.000Z" },
    );
    const volume = { cv_to_money_ppm: 1_000_000 };
    const original = [planOf({ volume: { ...volume, refund_volume: "original" } })];
    const months = { "2026-07": 10_000, "2026-08": -10_000 };
    expect(groupVolumes(count([...PEOPLE, SOLD, back]))).toEqual(
      Object.fromEntries(["T", "S", "A", "B"].map((id) => [id, months])),
    );
    expect(count([...PEOPLE, SOLD, back], { plans: original }).volumes).toEqual({});
  });
});

describe("what waits or is refused", () => {
  test.each<{ name: string; events: PlainEvent[]; held: Record<string, string[]> }>([
    {
      name: "a sale below somebody unknown, whole, and what came of it",
      events: [...PEOPLE.slice(1), SOLD, refund("R1", 100)],
      held: { "paid-P1": ["parked"], "refund-R1": ["parked"] },
    },
    {
      name: "a sale of an unknown buyer",
      events: [SOLD],
      held: { "paid-P1": ["parked"] },
    },
    {
      name: "a thin payment without its order",
      events: [...PEOPLE, paid("P1", { order_id: "O1", currency: "USD", amount_minor: 5 }, AT)],
      held: { "paid-P1": ["parked"] },
    },
    {
      name: "a move under somebody unknown",
      events: [
        ...PEOPLE,
        moved("B", { tree: "sponsor", parent_id: "X", effective_at: "2026-07-01" }, { seq: 1 }),
      ],
      held: { "move-1": ["parked", "quarantined"] },
    },
    {
      name: "a move in a circle",
      events: [
        ...PEOPLE,
        moved("S", { tree: "sponsor", parent_id: "B", effective_at: "2026-07-01" }, { seq: 1 }),
      ],
      held: { "move-1": ["quarantined"] },
    },
    {
      name: "a dispute's end without the dispute",
      events: [
        disputeClosed(
          "D1",
          { payment_id: "P1", currency: "USD", outcome: "won", fee_refunded_minor: 0 },
          AT,
        ),
      ],
      held: { "closed-D1": ["parked"] },
    },
    {
      name: "the failure of a refund that nobody told",
      events: [refundFailed("R1", { payment_id: "P1", currency: "USD" }, AT)],
      held: { "unrefunded-R1": ["parked"] },
    },
    {
      name: "a commission of somebody unknown",
      events: coreStream("X", [
        [
          "commission.posted",
          {
            line_id: "L1",
            component: "bonus",
            currency: "USD",
            amount_minor: 5,
            period_id: "2026-07",
            run_id: "RUN-1",
          },
        ],
      ]),
      held: { "core-X-1": ["parked", "quarantined"] },
    },
  ])("$name", ({ events, held }) => {
    const result = count(events);
    expect([result.balances, result.lines, result.volumes]).toEqual([{}, [], {}]);
    expect(result.held).toEqual(held);
  });

  test.each([
    { name: "more than the sale", amount: 11_001, currency: "USD" },
    { name: "another currency", amount: 1, currency: "EUR" },
  ])("a refund of $name", ({ amount, currency }) => {
    const sold = count([...PEOPLE, SOLD]);
    const { balances, held } = count([...PEOPLE, SOLD, refund("R1", amount, { currency })]);
    expect(balances).toEqual(sold.balances);
    expect(held).toEqual({ "refund-R1": ["quarantined"] });
  });

  test("of refunds that exceed the sale together, the first to arrive stands", () => {
    const events = [...PEOPLE, SOLD, refund("R1", 11_000), refund("R2", 5500)];
    const first = count(events);
    expect(first.held).toEqual({ "refund-R2": ["quarantined"] });
    const second = count(events, { arrivals: ["refund-R2", "refund-R1"] });
    expect(second.held).toEqual({ "refund-R1": ["quarantined"] });
    expect([first.doubts.length, second.doubts.length]).toEqual([1, 1]);
    expect(brief(second)).toEqual(["A 1/1: 1000-500 pending"]);
  });

  test("of tellings of a payment or refund that contradict each other, the first to arrive", () => {
    const otherwise = paid("P1", { ...SALE, net_minor: 9000, tax_minor: 1800 }, { id: "again" });
    const payments = [...PEOPLE, SOLD, otherwise];
    const contested = ["applied", "duplicate", "conflict"];
    for (const [arrivals, net] of [
      [["paid-P1", "again"], -10_000n],
      [["again", "paid-P1"], -9000n],
    ] as const) {
      const { balances, held, doubts } = count(payments, { arrivals });
      expect(balances["USD"]).toMatchObject({ "rev:product": net });
      expect(held).toEqual({ again: contested, "paid-P1": contested });
      expect(doubts).toEqual(["which telling of P1 is the first"]);
    }
    const parts = refund("R1", 1100, { net_minor: 1000, tax_minor: 100 });
    const others = { ...refund("R1", 1100, { net_minor: 900, tax_minor: 200 }), id: "again" };
    const thin = { ...refund("R1", 1100), id: "thin" };
    const refunds = count([...PEOPLE, SOLD, thin, others, parts]);
    expect(refunds.balances["USD"]).toMatchObject({ "rev:refund": 900n });
    expect(refunds.held["refund-R1"]).toEqual(contested);
    expect(count([...PEOPLE, SOLD, thin, parts])).toMatchObject({ held: {}, doubts: [] });
  });
});

describe("what goes back", () => {
  test("is all of it, in whatever parts it is told as an amount", () => {
    const whole = fc.record({
      net: fc.integer({ min: 1, max: 500 }),
      tax: fc.nat({ max: 60 }),
      shipping: fc.nat({ max: 60 }),
      cv_x100: fc.integer({ min: 1, max: 5000 }),
      cuts: fc.array(fc.nat({ max: 620 }), { maxLength: 4 }),
    });
    fc.assert(
      fc.property(whole, ({ net, tax, shipping, cv_x100, cuts }) => {
        const amount = net + tax + shipping;
        const sold = paid(
          "P1",
          {
            ...SALE,
            net_minor: net,
            tax_minor: tax,
            shipping_minor: shipping,
            amount_minor: amount,
            cv_x100,
          },
          AT,
        );
        const marks = [0, ...cuts.map((cut) => Math.min(cut, amount)), amount].toSorted(
          (a, b) => a - b,
        );
        const backs = marks.slice(1).map((mark, i) => refund(`R${i}`, mark - (marks[i] ?? 0)));
        const { balances, lines, held } = count([...PEOPLE, sold, ...backs]);
        expect(held).toEqual({});
        const left = { "rev:product": -BigInt(net), "rev:refund": BigInt(net) };
        expect(balances).toEqual({ USD: left });
        expect(lines.every((line) => line.reversed_minor === line.amount_minor)).toBe(true);
      }),
      { numRuns: runs(200) },
    );
  });

  test("comes back with a dispute that is won, its fee as far as the processor says", () => {
    const data = { payment_id: "P1", currency: "USD" };
    const parts = { net_minor: 10_000, tax_minor: 800, shipping_minor: 200, amount_minor: 11_000 };
    const opened = disputed("D1", { ...data, ...parts, fee_minor: 1500 }, LATER);
    const end = (outcome: string, fee_refunded_minor: number) =>
      disputeClosed("D1", { ...data, outcome, fee_refunded_minor }, LATER);
    const open = count([...PEOPLE, SOLD, opened]);
    expect(brief(open)).toEqual(["A 1/1: 1000-1000 pending"]);
    expect(count([...PEOPLE, SOLD, opened, end("lost", 0)]).balances).toEqual(open.balances);
    const won = count([...PEOPLE, SOLD, opened, end("won", 1000)]);
    expect(brief(won)).toEqual([A_LINE]);
    expect(numbers(won.balances)["USD"]).toMatchObject({
      "cash:psp": 10_500,
      "exp:chargeback_fee": 500,
      "rev:product": -10_000,
      "tax:sales": -800,
    });
    expect(won.confirmations).toEqual({ P1: [0, 1] });
  });

  test("comes back with a refund that failed, and leaves its room to another", () => {
    const failure = refundFailed("R1", { payment_id: "P1", currency: "USD" }, LATER);
    const sold = count([...PEOPLE, SOLD]);
    const failed = count([...PEOPLE, failure, refund("R1", 11_000), SOLD]);
    expect([failed.balances, failed.lines, failed.held]).toEqual([sold.balances, sold.lines, {}]);
    const other = count([...PEOPLE, SOLD, refund("R1", 11_000), refund("R2", 4000), failure]);
    const alone = count([...PEOPLE, SOLD, refund("R2", 4000)]);
    expect([other.balances, other.held, other.doubts]).toEqual([alone.balances, {}, []]);
  });

  test("of a second payment comes from what is unapplied (P13)", () => {
    const second = paid("P2", { ...SALE, fee_minor: 30 }, LATER);
    const back = refunded("R1", { payment_id: "P2", currency: "USD", amount_minor: 4000 }, LATER);
    const events = [...PEOPLE, SOLD, second, back];
    const { balances, doubts, confirmations } = count(events);
    expect(numbers(balances)["USD"]).toEqual({
      "cash:psp": 17_970,
      "cust:unapplied": -7000,
      "dist:A:pending": -1000,
      "exp:commission": 1000,
      "exp:psp_fee": 30,
      "rev:product": -10_000,
      "rev:shipping": -200,
      "tax:sales": -800,
    });
    expect(doubts).toEqual([]);
    expect(confirmations).toEqual({ P1: [0, 1], P2: [0, 1] });
    const turned = count(events, { arrivals: ["paid-P2", "paid-P1"] });
    expect([turned.balances, brief(turned)]).toEqual([balances, ["A 1/1: 1000-0 pending"]]);
    const other = paid("P2", { ...SALE, cv_x100: 1, fee_minor: 30 }, LATER);
    const arrivals = ["paid-P2", "paid-P1"];
    const apart = count([...PEOPLE, SOLD, other, back], { arrivals });
    expect([apart.balances, apart.doubts]).toEqual([balances, []]);
  });

  test("is the core's matter once it has confirmed the line", () => {
    const line = { line_id: "L1", currency: "USD", order_id: "O1", component: "level", level: 1 };
    const run = { period_id: "2026-07", run_id: "RUN-1" };
    const stream = coreStream("A", [
      ["commission.posted", { ...line, ...run, amount_minor: 900 }],
      [
        "commission.reversed",
        { line_id: "L1-R", reverses_line_id: "L1", currency: "USD", amount_minor: 200 },
      ],
      [
        "commission.reversed",
        { line_id: "L1-R2", reverses_line_id: "L1", currency: "USD", amount_minor: 701 },
      ],
      ["commission.released", { line_id: "L1" }],
    ]);
    const events = [...PEOPLE, SOLD, refund("R1", 11_000), ...stream];
    const mirror = count(events);
    expect(brief(mirror)).toEqual(["A 1/null: 900-200 available", "A 1/1: 1000-1000 superseded"]);
    expect(numbers(mirror.balances)["USD"]?.["dist:A:available"]).toBe(-700);
    expect(mirror.held).toEqual({ "core-A-3": ["quarantined"] });
  });

  test.each([
    { end: undefined, kept: false, left: { "dist:A:in_transit": -90, "tax:withholding": -4 } },
    { end: "payout.settled", kept: false, left: { "cash:bank": -90, "tax:withholding": -4 } },
    { end: "payout.failed", kept: true, left: {} },
    { end: "payout.failed", kept: false, left: {} },
  ] as const)("of a payout: $end, fee kept: $kept", ({ end, kept, left }) => {
    const payout_id = "PO1";
    const parts = { gross_minor: 100, net_minor: 90, fee_minor: 6, withholding_minor: 4 };
    const started = { payout_id, currency: "USD", ...parts, method: "ach" };
    const ended = { payout_id, fee_kept: kept, reason: "closed" };
    const stream = coreStream("A", [
      ["payout.initiated", started],
      ...(end === undefined ? [] : [[end, ended] as const]),
    ]);
    const hasFee = end !== "payout.failed" || kept;
    const fee = hasFee ? { "rev:payout_fee": -6 } : {};
    const gone = Object.values(left).reduce((sum: number, each: number) => sum - each, 0);
    const available = gone + (hasFee ? 6 : 0);
    expect(numbers(count([...PEOPLE, ...stream]).balances)).toEqual(
      available === 0 ? {} : { USD: { ...left, ...fee, "dist:A:available": available } },
    );
  });
});

describe("one fact told twice", () => {
  test("counts once, by whichever sender", () => {
    const order = placed("O1", { ...SALE, buyer_kind: "distributor" }, AT);
    const thin = paid("P1", { order_id: "O1", currency: "USD", amount_minor: 11_000 }, AT);
    const once = count([...PEOPLE, SOLD]);
    const twice = count([...PEOPLE, order, { ...thin, id: "psp-1" }, SOLD, SOLD]);
    expect([twice.balances, twice.lines, twice.held]).toEqual([once.balances, once.lines, {}]);
    const link = linked("C", "B");
    expect(count([link, link, { ...link, id: "again" }]).held).toEqual({});
  });

  test("counts from the earliest time, with the fee that only one of them knows", () => {
    const { fee_minor: _fee, ...rest } = SOLD.data;
    const later = { ...SOLD, id: "psp", occurred_at: "2026-11-15T12:00:00Z", data: rest };
    const alone = count([...PEOPLE, SOLD]);
    for (const told of [
      [SOLD, later],
      [later, SOLD],
    ]) {
      const both = count([...PEOPLE, ...told]);
      expect([both.balances, both.volumes, both.lines]).toEqual([
        alone.balances,
        alone.volumes,
        alone.lines,
      ]);
    }
  });
});

const resultOf = (history: History, events: readonly PlainEvent[]): NaiveResult =>
  naive({ ...history, events });

function faultsOf({ balances, lines, held, confirmations }: NaiveResult): string[] {
  const faults: string[] = [];
  for (const [currency, accounts] of Object.entries(balances)) {
    const sum = Object.values(accounts).reduce((so, each) => so + each, 0n);
    if (sum !== 0n) faults.push(`${currency} is off by ${sum}`);
  }
  for (const { line_id, amount_minor, reversed_minor } of lines) {
    if (reversed_minor < 0n || reversed_minor > amount_minor) faults.push(`reversed ${line_id}`);
  }
  for (const id of Object.keys(held)) {
    if (/^(enrol|link|status|rank|volume|placed|failed)-/.test(id)) faults.push(`held ${id}`);
  }
  const most = Object.values(confirmations).map((allowed) => Math.max(...allowed));
  if (most.some((times) => times > 1)) faults.push("confirmed twice");
  return faults;
}

/** Without effect on the ledger; but for the last, which only the gateway writes. */
const NOT_GENERATED: ReadonlySet<string> = new Set([
  "order.cancelled",
  "lead.upserted",
  "period.closed",
  "inventory.adjusted",
  "ticket.upserted",
  "autoship.changed",
  "crm.field_changed",
  "cdc.row",
  "cdc.gap",
  "subject.erased",
  "recon.correction",
]);
const STATES = [
  "pending",
  "held",
  "available",
  "superseded",
  "reversed",
  "breakage",
  "parked",
  "buffered",
  "quarantined",
  "duplicate",
  "first",
  "versions",
];

describe("random companies", () => {
  test("end sound and the same in any order with repeats", () => {
    const arriving = histories().chain((history) =>
      shuffled(history).map((arrivals) => ({ history, arrivals })),
    );
    fc.assert(
      fc.property(arriving, ({ history, arrivals }) => {
        const once = resultOf(history, history.events);
        expect([faultsOf(once), once.doubts]).toEqual([[], []]);
        const { held, ...again } = resultOf(history, arrivals);
        const own = Object.keys(held).filter((id) => !id.endsWith("~"));
        expect(own).toEqual(Object.keys(once.held));
        expect({ ...again, held: once.held }).toEqual(once);
      }),
      { numRuns: runs(150) },
    );
  });

  test("have everything in them that can happen", () => {
    const seen = new Map<string, number>();
    const see = (what: string) => seen.set(what, (seen.get(what) ?? 0) + 1);
    for (const history of fc.sample(histories(), { numRuns: 300, seed: 7 })) {
      const all = [...history.events, ...history.repeats];
      expect(all.flatMap(refusalOf)).toEqual([]);
      const result = resultOf(history, all);
      for (const type of new Set(history.events.map((event) => event.type))) see(type);
      for (const state of new Set(result.lines.map((line) => line.state))) see(state);
      for (const state of new Set(Object.values(result.held).flat())) see(state);
      for (const currency of Object.keys(result.balances)) see(currency);
      if (result.breakage.length > 0) see("breakage");
      if (result.lines.some(({ reversed_minor }) => reversed_minor > 0n)) see("reversed");
      if (history.first.size > 0) see("first");
      if (history.plans.length > 1) see("versions");
    }
    const expected = [
      ...EVENT_TYPES.filter((type) => !NOT_GENERATED.has(type)),
      ...STATES,
      ...CURRENCIES,
    ];
    expect(expected.filter((what) => (seen.get(what) ?? 0) < 5)).toEqual([]);
  });
});
