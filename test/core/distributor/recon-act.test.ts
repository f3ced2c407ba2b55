import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { EventType } from "#src/core/contracts/catalogue.ts";
import { distributorRules } from "#src/core/distributor/rules.ts";
import { readView } from "#src/core/distributor/view.ts";
import type { Json } from "#src/core/json.ts";
import { settle } from "#src/core/subject/settle.ts";
import type { Arrival } from "#src/core/subject/state.ts";
import { runs } from "../../support/runs.ts";
import { again, arrivalOf, arrive, event, NOW_MS } from "../support/events.ts";
import { MemoryStore } from "../support/memory-store.ts";

type Data = Readonly<Record<string, Json>>;

/** An event of reconciliation: it has no place in a stream. */
function healed(type: EventType, id: string, data: Data = {}): Arrival {
  const { seq: _seq, ...told } = event(type, { id, source: "upline:recon", key: "dist:B" }, data);
  return arrivalOf(told);
}

const correction = (id: string, data: Data = {}): Arrival =>
  healed("recon.correction", id, { break_id: id, ...data });

let seqs = 0;
const core = (type: EventType, data: Data = {}): Arrival => {
  seqs += 1;
  return arrive(type, { id: `core-${seqs}`, key: "dist:B", source: `core-${seqs}`, seq: 1 }, data);
};

/** A source of its own each, so that no stream orders them. */
class Told {
  readonly store: MemoryStore;

  constructor(store = MemoryStore.enrolled()) {
    this.store = store;
  }

  tell(arrival: Arrival): string {
    const { store } = this;
    const settled = settle(arrival, { store, rules: distributorRules, nowMs: NOW_MS });
    if (settled.kind !== "settled") throw new Error(JSON.stringify(settled));
    const { code } = store.entries[settled.position - 1] ?? {};
    return code === undefined ? settled.outcome : `${settled.outcome} ${code}`;
  }

  line(lineId = "L1") {
    return JSON.parse(this.store.fact(`line:${lineId}`)?.state ?? "null");
  }

  reason(): string | undefined {
    return this.store.entries.at(-1)?.reason;
  }

  balances(): Readonly<Record<string, string>> {
    const { balances } = readView(this.store.view());
    return Object.fromEntries(
      Object.entries(balances)
        .map(([account, amounts]) => [account, amounts["USD"] ?? "0"] as const)
        .filter(([, sum]) => sum !== "0"),
    );
  }
}

