import { describe, expect, test } from "vitest";
import { ownIdOf, ownKey } from "#src/core/distributor/own-kept.ts";
import { distributorRules } from "#src/core/distributor/rules.ts";
import { readView } from "#src/core/distributor/view.ts";
import type { DispatchedLine, Line } from "#src/core/ledger/line.ts";
import { REVERSAL_MS_MAX } from "#src/core/ledger/own-line.ts";
import type { Move } from "#src/core/subject/move.ts";
import { settle, settleMove } from "#src/core/subject/settle.ts";
import { arrive, NOW_MS } from "../support/events.ts";
import { MemoryStore } from "../support/memory-store.ts";

const DUE_MS = NOW_MS + 1000;

const line = (given: Partial<DispatchedLine> = {}): DispatchedLine => ({
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
  effective_ms: 7,
  available_ms: null,
  rounding: "half_even",
  returned: [0, 25_000],
  ver: 1,
  computation: 1,
  ...given,
});

const HELD = { bucket: "held", available_ms: DUE_MS } as const;
const REFUNDED = { ver: 2, reversed_minor: 160, returned: [10_000, 25_000] } as const;

class Distributor {
  readonly store = new MemoryStore();
  #seq = 0;

  constructor() {
    settle(arrive("distributor.enrolled"), this.#desk(NOW_MS));
  }

  move(move: Move, nowMs = NOW_MS): this {
    settleMove(move, this.#desk(nowMs));
    return this;
  }

  line(given: Partial<DispatchedLine> = {}): this {
    const told = line(given);
    const occurred_ms = told.effective_ms;
    return this.move({ kind: "line", line: told, event_id: "evt_sale", occurred_ms });
  }

  due(nowMs: number): this {
    return this.move({ kind: "due", line_id: "O1:level:1:B" }, nowMs);
  }

  /** The core's own line of the same order, component, level and distributor. */
  posted(data: object = {}): this {
    this.#seq += 1;
    const place = { id: `core ${this.#seq}`, key: "dist:B", seq: this.#seq };
    const told = { line_id: "L1", order_id: "O1", component: "level", level: 1, ...data };
    settle(arrive("commission.posted", place, told), this.#desk(NOW_MS));
    return this;
  }

  reversed(amount_minor: number): this {
    this.#seq += 1;
    const place = { id: `core ${this.#seq}`, key: "dist:B", seq: this.#seq };
    const told = { line_id: `L1-R${this.#seq}`, reverses_line_id: "L1", amount_minor };
    settle(arrive("commission.reversed", place, told), this.#desk(NOW_MS));
    return this;
  }

  get balances(): Record<string, number> {
    const all = Object.entries(readView(this.store.view()).balances);
    return Object.fromEntries(
      all
        .map(([account, amounts]) => [account, Number(amounts["USD"] ?? 0)] as const)
        .filter(([account, sum]) => sum !== 0 && account !== "exp:commission"),
    );
  }

  /** `id state amount-reversed` of each line, as the mirror has it. */
  get lines(): readonly string[] {
    const rows = new Map<string, string>();
    for (const { effects } of this.store.entries) {
      for (const { line_id, state, amount_minor, reversed_minor } of effects.lines ?? []) {
        rows.set(line_id, `${line_id} ${state} ${amount_minor}-${reversed_minor}`);
      }
    }
    return [...rows.values()].toSorted();
  }

  get breaks(): readonly string[] {
    return this.store.entries.flatMap(
      ({ effects }) => effects.breaks?.map(({ break_id }) => break_id) ?? [],
    );
  }

  #desk(nowMs: number) {
    return { store: this.store, rules: distributorRules, nowMs };
  }
}

describe("a line of ours", () => {
  test.each<{ name: string; of: Distributor; balances: object; lines: string[] }>([
    {
      name: "is provisional",
      of: new Distributor().line(),
      balances: { "dist:B:pending": -400 },
      lines: ["O1:level:1:B pending 400-0"],
    },
    {
      name: "follows its order's refund",
      of: new Distributor().line().line(REFUNDED),
      balances: { "dist:B:pending": -240 },
      lines: ["O1:level:1:B pending 400-160"],
    },
    {
      name: "is told of once, whatever comes late",
      of: new Distributor().line(REFUNDED).line().line(REFUNDED),
      balances: { "dist:B:pending": -240 },
      lines: ["O1:level:1:B pending 400-160"],
    },
    {
      name: "is replaced by the core's (P3)",
      of: new Distributor().line().posted({ amount_minor: 300 }),
      balances: { "dist:B:held": -300 },
      lines: ["L1 held 300-0", "O1:level:1:B superseded 400-0"],
    },
    {
      name: "is replaced by the core's that came first",
      of: new Distributor().posted({ amount_minor: 300 }).line(),
      balances: { "dist:B:held": -300 },
      lines: ["L1 held 300-0", "O1:level:1:B superseded 400-0"],
    },
    {
      name: "leaves what the core's refund to the core",
      of: new Distributor().line().posted().line(REFUNDED),
      balances: { "dist:B:held": -400 },
      lines: ["L1 held 400-0", "O1:level:1:B superseded 400-160"],
    },
    {
      name: "is another than the core's of another level",
      of: new Distributor().line().posted({ level: 2, paid_level: 2 }),
      balances: { "dist:B:held": -400, "dist:B:pending": -400 },
      lines: ["L1 held 400-0", "O1:level:1:B pending 400-0"],
    },
    {
      name: "goes by the core's paid level, not by its depth",
      of: new Distributor().line().posted({ level: 4, paid_level: 1 }),
      balances: { "dist:B:held": -400 },
      lines: ["L1 held 400-0", "O1:level:1:B superseded 400-0"],
    },
    {
      name: "makes room where the core's has its name",
      of: new Distributor().line().posted({ line_id: "O1:level:1:B", amount_minor: 300 }),
      balances: { "dist:B:held": -300 },
      lines: ["O1:level:1:B held 300-0"],
    },
    {
      name: "makes room where the core's of its name came first",
      of: new Distributor().posted({ line_id: "O1:level:1:B", amount_minor: 300 }).line(),
      balances: { "dist:B:held": -300 },
      lines: ["O1:level:1:B held 300-0"],
    },
    {
      name: "becomes payable in time",
      of: new Distributor()
        .line(HELD)
        .due(DUE_MS - 1)
        .due(DUE_MS)
        .due(DUE_MS + 1),
      balances: { "dist:B:available": -400 },
      lines: ["O1:level:1:B available 400-0"],
    },
    {
      name: "is void where the core never confirms it",
      of: new Distributor().line(REFUNDED).move({ kind: "void", line_id: "O1:level:1:B" }),
      balances: {},
      lines: ["O1:level:1:B void 400-160"],
    },
    {
      name: "is not void once it is held",
      of: new Distributor().line(HELD).move({ kind: "void", line_id: "O1:level:1:B" }),
      balances: { "dist:B:held": -400 },
      lines: ["O1:level:1:B held 400-0"],
    },
  ])("$name", ({ of, balances, lines }) => {
    expect([of.balances, of.lines]).toEqual([balances, lines]);
  });

  test("has its cause in the log: what told of it, and when it holds", () => {
    const of = new Distributor().line(HELD).due(DUE_MS);
    expect(of.store.entries.slice(1).map(({ cause }) => cause)).toEqual([
      { kind: "line", event_id: "evt_sale", occurred_ms: 7 },
      { kind: "due", event_id: "evt_sale", occurred_ms: DUE_MS },
    ]);
  });

  test("that was payable when something of its time became known is for a person", () => {
    const of = new Distributor().line(HELD).due(DUE_MS);
    of.line({ ...HELD, ver: 2, computation: 2, amount_minor: 300 });
    expect(of.balances).toEqual({ "dist:B:available": -400 });
    expect(of.breaks).toEqual(["BACKDATED:O1:level:1:B:2"]);
    of.line({ ...HELD, ver: 2, computation: 2, amount_minor: 300 });
    expect(of.breaks).toHaveLength(1);
  });

  test("nothing is logged for what is not known, or is none of a distributor's", () => {
    const of = new Distributor();
    const before = of.store.dump();
    of.due(DUE_MS).move({ kind: "void", line_id: "X" });
    of.move({ kind: "recompute", event_id: "x", want: { node: "B", at_ms: 0 } });
    expect(of.store.dump()).toEqual(before);
    // The core's alone: there is a mark, and no line.
    of.posted().due(DUE_MS).move({ kind: "void", line_id: "O1:level:1:B" });
    expect(of.lines).toEqual(["L1 held 400-0"]);
  });
});

describe("a reversal that the core forgot", () => {
  const OVERDUE_MS = NOW_MS + REVERSAL_MS_MAX;
  const MISSING = "MISSING_REVERSAL:L1:160";

  test.each<{ name: string; of: () => Distributor; nowMs?: number; breaks: string[] }>([
    {
      name: "is missed in time",
      of: () => new Distributor().line().posted().line(REFUNDED),
      breaks: [MISSING],
    },
    {
      name: "is not missed before",
      of: () => new Distributor().line().posted().line(REFUNDED),
      nowMs: OVERDUE_MS - 1,
      breaks: [],
    },
    {
      name: "is missed, whichever came first",
      of: () => new Distributor().posted().line(REFUNDED),
      breaks: [MISSING],
    },
    {
      name: "is missed where it came in part",
      of: () => new Distributor().line().posted().line(REFUNDED).reversed(159),
      breaks: [MISSING],
    },
    {
      name: "is not missed where it came",
      of: () => new Distributor().line().posted().reversed(160).line(REFUNDED),
      breaks: [],
    },
    {
      name: "is of the core's own amount",
      of: () => new Distributor().line().posted({ amount_minor: 100 }).line(REFUNDED).reversed(40),
      breaks: [],
    },
    { name: "is none without a refund", of: () => new Distributor().line().posted(), breaks: [] },
    {
      name: "is none where the dispute was won",
      of: () => new Distributor().line().posted().line(REFUNDED).line({ ver: 3 }),
      breaks: [],
    },
  ])("$name", ({ of, nowMs = OVERDUE_MS, breaks }) => {
    const distributor = of().due(nowMs);
    expect(distributor.breaks).toEqual(breaks);
    expect(distributor.due(nowMs).breaks).toEqual(breaks);
  });
});

test("a line of no order, or of no level, stands for none of ours", () => {
  const core: Line = { ...line(), state: "held" };
  expect(ownIdOf(core)).toBe("O1:level:1:B");
  expect(ownIdOf({ ...core, order_id: null })).toBeUndefined();
  expect(ownIdOf({ ...core, level: null })).toBeUndefined();
  expect(ownKey("L1")).not.toBe("line:L1");
});
