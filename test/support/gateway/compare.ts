import type { Line } from "#src/core/ledger/line.ts";
import { readOrder } from "#src/core/order/state.ts";
import type { Entry } from "#src/core/subject/entry.ts";
import type { NaiveLine } from "../naive/lines.ts";
import type { NaiveResult } from "../naive/naive.ts";
import type { History } from "../histories/history.ts";
import type { Gateway } from "./gateway.ts";
import { isLate, linesOf } from "./faults.ts";
import type { Played } from "./play.ts";

type Sums = Map<string, bigint>;

/** Where a company as it was played ends otherwise than it was counted. */
export function differences(
  { gateway, watch, contradictions }: Played,
  counted: NaiveResult,
  { hasMoves }: Pick<History, "hasMoves">,
): string[] {
  if (isAhead(gateway, counted)) return [];
  const entries = [...gateway.stores.values()].flatMap(({ entries: rows }) => rows);
  const past = pastOf(gateway, entries);
  const found = [
    ...outcomeFaults(gateway, counted, contradictions),
    ...messageFaults(entries, counted),
  ];
  if (counted.doubts.length > 0) return found;
  return [
    ...found,
    ...volumeFaults(entries, counted, hasMoves),
    ...lineFaults(gateway, counted, past),
    ...balanceFaults(watch.balances(), counted, { past, entries }),
  ];
}

/**
 * Whether a sale was paid on before it became known that somebody unknown is above it: it stays so
 * until that is told, and the calculator would have had it wait.
 */
const isAhead = ({ mirror }: Gateway, { confirmations }: NaiveResult): boolean =>
  [...mirror.orders.values()].some(({ payment_id, source_node, paid_ms }) => {
    if (payment_id === null || source_node === null || paid_ms === null) return false;
    const { sponsor, placement } = mirror.lineages({ node: source_node, at_ms: paid_ms });
    const isGap = "kind" in sponsor || "kind" in placement;
    return isGap && Math.max(...(confirmations[payment_id] ?? [0])) === 0;
  });

/** What time and people have done to lines, which the calculator does not count. */
interface Past {
  /** Orders of which a person has to decide something. */
  readonly backdated: ReadonlySet<string>;
  readonly void: ReadonlySet<string>;
  /** Whether a holdback has ended. */
  readonly hasReleased: boolean;
  /** Orders that were priced anew after their holdback: their lines stay as they are. */
  readonly late: ReadonlySet<string>;
}

function pastOf(gateway: Gateway, entries: readonly Entry[]): Past {
  const breaks = entries.flatMap(({ effects }) => effects.breaks ?? []);
  return {
    backdated: new Set(
      breaks
        .filter((each) => each.class === "BACKDATED")
        .map(({ reference }) => reference.slice(0, reference.indexOf(":"))),
    ),
    void: new Set(
      allLines(gateway)
        .filter(({ state }) => state === "void")
        .map(({ line_id }) => line_id),
    ),
    late: new Set(
      [...gateway.stores].flatMap(([subject, store]) => {
        if (!subject.startsWith("order:")) return [];
        const { order_id = "", lines } = readOrder(store.view());
        return lines.some(isLate) ? [order_id] : [];
      }),
    ),
    hasReleased: entries.some(
      ({ cause, effects }) =>
        cause?.kind === "due" && effects.lines?.some(({ state }) => state === "available") === true,
    ),
  };
}

const allLines = (gateway: Gateway): readonly Line[] =>
  [...gateway.stores].flatMap(([subject, store]) =>
    subject.startsWith("dist:") ? linesOf(store) : [],
  );

/** How an event may end. Of what waits in its stream, either word is right. */
export function allowedOf(id: string, { held, lines }: NaiveResult): readonly string[] {
  const allowed = held[id] ?? ["applied", "duplicate"];
  // A line that comes to nothing is none, and then there is nothing to release.
  const canMiss =
    allowed.includes("parked") ||
    allowed.includes("buffered") ||
    lines.some((line) => line.amount_minor === 0n);
  return id.startsWith("core-") && canMiss ? [...allowed, "quarantined", "parked"] : allowed;
}

function outcomeFaults(
  gateway: Gateway,
  counted: NaiveResult,
  contradictions: readonly string[],
): string[] {
  const outcomes = new Map<string, string>();
  for (const { entries } of gateway.stores.values()) {
    for (const { event, outcome } of entries) {
      if (event !== undefined && outcome !== undefined) outcomes.set(event.id, outcome);
    }
  }
  for (const { event } of gateway.parked.values()) outcomes.set(event.id, "parked");
  for (const { event } of gateway.aside.values()) outcomes.set(event.id, "quarantined");
  const contradicting = new Set(contradictions);
  return [...outcomes].flatMap(([id, outcome]) => {
    const allowed = contradicting.has(id) ? ["conflict"] : allowedOf(id, counted);
    return allowed.includes(outcome) ? [] : [`${id} is ${outcome} and not ${allowed.join(" or ")}`];
  });
}