describe("a correction", () => {
  test("changes the line where it is, and says so to the mirror", () => {
    const told = new Told();
    told.tell(core("commission.posted"));
    told.tell(core("commission.released"));
    expect(told.tell(correction("A", { amount_minor: -25 }))).toBe("applied");
    expect(told.balances()).toEqual({ "exp:commission": "375", "dist:B:available": "-375" });
    expect(told.store.entries.at(-1)?.effects).toMatchObject({
      lines: [{ line_id: "L1", amount_minor: 375, state: "available" }],
      transfers: [{ rule: "P12", reference: "L1", amount_minor: 25 }],
    });
  });

  test("moves a date, by the line's currency, without a transfer", () => {
    const told = new Told();
    told.tell(core("commission.posted"));
    const at = "2026-06-30T10:00:00.000Z";
    const moved = correction("T", { amount_minor: 0, effective_at: at, period_id: "2026-06" });
    expect(told.tell(moved)).toBe("applied");
    expect(told.line()).toMatchObject({ effective_ms: Date.parse(at), period_id: "2026-06" });
    expect(told.store.entries.at(-1)?.effects.transfers).toEqual([]);
  });

  test.each<{ name: string; data: Data; told: string; reason: string }>([
    {
      name: "another currency",
      data: { currency: "EUR" },
      told: "quarantined currency_mismatch",
      reason: "the line is in USD",
    },
    {
      name: "a line that is another by now",
      data: { line_amount_minor: 399 },
      told: "quarantined line_changed",
      reason: "the line is of 400 USD by now",
    },
    {
      name: "more than is left",
      data: { amount_minor: -241 },
      told: "quarantined correction_exceeds_line",
      reason: "240 USD are left of the line",
    },
    {
      name: "nothing",
      data: { amount_minor: 0 },
      told: "quarantined correction_without_effect",
      reason: "the line is like that already",
    },
    {
      name: "a part of a line to be put aside",
      data: { amount_minor: -100, to: "suspense" },
      told: "quarantined correction_not_whole",
      reason: "a line is put aside and brought back as a whole: 240 USD",
    },
    {
      name: "what was never put aside",
      data: { amount_minor: -240, to: "expense" },
      told: "quarantined line_not_in_suspense",
      reason: "the line does not lie in suspense",
    },
    {
      name: "an amount that no number holds",
      data: { amount_minor: Number.MAX_SAFE_INTEGER },
      told: "quarantined amount_unsafe",
      reason: "the line's amount would be beyond 2^53 - 1",
    },
  ])("of $name is refused, and the line stays as it was", ({ data, told: expected, reason }) => {
    const told = new Told();
    told.tell(core("commission.posted"));
    told.tell(core("commission.reversed"));
    const [line, balances] = [told.line(), told.balances()];
    expect(told.tell(correction("A", data))).toBe(expected);
    expect(told.reason()).toBe(`Cannot correct line "L1": ${reason}`);
    expect([told.line(), told.balances()]).toEqual([line, balances]);
  });

  test("of an unknown line waits for it", () => {
    const told = new Told();
    expect(told.tell(correction("A"))).toBe("quarantined line_unknown");
    told.tell(core("commission.posted"));
    expect(told.line()).toMatchObject({ amount_minor: 375 });
  });

  test("of a line of the gateway's own is refused", () => {
    const told = new Told();
    const own = { line: { line_id: "L1", state: "pending" }, ver: 1, computation: 1 };
    const fact = { essence: "", eventId: "e", state: JSON.stringify(own) };
    told.store.facts.set("own:L1", fact);
    expect(told.tell(correction("A"))).toBe("quarantined line_of_gateway");
  });

  test("comes once, under whichever id; of another content it is a conflict", () => {
    const told = new Told();
    told.tell(core("commission.posted"));
    const first = correction("A", { amount_minor: 10 });
    const retold = { break_id: "A", amount_minor: 10 };
    expect(told.tell(first)).toBe("applied");
    expect(told.tell(again(first))).toBe("applied");
    expect(told.tell(healed("recon.correction", "other", retold))).toBe("duplicate");
    for (const data of [
      { amount_minor: 11 },
      { amount_minor: 10, line_amount_minor: 400 },
      { amount_minor: 10, to: "suspense" },
      { amount_minor: 0, effective_at: "2026-07-01T00:00:00Z" },
      { amount_minor: 10, line_id: "L2" },
    ]) {
      const other = healed("recon.correction", JSON.stringify(data), { break_id: "A", ...data });
      expect(told.tell(other)).toBe("conflict fact_contradicted");
    }
    expect(told.line()).toMatchObject({ amount_minor: 410 });
  });

  test("is nothing that anybody else could bring", () => {
    const told = new Told();
    told.tell(core("commission.posted"));
    const forged = arrive("recon.correction", { id: "A", key: "dist:B", source: "core" });
    expect(told.tell(forged)).toBe("quarantined type_not_applied");
    expect(told.line()).toMatchObject({ amount_minor: 400 });
  });

  test("leaves a later telling of the line a duplicate", () => {
    const told = new Told();
    told.tell(core("commission.posted"));
    told.tell(correction("A", { amount_minor: 10 }));
    expect(told.tell(core("commission.posted"))).toBe("duplicate");
    expect(told.tell(core("commission.reversed", { amount_minor: 410 }))).toBe("applied");
    expect(told.balances()).toEqual({});
  });

  test("below what the core reverses later makes that a person's", () => {
    const told = new Told();
    told.tell(core("commission.posted"));
    told.tell(correction("A", { amount_minor: -300 }));
    expect(told.tell(core("commission.reversed"))).toBe("quarantined reversal_exceeds_line");
    expect(told.reason()).toContain("100 USD are left of the line");
  });
});

