import { createHash } from "node:crypto";
import type { GatewayEvent } from "#src/core/contracts/event.ts";
import { distributorRules } from "#src/core/distributor/rules.ts";
import { readView } from "#src/core/distributor/view.ts";
import type { Line } from "#src/core/ledger/line.ts";
import type { CoreLine } from "#src/core/reconciliation/core-line.ts";
import type { LocalLine } from "#src/core/reconciliation/differ.ts";
import type { Sha256 } from "#src/core/reconciliation/digest.ts";
import { type JudgeContext, type KnownBreak, LIMITS } from "#src/core/reconciliation/judge.ts";
import { settle } from "#src/core/subject/settle.ts";
import { arrivalOf, NOW_MS } from "../support/events.ts";
import { MemoryStore } from "../support/memory-store.ts";

export const sha256: Sha256 = (data) => createHash("sha256").update(data).digest();

export const HOUR_MS = 3_600_000;
/** Long enough ago for everything to be judged. */
export const PAST_MS = NOW_MS - 100 * HOUR_MS;

export const coreLine = (given: Partial<CoreLine> = {}): CoreLine => ({
  line_id: "L1",
  distributor_id: "B",
  order_id: "O1",
  component: "unilevel",
  level: 1,
  paid_level: 1,
  cv_x100: 8000,
  rate_ppm: 50_000,
  currency: "USD",
  amount_minor: 400,
  reversals: [],
  status: "held",
  period_id: "2026-07",
  run_id: "R1",
  effective_ms: PAST_MS,
  available_ms: null,
  updated_ms: PAST_MS,
  ...given,
});

export const localLine = (given: Partial<LocalLine> = {}): LocalLine => ({
  line_id: "L1",
  distributor_id: "B",
  order_id: "O1",
  component: "unilevel",
  level: 1,
  depth: 1,
  rate_ppm: 50_000,
  amount_minor: 400,
  reversed_minor: 0,
  currency: "USD",
  state: "held",
  period_id: "2026-07",
  effective_ms: PAST_MS,
  origin: "core",
  ...given,
});

export const contextOf = (given: Partial<JudgeContext> = {}): JudgeContext => ({
  nowMs: NOW_MS,
  closed: new Set(),
  known: new Map(),
  limits: LIMITS,
  sha256,
  ...given,
});

export const knownOf = (...breaks: readonly KnownBreak[]): ReadonlyMap<string, KnownBreak> =>
  new Map(breaks.map((known) => [known.break_id, known]));

/** A distributor's object, in memory, that events are told to as their sources make them. */
export class ToldObject {
  readonly store: MemoryStore;

  constructor(store = MemoryStore.enrolled()) {
    this.store = store;
  }

  tell(event: GatewayEvent): string {
    const arrival = arrivalOf(event);
    const settled = settle(arrival, {
      store: this.store,
      rules: distributorRules,
      nowMs: NOW_MS,
    });
    if (settled.kind !== "settled") throw new Error(JSON.stringify(settled));
    const { entries } = this.store;
    const { code } = entries[settled.position - 1] ?? {};
    return code === undefined ? settled.outcome : `${settled.outcome} ${code}`;
  }

  /** The core's lines as the mirror would have them. */
  lines(): readonly LocalLine[] {
    return [...this.store.facts]
      .filter(([key, { state }]) => key.startsWith("line:") && state !== "")
      .map(([, { state }]): LocalLine => {
        const { healed: _healed, ...shown } = this.#parse(state);
        return { ...shown, origin: "core" };
      })
      .toSorted((a, b) => (a.line_id < b.line_id ? -1 : 1));
  }

  line(lineId = "L1"): Line | undefined {
    const told = this.store.fact(`line:${lineId}`);
    return told === undefined ? undefined : this.#parse(told.state);
  }

  /** What the ledger has on an account, credit above zero. */
  credit(account: string, currency = "USD"): bigint {
    return -BigInt(readView(this.store.view()).balances[account]?.[currency] ?? "0");
  }

  #parse(state: string): Line {
    return JSON.parse(state);
  }
}
