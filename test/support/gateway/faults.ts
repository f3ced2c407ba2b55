import { readView } from "#src/core/distributor/view.ts";
import type { Line } from "#src/core/ledger/line.ts";
import type { OwnLine } from "#src/core/ledger/own-line.ts";
import { type OrderState, readOrder } from "#src/core/order/state.ts";
import type { Payout } from "#src/core/ledger/payout.ts";
import { firstBroken, GENESIS } from "#src/core/subject/chain.ts";
import type { Effects, Entry } from "#src/core/subject/entry.ts";
import { type MemoryStore, sha256 } from "../../core/support/memory-store.ts";
import type { Gateway } from "./gateway.ts";

type Sums = Map<string, bigint>;

/** What of a store was looked at by then. */
interface Watched {
  rows: number;
  hash: string;
  readonly sums: Sums;
}

/** What DOMAIN §7 wants true after every step. It looks at what each step has added only. */
export class Watch {
  readonly #watched = new Map<string, Watched>();
  readonly #gateway: Gateway;

  constructor(gateway: Gateway) {
    this.#gateway = gateway;
  }

  /** What is not as it has to be. */
  step(): string[] {
    const faults: string[] = [];
    for (const [subject, store] of this.#gateway.stores) {
      const watched = this.#watched.get(subject) ?? { rows: 0, hash: GENESIS, sums: new Map() };
      this.#watched.set(subject, watched);
      if (watched.rows === store.rows.length) continue;
      const found = [
        ...store.entries.slice(watched.rows).flatMap((entry) => faultsOfEntry(entry, watched.sums)),
        ...chainFaults(store, watched),
        ...(subject.startsWith("dist:") ? faultsOfDistributor(store, watched.sums) : []),
      ];
      faults.push(...found.map((fault) => `${subject}: ${fault}`));
    }
    return [...faults, ...this.#manifests()];
  }

  /** Whether every row of every log is still the one that was written first. */
  end(): string[] {
    return [...this.#gateway.stores].flatMap(([subject, store]) => {
      const watched = this.#watched.get(subject);
      const broken = firstBroken(store.rows, { position: 0, hash: GENESIS }, sha256);
      const isSame = store.rows.at(-1)?.hash === watched?.hash || store.rows.length === 0;
      return broken === undefined && isSame ? [] : [`${subject}: the log was changed at ${broken}`];
    });
  }

  /** Account and currency → balance, of all objects. */
  balances(): Map<string, bigint> {
    const sums: Sums = new Map();
    for (const watched of this.#watched.values()) {
      for (const [name, sum] of watched.sums) add(sums, name, sum);
    }
    return sums;
  }

  /** Where an order is mirrored, its distributors hold what it says it sent them. */
  #manifests(): string[] {
    const { mirror, stores } = this.#gateway;
    const held = new Map<string, OwnLine[]>();
    for (const [subject, store] of stores) {
      if (!subject.startsWith("dist:")) continue;
      for (const own of ownLines(store)) {
        const orderId = own.line.order_id ?? "";
        held.set(orderId, [...(held.get(orderId) ?? []), own]);
      }
    }
    return [...mirror.orders].flatMap(([orderId, { lines, manifest }]) => {
      const subject = `order:${orderId}`;
      if (!this.#gateway.isMirrored(subject)) return [];
      const owns = held.get(orderId) ?? [];
      // What a new computation says of a line that was paid on or replaced is a person's to decide.
      const order = readOrder(stores.get(subject)?.view());
      if (order.computation > 1 && (order.lines.some(isLate) || owns.some(isPast))) return [];
      const there = owns.filter(({ line }) => line.amount_minor > 0);
      const told = JSON.stringify([...manifestOf(there)]);
      if (there.length === lines && told === manifest) return [];
      return [`${subject}: its manifest is ${lines} ${manifest}, held are ${there.length} ${told}`];
    });
  }
}

/** Whether it was priced anew when its holdback was over: whoever had it keeps it as it was. */
export const isLate = ({ late }: OrderState["lines"][number]): boolean => late === true;

const isPast = ({ line: { state } }: OwnLine): boolean => state !== "pending" && state !== "held";

/** The gateway's lines as a distributor keeps them. */
export const ownLines = (store: MemoryStore): readonly OwnLine[] =>
  [...store.facts].flatMap(([key, { state }]) => {
    if (!key.startsWith("own:")) return [];
    const kept: OwnLine | { readonly superseded_by: string } = JSON.parse(state);
    return "line" in kept ? [kept] : [];
  });

function manifestOf(owns: readonly OwnLine[]): readonly (readonly string[])[] {
  const byCurrency = Map.groupBy(owns, ({ line }) => line.currency);
  return [...byCurrency]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([currency, of]) => [
      currency,
      String(of.reduce((sum, { line }) => sum + line.amount_minor, 0)),
      String(of.reduce((sum, { line }) => sum + line.reversed_minor, 0)),
    ]);
}