describe("a backfill", () => {
  test("is the core's own, which comes late as a duplicate", () => {
    const told = new Told();
    expect(told.tell(healed("commission.posted", "b"))).toBe("applied");
    expect(told.tell(healed("commission.reversed", "b:1"))).toBe("applied");
    expect(told.tell(healed("commission.released", "b:2"))).toBe("applied");
    const balances = told.balances();
    for (const type of [
      "commission.posted",
      "commission.reversed",
      "commission.released",
    ] as const) {
      expect(told.tell(core(type))).toBe("duplicate");
    }
    expect(told.balances()).toEqual(balances);
  });

  test("posts nothing to somebody whom nobody enrolled, until somebody does", () => {
    const told = new Told(new MemoryStore());
    const events = [
      healed("commission.posted", "b"),
      healed("commission.reversed", "b:1"),
      correction("A", { amount_minor: 10 }),
    ];
    for (const each of events) {
      expect(told.tell(each)).toBe("quarantined distributor_unknown");
    }
    expect(told.reason()).toContain('Nobody is enrolled as "B"');
    expect(told.balances()).toEqual({});
    // The same told again is tried again, and waits again.
    expect(told.tell(again(events[0] ?? core("commission.posted")))).toContain("quarantined");
    told.tell(arrive("distributor.enrolled", { id: "E", source: "core", key: "dist:B" }));
    expect(told.line()).toMatchObject({ amount_minor: 410, reversed_minor: 160 });
    expect(told.balances()).toEqual({ "exp:commission": "250", "dist:B:held": "-250" });
  });

  test("brings back a line that was put aside, with what became of it", () => {
    const told = new Told();
    told.tell(core("commission.posted"));
    told.tell(correction("X", { amount_minor: -400, to: "suspense" }));
    expect(told.line()).toMatchObject({ state: "void", reversed_minor: 400 });
    expect(told.tell(core("commission.posted"))).toBe("duplicate");
    expect(told.balances()["suspense:recon"]).toBe("-400");
    expect(told.tell(core("commission.released"))).toBe("applied");
    expect(told.tell(core("commission.reversed"))).toBe("applied");
    expect(told.balances()).toEqual({ "exp:commission": "240", "suspense:recon": "-240" });
    expect(told.tell(healed("commission.posted", "b"))).toBe("applied");
    expect(told.balances()).toEqual({ "exp:commission": "240", "dist:B:available": "-240" });
    expect(told.line()).toMatchObject({ state: "available", reversed_minor: 160 });
    expect(told.line()).not.toHaveProperty("suspense");
    expect(told.tell(healed("commission.posted", "c"))).toBe("duplicate");
  });
});

const AS_OF = "2026-07-10T00:00:00.000Z";
const BEFORE = "2026-07-05T00:00:00.000Z";
const AFTER = "2026-07-15T00:00:00.000Z";

/** A reversal by reconciliation: with it so much is reversed of the line. */
function reversedTo(
  line_id: string,
  amount_minor: number,
  to: number,
  more: Data = {},
  name = "to",
): Arrival {
  const data = { line_id, amount_minor, reversed_to_minor: to, as_of: AS_OF, ...more };
  return healed("commission.reversed", `${name}-${JSON.stringify(data)}`, data);
}

/** A reversal by the core, as of a time. */
function reversal(line_id: string, amount_minor: number, occurred_at: string): Arrival {
  seqs += 1;
  const envelope = { id: `core-${seqs}`, key: "dist:B", source: `core-${seqs}`, seq: 1 };
  return arrive("commission.reversed", { ...envelope, occurred_at }, { line_id, amount_minor });
}

