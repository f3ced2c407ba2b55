import fc from "fast-check";
import { expect, test } from "vitest";
import { differences } from "../support/gateway/compare.ts";
import { Watch } from "../support/gateway/faults.ts";
import { Gateway } from "../support/gateway/gateway.ts";
import type { PlainEvent } from "../support/naive/event.ts";
import { naive } from "../support/naive/naive.ts";
import { enrolled, linked, paid, refunded, statusChanged } from "../support/naive/told.ts";
import { runs } from "../support/runs.ts";
import { PLAN, SALE_OF_C } from "./order/support.ts";

const DAY_MS = 86_400_000;
const SOLD_MS = Date.parse("2026-05-22T05:00:00.000Z");
const HOLDBACK_DAYS = 14;
const SOLD = { occurred_at: "2026-05-22T05:00:00.000Z" };

/** That C hung under T all along, and under S below T, becomes known after it was paid for A and S. */
const LATE = linked("C", "T", { rev: 2 });
const EVENTS = [
  enrolled("S"),
  enrolled("A", { sponsor_id: "S" }),
  enrolled("T", { sponsor_id: "S" }),
  linked("C", "A"),
  paid("P1", SALE_OF_C, SOLD),
];
const REFUND = refunded("R1", { payment_id: "P1", currency: "USD", amount_minor: 10_000 }, SOLD);

type Step = "recompute" | "refund" | "due A" | "due T" | "due S";

/** Account → balance of everybody's buckets, and the breaks, after these steps so long after the sale. */
function ended(steps: readonly Step[], days: number, late: PlainEvent = LATE) {
  const gateway = new Gateway({
    tenant: "acme",
    mode: "gateway_final",
    plans: [{ ...PLAN, holdback_days: HOLDBACK_DAYS }],
    nowMs: SOLD_MS,
  });
  const watch = new Watch(gateway);
  gateway.accept(EVENTS);
  gateway.drain();
  gateway.nowMs = SOLD_MS + days * DAY_MS;
  const faults = watch.step();
  for (const step of steps) {
    if (step === "recompute") gateway.accept([late]);
    else if (step === "refund") gateway.accept([REFUND]);
    else {
      const who = step.slice("due ".length);
      const line_id = `O1:level:${who === "S" ? 2 : 1}:${who}`;
      gateway.move(`dist:${who}`, { kind: "due", line_id });
    }
    gateway.drain();
    gateway.sweep();
    gateway.drain();
    faults.push(...watch.step());
  }
  const breaks = [...gateway.stores.values()].flatMap(({ entries }) =>
    entries.flatMap(({ effects }) => effects.breaks?.map(({ break_id }) => break_id) ?? []),
  );
  const balances = [...watch.balances()].filter(([name]) => /dist:|commission/.test(name));
  return {
    faults,
    balances: Object.fromEntries(balances.map(([name, sum]) => [name, Number(sum)])),
    breaks: [...new Set(breaks)].toSorted(),
    gateway,
    watch,
  };
}

const CRON = ["due A", "due S", "due T"] as const;

test.each<{
  name: string;
  days: number;
  steps: readonly Step[];
  late?: PlainEvent;
  left: object;
  breaks: string[];
}>([
  {
    name: "after the holdback pays nobody a second time",
    days: HOLDBACK_DAYS,
    steps: ["recompute"],
    left: { A: -400, S: -400 },
    breaks: ["BACKDATED:O1:level:1:A:2", "BACKDATED:O1:level:1:T:2"],
  },
  {
    name: "after the holdback leaves a return its share of what was paid",
    days: HOLDBACK_DAYS,
    steps: ["recompute", "refund"],
    left: { A: -240, S: -240 },
    breaks: ["BACKDATED:O1:level:1:A:2", "BACKDATED:O1:level:1:T:2"],
  },
  {
    name: "after the holdback takes nothing from whom it would have left out",
    days: HOLDBACK_DAYS,
    steps: ["recompute", "refund"],
    late: statusChanged("A", { status: "suspended", effective_at: "2026-02-01", rev: 1 }),
    left: { A: -240, S: -240 },
    breaks: ["BACKDATED:O1:level:1:A:2"],
  },
])(
  "a computation anew $name, whether cron was there or not",
  ({ days, steps, late, left, breaks }) => {
    const order = fc.shuffledSubarray([...steps, ...CRON], { minLength: steps.length + 3 });
    fc.assert(
      fc.property(order, (each) => {
        // Cron comes by until nothing is due any more.
        const end = ended([...each, ...CRON], days, late);
        const available = Object.entries(left).map(([id, sum]) => [
          `USD dist:${id}:available`,
          sum,
        ]);
        const sum = -Object.values(left).reduce((all, one) => all + one, 0);
        expect([end.faults, end.breaks]).toEqual([[], breaks]);
        expect(end.balances).toEqual({
          ...Object.fromEntries(available),
          "USD exp:commission": sum,
        });
      }),
      { numRuns: runs(40) },
    );
  },
);

test("a cap takes of a line that was paid on before the computation anew, once", () => {
  const { gateway, watch, faults } = ended([...CRON, "recompute"], HOLDBACK_DAYS);
  const cut = (run_id: string, limit: number) => {
    gateway.move("order:O1", { kind: "cap", run_id, cuts: [["O1:level:1:A", limit]] });
    gateway.drain();
    faults.push(...watch.step());
    return Number(watch.balances().get("USD dist:A:available"));
  };
  expect([cut("close:1", 160), cut("close:1", 160), cut("close:2", 300)]).toEqual([
    -160, -160, -160,
  ]);
  gateway.accept([REFUND]);
  gateway.drain();
  faults.push(...watch.step());
  expect(Number(watch.balances().get("USD dist:A:available"))).toBe(-96);
  expect(faults).toEqual([]);
});

test("a computation anew within the holdback ends as it is counted, in any order", () => {
  const steps: readonly Step[] = ["recompute", "refund", ...CRON];
  const order = fc.shuffledSubarray([...steps], { minLength: steps.length });
  const mode = "gateway_final";
  const plans = [{ ...PLAN, holdback_days: HOLDBACK_DAYS }];
  const counted = naive({ tenant: "acme", mode, plans, events: [...EVENTS, LATE, REFUND] });
  fc.assert(
    fc.property(order, (each) => {
      const { gateway, watch, faults } = ended(each, HOLDBACK_DAYS - 1);
      const played = { gateway, watch, contradictions: [], faults };
      expect(faults).toEqual([]);
      expect(differences(played, counted, { hasMoves: false })).toEqual([]);
    }),
    { numRuns: runs(40) },
  );
});