function add(sums: Sums, name: string, amount: bigint): void {
  const sum = (sums.get(name) ?? 0n) + amount;
  if (sum === 0n) sums.delete(name);
  else sums.set(name, sum);
}

function faultsOfEntry({ effects, outcome, cause }: Entry, sums: Sums): string[] {
  const faults: string[] = [];
  const isWithout = outcome !== "applied" && cause === undefined;
  if (isWithout && hasEffect(effects)) faults.push(`what is ${outcome} has effects`);
  const byCurrency: Sums = new Map();
  for (const { debit, credit, amount_minor, currency } of effects.transfers ?? []) {
    if (!Number.isSafeInteger(amount_minor) || amount_minor <= 0) faults.push("no amount");
    for (const [account, amount] of [
      [debit, BigInt(amount_minor)],
      [credit, -BigInt(amount_minor)],
    ] as const) {
      add(sums, `${currency} ${account}`, amount);
      add(byCurrency, currency, amount);
    }
  }
  if (byCurrency.size > 0) faults.push("debits and credits of a transaction differ");
  if (cause?.kind === "act") faults.push(...writeOffFaults(effects, sums));
  return faults;
}

/** P14: neither what was owed nor what was to be collected is ever written off beyond itself. */
const writeOffFaults = ({ transfers = [] }: Effects, sums: Sums): string[] =>
  transfers.flatMap(({ credit, currency }) =>
    (sums.get(`${currency} ${credit}`) ?? 0n) < 0n ? [`${credit} was written off beyond 0`] : [],
  );

/** A gap, and a name by which others find what waits, change no book. */
const hasEffect = ({ gaps: _gaps, aliases: _aliases, ...effects }: Effects): boolean =>
  Object.values(effects).some((effect) => effect !== undefined);

function chainFaults(store: MemoryStore, watched: Watched): string[] {
  const broken = firstBroken(
    store.rows.slice(watched.rows),
    { position: watched.rows, hash: watched.hash },
    sha256,
  );
  Object.assign(watched, { rows: store.rows.length, hash: store.rows.at(-1)?.hash ?? GENESIS });
  return broken === undefined ? [] : [`the chain breaks at ${broken}`];
}

function faultsOfDistributor(store: MemoryStore, sums: Sums): string[] {
  const faults: string[] = [];
  const view: Sums = new Map();
  for (const [account, amounts] of Object.entries(readView(store.view()).balances)) {
    for (const [currency, text] of Object.entries(amounts)) {
      add(view, `${currency} ${account}`, BigInt(text));
    }
  }
  if (!isEqual(view, sums)) faults.push("a balance is not the sum of its transfers");
  for (const { amount_minor, reversed_minor, line_id } of linesOf(store)) {
    const isWithin = reversed_minor >= 0 && reversed_minor <= amount_minor;
    if (!isWithin) faults.push(`${reversed_minor} of ${amount_minor} of ${line_id} are reversed`);
  }
  return [...faults, ...transitFaults(store, sums), ...bucketFaults(store, sums)];
}

/** What is pending and held is what is left of the lines that are. */
function bucketFaults(store: MemoryStore, sums: Sums): string[] {
  const left: Sums = new Map();
  for (const line of linesOf(store)) {
    if (line.state !== "pending" && line.state !== "held") continue;
    const account = `dist:${line.distributor_id}:${line.state}`;
    add(left, `${line.currency} ${account}`, BigInt(line.reversed_minor - line.amount_minor));
  }
  const open = new Map([...sums].filter(([name]) => /:(?:pending|held)$/.test(name)));
  return isEqual(left, open) ? [] : ["what is pending or held is not what is left of the lines"];
}

const isEqual = (a: Sums, b: Sums): boolean =>
  a.size === b.size && [...a].every(([name, sum]) => b.get(name) === sum);

/** The core's lines and ours. */
export const linesOf = (store: MemoryStore): readonly Line[] => [
  ...[...store.facts.values()]
    .filter(({ essence, state }) => essence.startsWith('["commission"') && state !== "")
    .map(({ state }): Line => JSON.parse(state)),
  ...ownLines(store).map(({ line }) => line),
];

function transitFaults(store: MemoryStore, sums: Sums): string[] {
  const open: Sums = new Map();
  for (const [key, { essence, state }] of store.facts) {
    if (!essence.startsWith('["payout"')) continue;
    const payout: Payout = JSON.parse(state);
    if (store.facts.has(key.replace("payout:", "payout_end:"))) continue;
    const account = `dist:${payout.distributor_id}:in_transit`;
    add(open, `${payout.currency} ${account}`, -BigInt(payout.net_minor));
  }
  const inTransit = new Map([...sums].filter(([name]) => name.endsWith(":in_transit")));
  return isEqual(open, inTransit) ? [] : ["in transit is not what payouts are open"];
}