describe("a reversal by reconciliation", () => {
  const withLine = (...arrivals: readonly Arrival[]): Told => {
    const told = new Told();
    told.tell(core("commission.posted"));
    for (const arrival of arrivals) expect(told.tell(arrival)).toBe("applied");
    return told;
  };
  const reversedOf = (told: Told): number => told.line().reversed_minor;

  test("takes what is missing, whatever the rest is named here, and is a repeat from then on", () => {
    const told = withLine(reversal("R1", 100, BEFORE));
    const healing = reversedTo("R2", 160, 160);
    expect(told.tell(healing)).toBe("applied");
    expect(told.balances()).toEqual({ "exp:commission": "240", "dist:B:held": "-240" });
    expect(told.store.entries.at(-1)?.effects.transfers).toMatchObject([
      { rule: "P5", amount_minor: 60 },
    ]);
    expect(told.tell(again(healing))).toBe("applied");
    // By another break: another message.
    expect(told.tell(reversedTo("R2", 160, 160, {}, "other"))).toBe("duplicate");
    // The core's own, late.
    expect(told.tell(reversal("R2", 160, AFTER))).toBe("duplicate");
    expect(reversedOf(told)).toBe(160);
  });

  test("leaves a reversal that the core has otherwise as it was told first", () => {
    const told = withLine(reversal("R1", 100, BEFORE));
    expect(told.tell(reversedTo("R1", 50, 50))).toBe("duplicate");
    expect(told.tell(reversedTo("R2", 110, 160))).toBe("applied");
    expect(told.tell(reversal("R1", 100, BEFORE))).toBe("duplicate");
    expect(told.tell(reversal("R1", 50, BEFORE))).toBe("conflict fact_contradicted");
    expect(reversedOf(told)).toBe(160);
    expect(told.tell(reversedTo("R1", 170, 170))).toBe("applied");
    expect(told.tell(reversal("R1", 100, BEFORE))).toBe("duplicate");
    expect(reversedOf(told)).toBe(170);
  });

  test("holds what comes late under another name to be the same, up to what was healed", () => {
    const told = withLine(reversal("R1", 100, BEFORE));
    for (const arrival of [reversedTo("rev-1", 100, 100), reversedTo("rev-2", 60, 160)]) {
      expect(told.tell(arrival)).toBe("applied");
    }
    expect(told.tell(reversal("R2", 40, BEFORE))).toBe("applied");
    expect(told.tell(reversal("R3", 20, AS_OF))).toBe("applied");
    expect(reversedOf(told)).toBe(160);
    expect(told.tell(reversal("R4", 30, BEFORE))).toBe("applied");
    expect(reversedOf(told)).toBe(190);
    expect(told.line()).not.toHaveProperty("healed");
  });

  test("takes nothing of what the core reverses afterwards", () => {
    const told = withLine(reversedTo("R1", 100, 100));
    expect(told.tell(reversal("R2", 60, AFTER))).toBe("applied");
    expect(reversedOf(told)).toBe(160);
  });

  test("takes no more than that where the core's own came in between", () => {
    const told = withLine(reversal("R2", 60, AFTER));
    expect(told.tell(reversedTo("R1", 100, 100))).toBe("applied");
    expect(reversedOf(told)).toBe(100);
    // By the next run the core has said that it was both.
    expect(told.tell(reversedTo("R1", 100, 100, {}, "other"))).toBe("duplicate");
    expect(told.tell(reversedTo("R2", 60, 160))).toBe("applied");
    expect(reversedOf(told)).toBe(160);
    const beyond = withLine(reversal("R2", 160, AFTER));
    expect(beyond.tell(reversedTo("R1", 100, 100))).toBe("applied");
    expect(reversedOf(beyond)).toBe(160);
  });

  test("comes to the same in any order", () => {
    const told = withLine(reversedTo("R2", 60, 160));
    expect(told.tell(reversedTo("R1", 100, 100))).toBe("applied");
    for (const arrival of [reversal("R1", 100, BEFORE), reversal("R2", 60, BEFORE)]) {
      expect(told.tell(arrival)).toBe("duplicate");
    }
    expect(reversedOf(told)).toBe(160);
  });

  test("takes out of suspense what lies there", () => {
    const told = withLine(reversal("R1", 100, BEFORE));
    told.tell(correction("X", { amount_minor: -300, to: "suspense" }));
    expect(told.tell(reversedTo("R2", 160, 160))).toBe("applied");
    expect(told.balances()).toEqual({ "exp:commission": "240", "suspense:recon": "-240" });
    expect(told.tell(healed("commission.posted", "b"))).toBe("applied");
    expect(told.line()).toMatchObject({ state: "held", reversed_minor: 160 });
    expect(told.tell(reversal("another", 60, BEFORE))).toBe("applied");
    expect(reversedOf(told)).toBe(160);
  });

  test("is refused where it would take more than there is, or of another currency", () => {
    const told = withLine();
    expect(told.tell(reversedTo("R1", 401, 401))).toBe("quarantined reversal_exceeds_line");
    expect(told.tell(reversedTo("R2", 1, 1, { currency: "EUR" }))).toBe(
      "quarantined currency_mismatch",
    );
    expect(reversedOf(told)).toBe(0);
  });

  test("waits for its line, and is a contradiction under the name of something else", () => {
    const told = new Told();
    expect(told.tell(reversedTo("R1", 100, 100))).toBe("quarantined line_unknown");
    told.tell(core("commission.posted"));
    expect(reversedOf(told)).toBe(100);
    told.tell(core("commission.posted", { line_id: "L2", order_id: "O2" }));
    expect(told.tell(reversedTo("L2", 50, 150))).toBe("conflict fact_contradicted");
    expect(told.tell(reversedTo("R1", 50, 50, { reverses_line_id: "L2" }))).toBe(
      "conflict fact_contradicted",
    );
    expect([reversedOf(told), told.line("L2").reversed_minor]).toEqual([100, 0]);
  });

  test("is the core's own where anybody else says so", () => {
    const told = withLine();
    const data = { line_id: "R9", amount_minor: 50, reversed_to_minor: 300, as_of: AS_OF };
    expect(told.tell(core("commission.reversed", data))).toBe("applied");
    expect(reversedOf(told)).toBe(50);
  });
});

