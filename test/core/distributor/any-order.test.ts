import { runs } from "../../support/runs.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { balanceOf, readView, statusAt } from "#src/core/distributor/view.ts";
import { distributorRules } from "#src/core/distributor/rules.ts";
import type { Line } from "#src/core/ledger/line.ts";
import type { Payout } from "#src/core/ledger/payout.ts";
import { firstBroken, GENESIS } from "#src/core/subject/chain.ts";
import type { Effects } from "#src/core/subject/entry.ts";
import { settle, type Settlement } from "#src/core/subject/settle.ts";
import type { Arrival } from "#src/core/subject/state.ts";
import { again, NOW_MS } from "../support/events.ts";
import { type History, history, HOUR_MS } from "../support/histories.ts";
import { MemoryStore, sha256 } from "../support/memory-store.ts";
import { count } from "../support/naive-distributor.ts";

const FROM_GENESIS = { position: 0, hash: GENESIS };

const linesOf = (store: MemoryStore): Line[] =>
  [...store.facts.values()]
    .filter(({ essence }) => essence.startsWith('["commission"'))
    .map(({ state }): Line => JSON.parse(state));

const balancesOf = (store: MemoryStore): Record<string, bigint> =>
  Object.fromEntries(
    Object.entries(readView(store.view()).balances).flatMap(([account, amounts]) =>
      Object.entries(amounts)
        .map(([currency, text]) => [`${account} ${currency}`, BigInt(text)] as const)
        .filter(([, balance]) => balance !== 0n),
    ),
  );

const effectsOf = (store: MemoryStore): readonly Effects[] =>
  store.entries.map(({ effects }) => effects);

/** Adds up the transfers of the rows that it has not seen yet. */
class Tally {
  readonly #store: MemoryStore;
  readonly #sums = new Map<string, bigint>();
  #rows = 0;

  constructor(store: MemoryStore) {
    this.#store = store;
  }

