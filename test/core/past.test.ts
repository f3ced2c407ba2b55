import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readView } from "#src/core/distributor/view.ts";
import type { Plan } from "#src/core/plans/plan.ts";
import { differences } from "../support/gateway/compare.ts";
import { Watch } from "../support/gateway/faults.ts";
import { Gateway } from "../support/gateway/gateway.ts";
import type { PlainEvent } from "../support/naive/event.ts";
import { naive } from "../support/naive/naive.ts";
import { enrolled, linked, moved, paid } from "../support/naive/told.ts";
import { runs } from "../support/runs.ts";
import { PLAN, SALE_OF_C } from "./order/support.ts";

const SOLD_AT = "2026-05-22T05:00:00.000Z";

const sold = paid("P1", SALE_OF_C, { occurred_at: SOLD_AT });

/** Revision of whom the customer C hangs under, from a day on. */
const link = (to: string, rev: number, from: string): PlainEvent => {
  const event = linked("C", to, { rev });
  return { ...event, data: { ...event.data, effective_at: from } };
};

const again = (id: string, rev: number, data: PlainEvent["data"]): PlainEvent => ({
  ...enrolled(id, data),
  id: `enrol-${id}-${rev}`,
  rev,
});

type Step = PlainEvent | Plan;

const isPlan = (step: Step): step is Plan => "components" in step;

/** Plays what comes one after another, `beside` while the step at that place is on its way. */
function expectCounted(
  steps: readonly Step[],
  plans: readonly Plan[],
  beside = steps.length,
): Gateway {
  const gateway = new Gateway({
    tenant: "acme",
    mode: "mirror",
    plans,
    nowMs: Date.parse("2026-07-29"),
  });
  const watch = new Watch(gateway);
  const faults: string[] = [];
  const take = (step: Step | undefined) => {
    if (step === undefined) return;
    if (isPlan(step)) gateway.savePlan(step);
    else gateway.accept([step]);
  };
  for (let i = 0; i < steps.length; i += 1) {
    take(steps[i]);
    if (i === beside) {
      const batch = gateway.queue.splice(0);
      const meanwhile = () => {
        i += 1;
        take(steps[i]);
        gateway.run();
      };
      gateway.run({ meanwhile }, batch);
    }
    gateway.drain();
    faults.push(...watch.step());
  }
  gateway.sweep();
  gateway.drain();
  faults.push(...watch.step());
  expect(faults).toEqual([]);
  const events = steps.flatMap((step) => (isPlan(step) ? [] : [step]));
  const all = [...plans, ...steps.filter(isPlan)];
  const counted = naive({ tenant: "acme", mode: "mirror", plans: all, events });
  const played = { gateway, watch, contradictions: [], faults };
  expect(differences(played, counted, { hasMoves: false })).toEqual([]);
  return gateway;
}

const DEARER: Plan = {
  ...PLAN,
  version: 2,
  effective_from: "2026-05-01",
  components: PLAN.components.map((component) => ({ ...component, pool_ppm: 800_000 })),
};

const balanceIn = ({ stores }: Gateway, subject: string, bucket = "pending"): bigint => {
  const { balances } = readView(stores.get(subject)?.view());
  return BigInt(balances[`${subject}:${bucket}`]?.["USD"] ?? "0");
};