/** A line as counted from DOMAIN alone. */
interface Counted {
  amount: number;
  reversed: number;
  bucket: "held" | "available";
  /** In suspense; undefined where it is not put aside. */
  aside?: number | undefined;
}

const KINDS = ["correct", "reverse", "release", "aside", "keep", "expense", "backfill"] as const;
const command = fc.record({
  kind: fc.constantFrom(...KINDS),
  line: fc.nat({ max: 2 }),
  by: fc.integer({ min: -250, max: 250 }),
});

type Command = typeof command extends fc.Arbitrary<infer T> ? T : never;

/** What a command says, by what is there; and what it makes of it, unless it is refused. */
function plan({ kind, line: nth, by }: Command, now: Counted, id: string) {
  const line_id = `L${nth}`;
  const left = now.amount - now.reversed;
  const isAside = now.aside !== undefined;
  const aside = now.aside ?? 0;
  switch (kind) {
    case "correct": {
      const isFine = !isAside && by !== 0 && left + by >= 0;
      const after = isFine ? { ...now, amount: now.amount + by } : undefined;
      return { arrival: correction(id, { line_id, amount_minor: by }), after };
    }
    case "reverse": {
      const amount_minor = Math.abs(by);
      const data = { line_id: `${line_id}-${id}`, reverses_line_id: line_id, amount_minor };
      const arrival = core("commission.reversed", data);
      if (isAside) {
        return {
          arrival,
          after: amount_minor > aside ? undefined : { ...now, aside: aside - amount_minor },
        };
      }
      const isFine = amount_minor <= left;
      return {
        arrival,
        after: isFine ? { ...now, reversed: now.reversed + amount_minor } : undefined,
      };
    }
    case "release":
      return {
        arrival: core("commission.released", { line_id }),
        after: { ...now, bucket: "available" as const },
      };
    case "aside": {
      const amount_minor = -Math.abs(by % 2 === 0 ? left : by);
      const isFine = !isAside && amount_minor === -left;
      const data = { line_id, to: "suspense", amount_minor: amount_minor === 0 ? 0 : amount_minor };
      if (isAside) {
        // Nothing of nothing is brought back; anything else has been put aside already.
        const back = { ...now, reversed: now.reversed - aside, aside: undefined };
        return {
          arrival: correction(id, data),
          after: aside === 0 && left === 0 && data.amount_minor === 0 ? back : undefined,
        };
      }
      return {
        arrival: correction(id, data),
        after: isFine ? { ...now, reversed: now.amount, aside: left } : undefined,
      };
    }
    case "keep": {
      const isFine = isAside && aside > 0;
      return {
        arrival: correction(id, { line_id, to: "suspense", amount_minor: Math.max(aside, 1) }),
        after: isFine ? { ...now, reversed: now.reversed - aside, aside: undefined } : undefined,
      };
    }
    case "expense": {
      const amount_minor = aside === 0 ? 0 : -aside;
      const isFine = isAside && aside > 0;
      return {
        arrival: correction(id, { line_id, to: "expense", amount_minor }),
        after: isFine ? { ...now, aside: 0 } : undefined,
      };
    }
    case "backfill":
      return {
        arrival: healed("commission.posted", id, { line_id, order_id: `O${nth}` }),
        after: isAside ? { ...now, reversed: now.reversed - aside, aside: undefined } : now,
      };
  }
}