  sums(): Record<string, bigint> {
    for (const { effects } of this.#store.entries.slice(this.#rows)) {
      for (const { debit, credit, amount_minor, currency } of effects.transfers ?? []) {
        this.#add(`${debit} ${currency}`, BigInt(amount_minor));
        this.#add(`${credit} ${currency}`, -BigInt(amount_minor));
      }
    }
    this.#rows = this.#store.entries.length;
    return Object.fromEntries([...this.#sums].filter(([, sum]) => sum !== 0n));
  }

  #add(name: string, amount: bigint): void {
    this.#sums.set(name, (this.#sums.get(name) ?? 0n) + amount);
  }
}

function openPayouts(store: MemoryStore, currency: string): bigint {
  let open = 0n;
  const ended = [...store.facts].filter(([, { essence }]) => /^\["(settled|failed)"/.test(essence));
  for (const { essence, state } of store.facts.values()) {
    if (!essence.startsWith('["payout"')) continue;
    const payout: Payout = JSON.parse(state);
    const isOpen = !ended.some(([key]) => key.includes(payout.payout_id));
    if (isOpen && payout.currency === currency) open += BigInt(payout.net_minor);
  }
  return open;
}

const same = (a: Record<string, bigint>, b: Record<string, bigint>): boolean =>
  Object.keys(a).length === Object.keys(b).length &&
  Object.entries(a).every(([name, sum]) => b[name] === sum);

/** What DOMAIN §7 wants true after every step and is not. An `expect` at every step costs seconds. */
function faultsOf(store: MemoryStore, tally: Tally): string[] {
  const balances = balancesOf(store);
  const faults: string[] = [];
  if (!same(balances, tally.sums())) faults.push("a balance is not the sum of its transfers");
  for (const currency of ["USD", "EUR"]) {
    const inIt = Object.entries(balances).filter(([name]) => name.endsWith(currency));
    const sum = inIt.reduce((total, [, balance]) => total + balance, 0n);
    if (sum !== 0n) faults.push(`debits and credits of ${currency} differ by ${sum}`);
    const inTransit = -balanceOf(readView(store.view()), "dist:B:in_transit", currency);
    const open = openPayouts(store, currency);
    if (inTransit !== open) faults.push(`${inTransit} in transit, open payouts are ${open}`);
  }
  for (const { reversed_minor, amount_minor, line_id } of linesOf(store)) {
    if (reversed_minor > amount_minor) faults.push(`more is reversed than ${line_id} has`);
  }
  return faults;
}

/** Whoever asks for an arrival must find the row that its settlement names. */
function unlogged(store: MemoryStore, arrival: Arrival, settlement: Settlement): string[] {
  if (settlement.kind === "failed") return [settlement.error];
  if (settlement.kind === "wants") return [`${arrival.eventId} wants to look around`];
  const row = store.entries[settlement.position - 1];
  const isThere =
    row?.event?.event_id === (settlement.of ?? arrival.eventId) &&
    row.outcome === settlement.outcome;
  return isThere ? [] : [`${arrival.eventId} is not at ${settlement.position}`];
}

function replay(arrivals: readonly Arrival[], store = new MemoryStore()): MemoryStore {
  const tally = new Tally(store);
  const faults = arrivals.flatMap((arrival, i) => {
    const nowMs = NOW_MS + i * HOUR_MS;
    const settlement = settle(arrival, { store, rules: distributorRules, nowMs });
    return [...unlogged(store, arrival, settlement), ...faultsOf(store, tally)];
  });
  expect(faults).toEqual([]);
  return store;
}

function expectSums(store: MemoryStore, { events, arrivals }: History): void {
  const naive = count(events);
  const view = readView(store.view());
  const standing = ({ rank, volume }: typeof view) =>
    [rank, volume].map((at) => at && `${at.period_id} ${at.epoch}/${at.rev}`);

  expect(balancesOf(store)).toEqual(naive.balances);
  const lines = linesOf(store).map(({ line_id, amount_minor, reversed_minor, state }) => [
    line_id,
    [amount_minor, reversed_minor, state],
  ]);
  expect(Object.fromEntries(lines)).toEqual(naive.lines);
  const registers = [...store.registers].map(([name, told]) => {
    const current = store.current(name);
    return [name, [`${current?.epoch}/${current?.rev}`, told.length]];
  });
  expect(Object.fromEntries(registers)).toEqual(naive.registers);
  expect(standing(view)).toEqual([naive.rank, naive.volume]);
  for (const hours of [0, 1, 5, 20, 60, 1000]) {
    const atMs = NOW_MS + (arrivals.length + hours) * HOUR_MS;
    expect(statusAt(view, atMs)).toBe(naive.statusAt(atMs));
  }
}

/** The profile is that of the highest enrolment that brought one, whichever came last. */
function expectProfile(store: MemoryStore, { arrivals }: History): void {
  const highest = arrivals
    .filter(({ event, profile }) => event.type === "distributor.enrolled" && profile !== undefined)
    .map(({ event: { epoch, rev = "0" }, profile }) => ({ epoch, rev: BigInt(rev), profile }))
    .toSorted((a, b) => a.epoch - b.epoch || Number(a.rev - b.rev))
    .at(-1);
  expect(store.profile).toEqual(highest?.profile);
}

function expectFrontline(store: MemoryStore, { events }: History): void {
  const counts: Record<string, number> = {};
  for (const { frontline = [] } of effectsOf(store)) {
    for (const { distributor_id, by } of frontline) {
      counts[distributor_id] = (counts[distributor_id] ?? 0) + by;
    }
  }
  const { sponsor } = count(events);
  const left = Object.entries(counts).filter(([, sum]) => sum !== 0);
  expect(left).toEqual(typeof sponsor === "string" ? [[sponsor, 1]] : []);
}

describe("settle() of a distributor's events", () => {
  test(
    "ends the same in any order with repeats, and is sound after every step",
    () => {
      fc.assert(
        fc.property(history, (given) => {
          const store = replay(given.arrivals);
          expectSums(store, given);
          expectFrontline(store, given);
          expectProfile(store, given);
          expect(firstBroken(store.rows, FROM_GENESIS, sha256)).toBeUndefined();
        }),
        { numRuns: runs(600) },
      );
    },
    runs(60_000),
  );

  test(
    "logs every event, and commits nothing when all of them come again",
    () => {
      fc.assert(
        fc.property(history, ({ arrivals }) => {
          const store = replay(arrivals);
          const logged = new Set(store.entries.map(({ event }) => `${event?.source} ${event?.id}`));
          const told = new Set(arrivals.map(({ event: { source, id } }) => `${source} ${id}`));
          expect(logged).toEqual(told);
          const before = store.dump();
          replay(
            arrivals.toReversed().map((arrival) => again(arrival, 3)),
            store,
          );
          expect(store.dump()).toEqual(before);
        }),
        { numRuns: runs(100) },
      );
    },
    runs(60_000),
  );

  test(
    "shows a row that was changed",
    () => {
      const change = fc.constantFrom("entry", "hash", "position");
      fc.assert(
        fc.property(history, fc.nat(), change, ({ arrivals }, nth, what) => {
          const { rows } = replay(arrivals);
          fc.pre(rows.length > 0);
          const place = nth % rows.length;
          const tampered = rows.map((row, i) => {
            if (i !== place) return row;
            if (what === "position") return { ...row, position: row.position + 1 };
            return { ...row, [what]: `${row[what]} ` };
          });
          const expected = what === "position" ? place + 2 : place + 1;
          expect(firstBroken(tampered, FROM_GENESIS, sha256)).toBe(expected);
        }),
        { numRuns: runs(50) },
      );
    },
    runs(60_000),
  );
});