describe("what becomes known of the past", () => {
  const A = enrolled("A");
  const B = enrolled("B");
  test.each<{ name: string; steps: readonly Step[]; plans?: readonly Plan[] }>([
    {
      name: "a link that holds from after the sale, and is the earliest there is",
      steps: [A, B, link("A", 2, "2026-07-16"), sold, link("B", 1, "2026-06-16")],
    },
    {
      name: "a link to somebody whom nobody knows, and then who that is",
      steps: [A, link("A", 2, "2026-07-16"), sold, link("X", 1, "2026-01-01"), enrolled("X")],
    },
    {
      name: "a link of somebody who waits for another one",
      steps: [A, link("X", 1, "2026-01-01"), sold, link("A", 2, "2026-02-01")],
    },
    {
      name: "an enrolment revised below somebody who is known",
      steps: [
        A,
        link("B", 1, "2026-01-01"),
        again("B", 1, { sponsor_id: "X" }),
        sold,
        again("B", 2, { sponsor_id: "A" }),
      ],
    },
    {
      name: "a move on the way up that was closed",
      steps: [
        A,
        link("B", 1, "2026-01-01"),
        enrolled("B", { sponsor_id: "X" }),
        sold,
        moved("B", { tree: "sponsor", parent_id: "A", effective_at: "2026-02-01" }, { seq: 1 }),
      ],
    },
    {
      name: "an earlier enrolment, with another status, than that of after the sale",
      steps: [
        again("A", 2, { status: "suspended", joined_at: "2026-07-20" }),
        link("A", 1, "2026-01-01"),
        sold,
        again("A", 1, { joined_at: "2026-07-10" }),
      ],
    },
    {
      name: "a plan, saved after the sale",
      steps: [A, link("A", 1, "2026-01-01"), sold, DEARER],
    },
    {
      name: "the first plan, before anybody is known",
      steps: [sold, PLAN, link("A", 1, "2026-01-01"), A],
      plans: [],
    },
    {
      name: "the first plan, before somebody above is known",
      steps: [link("A", 1, "2026-01-01"), sold, PLAN, A],
      plans: [],
    },
  ])("$name", ({ steps, plans = [PLAN] }) => {
    expectCounted(steps, plans);
    // Also where each of them comes while the one before it is on its way.
    for (let beside = 0; beside < steps.length - 1; beside += 1)
      expectCounted(steps, plans, beside);
  });

  test("is paid by the first plan, though its holdback is over", () => {
    const gateway = new Gateway({
      tenant: "acme",
      mode: "gateway_final",
      plans: [],
      nowMs: Date.parse("2026-07-29"),
    });
    gateway.accept([A, link("A", 1, "2026-01-01"), sold]);
    gateway.drain();
    gateway.savePlan({ ...PLAN, holdback_days: 0 });
    gateway.drain();
    expect(balanceIn(gateway, "dist:A", "available")).toBe(-400n);
    const entries = [...gateway.stores.values()].flatMap((store) => store.entries);
    expect(entries.flatMap(({ effects }) => effects.breaks ?? [])).toEqual([]);
  });

  test("includes that a customer who has bought is a distributor, under somebody else", () => {
    const enrolment = enrolled("C", { sponsor_id: "B" });
    const steps = [A, B, link("A", 1, "2026-01-01"), sold, enrolment];
    const linesOf = (order: readonly PlainEvent[]) => {
      const gateway = new Gateway({ tenant: "acme", mode: "mirror", plans: [PLAN], nowMs: 0 });
      for (const step of order) {
        gateway.accept([step]);
        gateway.drain();
      }
      return ["dist:A", "dist:B"].map((subject) => balanceIn(gateway, subject));
    };
    expect(linesOf(steps)).toEqual([0n, -400n]);
    expect(linesOf([A, B, enrolment, link("A", 1, "2026-01-01"), sold])).toEqual([0n, -400n]);
  });

  test("ends the same in whatever order it is told", () => {
    const day = fc.constantFrom("2026-01-01", "2026-05-01", "2026-06-16", "2026-07-16");
    const parent = fc.constantFrom("A", "B", "X", "Y");
    const history = fc
      .tuple(
        fc.array(fc.tuple(parent, day), { minLength: 1, maxLength: 3 }),
        fc.array(fc.tuple(fc.constantFrom("A", "X", "Y"), day, fc.boolean()), {
          minLength: 1,
          maxLength: 2,
        }),
        fc.boolean(),
      )
      .map(([links, enrolments, isDearer]): readonly Step[] => [
        enrolled("A"),
        enrolled("X", { sponsor_id: "A" }),
        ...links.map(([to, from], i) => link(to, i + 1, from)),
        ...enrolments.map(([sponsor_id, joined_at, isActive], i) =>
          again("B", i + 1, { sponsor_id, joined_at, status: isActive ? "active" : "suspended" }),
        ),
        sold,
        ...(isDearer ? [DEARER] : []),
      ]);
    const shuffled = history.chain((steps) =>
      fc.tuple(
        fc.shuffledSubarray([...steps], { minLength: steps.length }),
        fc.nat({ max: steps.length }),
      ),
    );
    fc.assert(
      fc.property(shuffled, ([steps, beside]) => {
        expectCounted(steps, [PLAN], beside);
      }),
      { numRuns: runs(200) },
    );
  });
});
