import type { GatewayEvent } from "#src/core/contracts/event.ts";
import type { Json } from "#src/core/json.ts";

/**
 * What a distributor has after some events, counted from DOMAIN §2 and §3 alone: all facts at
 * once, as if there were no arrival. Only for histories whose facts do not contradict each other.
 */
export interface Sums {
  /** `account currency`, without the zeros: debit above zero. */
  readonly balances: Readonly<Record<string, bigint>>;
  /** Line id: what it is, what was reversed, and where the rest of it is. */
  readonly lines: Readonly<Record<string, readonly [number, number, string]>>;
  /** Register: the current rev with its epoch, and how many revisions there are. */
  readonly registers: Readonly<Record<string, readonly [string, number]>>;
  readonly statusAt: (ms: number) => Json | undefined;
  readonly sponsor: Json | undefined;
  /** Period and rev. */
  readonly rank: string | undefined;
  readonly volume: string | undefined;
}

type Data = Record<string, Json | undefined>;

const textOf = (value: Json | undefined): string => {
  if (typeof value !== "string") throw new Error("Not a text");
  return value;
};
const amountOf = (value: Json | undefined): bigint => BigInt(typeof value === "number" ? value : 0);

/** Nobody's money moves before somebody enrols him, and nobody ever does where no event says so. */
export function count(events: readonly GatewayEvent[]): Sums {
  const isEnrolled = events.some(({ type }) => type === "distributor.enrolled");
  return { ...countMoney(isEnrolled ? events : []), ...countRegisters(events) };
}

function countMoney(events: readonly GatewayEvent[]): Pick<Sums, "balances" | "lines"> {
  const sums: Record<string, bigint> = {};
  const debit: Debit = (account, { currency }, amount) => {
    const name = `${account} ${textOf(currency)}`;
    sums[name] = (sums[name] ?? 0n) + amount;
  };
  const lines = countLines(events, debit);
  for (const adjustment of dataOf(events, "adjustment.posted", "line_id").values()) {
    const amount = amountOf(adjustment["amount_minor"]);
    debit("exp:commission", adjustment, amount);
    debit(`${textOf(adjustment["dist"])}:available`, adjustment, -amount);
  }
  countPayouts(events, debit);
  const balances = Object.fromEntries(Object.entries(sums).filter(([, sum]) => sum !== 0n));
  return { balances, lines };
}

type Debit = (account: string, of: Data, amount: bigint) => void;

/** The data of all events of a type by their business id, which is told once or more. */
function dataOf(events: readonly GatewayEvent[], type: string, id: string): Map<string, Data> {
  const found = events.filter((event) => event.type === type);
  return new Map(
    found.map(({ data, occurredAtMs, key }) => {
      const told: Data = { ...data, at: occurredAtMs, dist: key };
      return [textOf(told[id]), told];
    }),
  );
}

function countLines(events: readonly GatewayEvent[], debit: Debit): Sums["lines"] {
  const reversals = [...dataOf(events, "commission.reversed", "line_id").values()];
  const released = dataOf(events, "commission.released", "line_id");
  const lines: Record<string, [number, number, string]> = {};
  for (const [id, line] of dataOf(events, "commission.posted", "line_id")) {
    const amount = amountOf(line["amount_minor"]);
    const reversed = reversals
      .filter((reversal) => reversal["reverses_line_id"] === id)
      .reduce((sum, reversal) => sum + amountOf(reversal["amount_minor"]), 0n);
    const until = line["available_at"];
    const isOver = typeof until === "string" && Date.parse(until) <= Number(line["at"]);
    const bucket = released.has(id) || isOver ? "available" : "held";
    lines[id] = [Number(amount), Number(reversed), bucket];
    debit("exp:commission", line, amount - reversed);
    debit(`${textOf(line["dist"])}:${bucket}`, line, reversed - amount);
  }
  return lines;
}

function countPayouts(events: readonly GatewayEvent[], debit: Debit): void {
  const settled = dataOf(events, "payout.settled", "payout_id");
  const failed = dataOf(events, "payout.failed", "payout_id");
  for (const [id, payout] of dataOf(events, "payout.initiated", "payout_id")) {
    const amount = (name: string) => amountOf(payout[name]);
    const failure = failed.get(id);
    const isBack = failure !== undefined;
    const sent = isBack ? 0n : amount("net_minor");
    const withheld = isBack ? 0n : amount("withholding_minor");
    const fee = isBack && failure["fee_kept"] !== true ? 0n : amount("fee_minor");
    const dist = textOf(payout["dist"]);
    debit(`${dist}:available`, payout, sent + fee + withheld);
    debit("rev:payout_fee", payout, -fee);
    debit("tax:withholding", payout, -withheld);
    debit(settled.has(id) ? "cash:bank" : `${dist}:in_transit`, payout, -sent);
  }
}

type Revised = GatewayEvent & { readonly rev: string };

const highest = (events: readonly Revised[]): Revised | undefined =>
  events.toSorted((a, b) => a.epoch - b.epoch || Number(BigInt(a.rev) - BigInt(b.rev))).at(-1);

function countRegisters(events: readonly GatewayEvent[]): Omit<Sums, "balances" | "lines"> {
  const revised = events.filter((event): event is Revised => event.rev !== undefined);
  const of = (type: string) => revised.filter((event) => event.type === type);
  const periodOf = ({ data }: GatewayEvent) => data["period_id"] ?? "";
  const registers: Record<string, readonly [string, number]> = {};
  for (const [name, told] of Map.groupBy(
    revised,
    (event) => `${event.type}:${textOf(periodOf(event))}`,
  )) {
    const current = highest(told);
    const places = new Set(told.map(({ epoch, rev }) => `${epoch}/${rev}`));
    registers[name] = [`${current?.epoch}/${current?.rev}`, places.size];
  }
  const latest = (type: string) => {
    const told = of(type);
    const last = told
      .map((event) => textOf(periodOf(event)))
      .toSorted()
      .at(-1);
    const current = highest(told.filter((event) => periodOf(event) === last));
    return current && `${last} ${current.epoch}/${current.rev}`;
  };
  const enrolment = highest(of("distributor.enrolled"));
  return {
    registers,
    sponsor: enrolment?.data["sponsor_id"],
    rank: latest("rank.changed"),
    volume: latest("volume.snapshot"),
    statusAt: (ms) => {
      const told = of("distributor.status_changed");
      const inForce = told.filter(({ data }) => Date.parse(textOf(data["effective_at"])) <= ms);
      return (highest(inForce) ?? enrolment)?.data["status"];
    },
  };
}