function countedBalances(lines: readonly Counted[]): Readonly<Record<string, string>> {
  const sums = {
    "dist:B:held": 0,
    "dist:B:available": 0,
    "suspense:recon": 0,
    "exp:commission": 0,
  };
  for (const { amount, reversed, bucket, aside } of lines) {
    const left = amount - reversed;
    sums[`dist:B:${bucket}`] -= left;
    sums["suspense:recon"] -= aside ?? 0;
    sums["exp:commission"] += left + (aside ?? 0);
  }
  return Object.fromEntries(
    Object.entries(sums)
      .filter(([, sum]) => sum !== 0)
      .map(([account, sum]) => [account, String(sum)]),
  );
}

describe("lines with corrections, reversals, releases and suspense", () => {
  test("stand as they are counted, after every step, and what was written stays", () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 14 }), (commands) => {
        const told = new Told();
        const lines: Counted[] = [0, 1, 2].map((nth) => {
          told.tell(core("commission.posted", { line_id: `L${nth}`, order_id: `O${nth}` }));
          return { amount: 400, reversed: 0, bucket: "held" };
        });
        for (const [i, each] of commands.entries()) {
          const now = lines[each.line] ?? { amount: 0, reversed: 0, bucket: "held" };
          const { arrival, after } = plan(each, now, `c${i}`);
          const before = told.store.rows.map(({ hash, entry }) => `${hash} ${entry}`);
          const outcome = told.tell(arrival);
          const isRefused = outcome.startsWith("quarantined");
          expect(isRefused).toBe(after === undefined);
          if (after !== undefined) lines[each.line] = after;
          const rows = told.store.rows.map(({ hash, entry }) => `${hash} ${entry}`);
          expect(rows.slice(0, before.length)).toEqual(before);
          expect(told.balances()).toEqual(countedBalances(lines));
          told.tell(again(arrival));
          expect(told.balances()).toEqual(countedBalances(lines));
        }
        for (const [nth, { amount, reversed, aside }] of lines.entries()) {
          expect(told.line(`L${nth}`)).toMatchObject({
            amount_minor: amount,
            reversed_minor: reversed,
          });
          expect(told.line(`L${nth}`).suspense?.amount_minor).toBe(aside);
        }
      }),
      { numRuns: runs(300) },
    );
  });

  const facts = fc.record({
    raises: fc.array(fc.integer({ min: 1, max: 90 }), { maxLength: 3 }),
    reversals: fc.array(fc.integer({ min: 0, max: 100 }), { maxLength: 4 }),
    isReleased: fc.boolean(),
    repeats: fc.nat({ max: 3 }),
  });

  test("end the same in any order, with repeats", () => {
    const arriving = facts.chain(({ raises, reversals, isReleased, repeats }) => {
      const arrivals = [
        core("commission.posted"),
        ...raises.map((amount_minor, i) => correction(`A${i}`, { amount_minor })),
        ...reversals.map((amount_minor, i) =>
          core("commission.reversed", { line_id: `R${i}`, amount_minor }),
        ),
        ...(isReleased ? [core("commission.released")] : []),
      ];
      const more = arrivals.slice(0, repeats).map((arrival) => again(arrival));
      const all = [...arrivals, ...more];
      return fc
        .shuffledSubarray(all, { minLength: all.length })
        .map((shuffled) => ({ arrivals, shuffled }));
    });
    fc.assert(
      fc.property(arriving, ({ arrivals, shuffled }) => {
        const [straight, other] = [new Told(), new Told()];
        for (const arrival of arrivals) expect(straight.tell(arrival)).toBe("applied");
        for (const arrival of shuffled) other.tell(arrival);
        expect(other.line()).toEqual(straight.line());
        expect(other.balances()).toEqual(straight.balances());
      }),
      { numRuns: runs(200) },
    );
  });
});