function messageFaults(entries: readonly Entry[], { confirmations }: NaiveResult): string[] {
  const keys = entries.flatMap(({ effects }) => effects.messages?.map(({ key }) => key) ?? []);
  return Object.entries(confirmations).flatMap(([paymentId, allowed]) => {
    const times = keys.filter((key) => key === `msg:payment_confirmed:${paymentId}`).length;
    return allowed.includes(times) ? [] : [`${paymentId} is confirmed ${times} times`];
  });
}

function volumeFaults(
  entries: readonly Entry[],
  { volumes }: NaiveResult,
  hasMoves: boolean,
): string[] {
  const sums: Sums = new Map();
  const points = hasMoves ? (["pv_x100", "cv_x100"] as const) : POINTS;
  for (const { effects } of entries) {
    for (const step of effects.volumes ?? []) {
      const { distributor_id, period_id } = step;
      for (const kind of points) {
        add(sums, `${distributor_id} ${period_id} ${kind}`, BigInt(step[kind]));
      }
    }
  }
  const counted: Sums = new Map();
  for (const [id, periods] of Object.entries(volumes)) {
    for (const [period, volume] of Object.entries(periods)) {
      for (const kind of points) add(counted, `${id} ${period} ${kind}`, volume[kind]);
    }
  }
  return unequal(sums, counted);
}

const POINTS = ["pv_x100", "cv_x100", "gv_x100"] as const;

function lineFaults(gateway: Gateway, counted: NaiveResult, past: Past): string[] {
  // The core's own lines have their depth from the core; what was paid on keeps its place in the
  // tree, whatever became known of that later.
  const isFixed = (line: Line | NaiveLine) =>
    ("effective_ms" in line && line.origin !== "gateway") ||
    (past.hasReleased && line.state !== "pending") ||
    past.late.has(line.order_id ?? "");
  const shown = (line: Line | NaiveLine): string =>
    JSON.stringify([
      line.distributor_id,
      line.order_id,
      line.component,
      line.level,
      isFixed(line) ? null : line.depth,
      line.rate_ppm,
      String(line.amount_minor),
      String(line.reversed_minor),
      line.currency,
      past.hasReleased && line.state === "held" ? "available" : line.state,
    ]);
  const live = (lines: readonly (Line | NaiveLine)[]): ReadonlyMap<string, string> =>
    new Map(
      lines
        .filter(({ state, amount_minor, line_id, order_id }) => {
          const isGone = state === "superseded" || state === "void" || past.void.has(line_id);
          return !isGone && BigInt(amount_minor) !== 0n && !past.backdated.has(order_id ?? "");
        })
        .map((line) => [`${line.distributor_id} ${line.line_id}`, shown(line)]),
    );
  const is = live(allLines(gateway));
  const should = live(counted.lines);
  return [...new Set([...is.keys(), ...should.keys()])]
    .filter((name) => is.get(name) !== should.get(name))
    .map((name) => `line ${name} is ${is.get(name)} and not ${should.get(name)}`);
}

function balanceFaults(
  balances: ReadonlyMap<string, bigint>,
  counted: NaiveResult,
  { past, entries }: { readonly past: Past; readonly entries: readonly Entry[] },
): string[] {
  const is: Sums = new Map();
  for (const [name, sum] of balances) add(is, merged(name, past), sum);
  // What was written off is undone.
  for (const { effects } of entries) {
    for (const { rule, debit, credit, currency, amount_minor } of effects.transfers ?? []) {
      if (rule !== "P14") continue;
      add(is, merged(`${currency} ${debit}`, past), -BigInt(amount_minor));
      add(is, merged(`${currency} ${credit}`, past), BigInt(amount_minor));
    }
  }
  const should: Sums = new Map();
  for (const [currency, accounts] of Object.entries(counted.balances)) {
    for (const [account, sum] of Object.entries(accounts)) {
      add(should, merged(`${currency} ${account}`, past), sum);
    }
  }
  for (const line of counted.lines) {
    if (!past.void.has(line.line_id) || line.state !== "pending") continue;
    const left = line.amount_minor - line.reversed_minor;
    add(should, `${line.currency} exp:commission`, -left);
    add(should, `${line.currency} dist:${line.distributor_id}:pending`, left);
  }
  const isComparable = (name: string) =>
    past.backdated.size === 0 || !/ (dist:|exp:commission)/.test(name);
  return unequal(is, should, isComparable);
}

const merged = (name: string, { hasReleased }: Past): string =>
  hasReleased ? name.replace(/:held$/, ":available") : name;

const unequal = (
  is: Sums,
  should: Sums,
  isComparable: (name: string) => boolean = () => true,
): string[] =>
  [...new Set([...is.keys(), ...should.keys()])]
    .filter((name) => isComparable(name) && is.get(name) !== should.get(name))
    .map((name) => `${name} is ${is.get(name)} and not ${should.get(name)}`);

function add(sums: Sums, name: string, amount: bigint): void {
  const sum = (sums.get(name) ?? 0n) + amount;
  if (sum === 0n) sums.delete(name);
  else sums.set(name, sum);
}
