import fc from "fast-check";
import type { GatewayEvent } from "#src/core/contracts/event.ts";
import type { Json } from "#src/core/json.ts";
import type { EventType } from "#src/core/contracts/catalogue.ts";
import type { Arrival } from "#src/core/subject/state.ts";
import { again, arrivalOf, event, NOW_MS, OUT, retold } from "./events.ts";

export const HOUR_MS = 3_600_000;

/** What happened to a distributor, and how it arrived. */
export interface History {
  readonly events: readonly GatewayEvent[];
  readonly arrivals: readonly Arrival[];
}

interface Draft {
  readonly type: EventType;
  readonly stream: number;
  readonly data: Readonly<Record<string, Json>>;
  readonly rev?: { readonly epoch: number; readonly rev: string };
}

const at = (hours: number): string => new Date(NOW_MS + hours * HOUR_MS).toISOString();
const hours = fc.integer({ min: -40, max: 60 });
/** The streams that tell of money: two sources, and two epochs of the core. */
const STREAMS = [
  { source: "core", epoch: 0 },
  { source: "core", epoch: 1 },
  { source: "bank", epoch: 0 },
] as const;
const stream = fc.nat({ max: STREAMS.length - 1 });
const currency = fc.constantFrom("USD", "EUR");
const amount = fc.oneof(
  { arbitrary: fc.nat({ max: 500 }), weight: 6 },
  { arbitrary: fc.constantFrom(0, 1, Number.MAX_SAFE_INTEGER), weight: 1 },
);

const line = fc.record({
  amount,
  currency,
  stream,
  heldHours: fc.option(fc.integer({ min: -5, max: 5 })),
  reversals: fc.array(fc.record({ share: fc.nat({ max: 100 }), stream }), { maxLength: 3 }),
  releases: fc.array(stream, { maxLength: 2 }),
  told: fc.array(stream, { maxLength: 1 }),
});

function lineDrafts(
  {
    amount: amount_minor,
    heldHours,
    ...given
  }: typeof line extends fc.Arbitrary<infer T> ? T : never,
  nth: number,
): Draft[] {
  const line_id = `L${nth}`;
  const data = {
    line_id,
    distributor_id: "B",
    order_id: `O${nth}`,
    currency: given.currency,
    amount_minor,
    available_at: at(heldHours ?? 700),
  };
  let left = amount_minor;
  const reversals = given.reversals.map(({ share, stream: by }, i): Draft => {
    const part = share === 100 ? left : Math.floor(left / 100) * share;
    left -= part;
    const reversal = { line_id: `${line_id}-R${i}`, reverses_line_id: line_id, amount_minor: part };
    return {
      type: "commission.reversed",
      stream: by,
      data: { ...reversal, currency: given.currency },
    };
  });
  return [
    ...[given.stream, ...given.told].map((by): Draft => ({
      type: "commission.posted",
      stream: by,
      data,
    })),
    ...reversals,
    ...given.releases.map((by): Draft => ({
      type: "commission.released",
      stream: by,
      data: { line_id },
    })),
  ];
}

const payout = fc.record({
  net: amount.map((net) => Math.min(net, Number.MAX_SAFE_INTEGER - 1000)),
  fee: fc.nat({ max: 30 }),
  tax: fc.nat({ max: 30 }),
  currency,
  stream,
  end: fc.constantFrom("open", "settled", "failed", "failed, fee kept"),
  ends: fc.array(stream, { minLength: 1, maxLength: 2 }),
});

function payoutDrafts(
  { net, fee, tax, end, ...given }: typeof payout extends fc.Arbitrary<infer T> ? T : never,
  nth: number,
): Draft[] {
  const payout_id = `PO${nth}`;
  const data = {
    payout_id,
    currency: given.currency,
    gross_minor: net + fee + tax,
    net_minor: net,
    fee_minor: fee,
    withholding_minor: tax,
  };
  const started: Draft = { type: "payout.initiated", stream: given.stream, data };
  if (end === "open") return [started];
  const ended = given.ends.map((by): Draft =>
    end === "settled"
      ? { type: "payout.settled", stream: by, data: { payout_id } }
      : { type: "payout.failed", stream: by, data: { payout_id, fee_kept: end !== "failed" } },
  );
  return [started, ...ended];
}

const adjustment = fc
  .record({ amount, isGain: fc.boolean(), currency, stream, effective: hours })
  .map((given) => (nth: number): Draft => ({
    type: "adjustment.posted",
    stream: given.stream,
    data: {
      line_id: `A${nth}`,
      currency: given.currency,
      amount_minor: given.isGain ? given.amount : -given.amount,
      effective_at: at(given.effective),
    },
  }));

/** What nobody ever posted: waits for ever, and changes nothing. */
const orphan = fc
  .record({ kind: fc.nat({ max: 2 }), stream })
  .map(({ kind, stream: by }): Draft => {
    if (kind === 0) return { type: "commission.released", stream: by, data: { line_id: "LX" } };
    if (kind === 1) return { type: "payout.settled", stream: by, data: { payout_id: "POX" } };
    const data = { line_id: "LX-R", reverses_line_id: "LX" };
    return { type: "commission.reversed", stream: by, data };
  });

const revisions = fc.uniqueArray(
  fc.record({
    epoch: fc.nat({ max: 1 }),
    rev: fc.oneof(
      fc.nat({ max: 120 }).map(String),
      fc.bigInt({ min: 2n ** 53n - 2n, max: 2n ** 53n + 4n }).map(String),
      fc.bigInt({ min: 10n ** 19n, max: 10n ** 37n }).map(String),
    ),
  }),
  { maxLength: 6, selector: ({ epoch, rev }) => `${epoch}/${rev}` },
);

const standings = fc
  .record({
    statuses: revisions,
    enrolments: revisions,
    ranks: revisions,
    volumes: revisions,
    words: fc.array(fc.nat({ max: 3 }), { minLength: 6, maxLength: 6 }),
    hours: fc.array(hours, { minLength: 6, maxLength: 6 }),
  })
  .map(({ words, hours: when, ...given }): Draft[] => {
    const word = (i: number, values: readonly string[]) => values[words[i] ?? 0] ?? "active";
    const statuses = ["active", "grace", "suspended", "terminated"];
    const periods = ["2026-05", "2026-06", "2026-07", "2026-07"];
    const by = { stream: 0 };
    return [
      ...given.statuses.map((rev, i): Draft => {
        const data = { status: word(i, statuses), effective_at: at(when[i] ?? 0) };
        // Not of the contract, and no reason to forget what the enrolment said.
        const pii = words[i] === 0 ? { pii: { name: "Nobody" } } : {};
        return { ...by, type: "distributor.status_changed", rev, data: { ...data, ...pii } };
      }),
      ...given.enrolments.map((rev, i): Draft => {
        const data = { status: word(i, statuses), sponsor_id: `S${words[i]}` };
        const pii = { pii: words[i] === 1 ? OUT : { name: `Ann ${rev.epoch} ${rev.rev}` } };
        return { ...by, type: "distributor.enrolled", rev, data: { ...data, ...pii } };
      }),
      ...given.ranks.map((rev, i): Draft => {
        const data = { period_id: word(i, periods), pay_rank: `rank ${rev.rev}` };
        return { ...by, type: "rank.changed", rev, data };
      }),
      ...given.volumes.map((rev, i): Draft => {
        const data = { period_id: word(5 - i, periods), pv_x100: i * 100 };
        return { ...by, type: "volume.snapshot", rev, data };
      }),
    ];
  });

/** The drafts as their sources tell them: each stream counts its own events. */
function tell(drafts: readonly Draft[]): GatewayEvent[] {
  const lasts = new Map<number, number>();
  return drafts.map(({ type, stream: by, data, rev }, i) => {
    const id = `e${i}`;
    if (rev !== undefined) return event(type, { id, key: "dist:B", ...rev }, data);
    const seq = (lasts.get(by) ?? 0) + 1;
    lasts.set(by, seq);
    return event(type, { id, key: "dist:B", seq, ...STREAMS[by] }, data);
  });
}

const drafts = fc
  .record({
    lines: fc.array(line, { maxLength: 4 }),
    payouts: fc.array(payout, { maxLength: 3 }),
    adjustments: fc.array(adjustment, { maxLength: 3 }),
    orphans: fc.array(orphan, { maxLength: 1 }),
    standings,
  })
  .map(({ lines, payouts, adjustments, orphans, standings: registered }) => [
    ...lines.flatMap(lineDrafts),
    ...payouts.flatMap(payoutDrafts),
    ...adjustments.map((draft, nth) => draft(nth)),
    ...orphans,
    ...registered,
  ]);

const shuffled = <T>(items: readonly T[]): fc.Arbitrary<T[]> =>
  fc.shuffledSubarray([...items], { minLength: items.length });

/** Histories without contradictions: told in any order, with repeats and under second ids. */
export const history: fc.Arbitrary<History> = drafts
  .chain(shuffled)
  .map(tell)
  .chain((events) => {
    const arrivals = events.map((told) => arrivalOf(told));
    const repeats = fc
      .subarray(arrivals)
      .map((some) => some.map((arrival, i) => (i % 3 === 2 ? retold(arrival) : again(arrival))));
    return repeats
      .chain((more) => shuffled([...arrivals, ...more]))
      .map((shuffle) => ({ events, arrivals: shuffle }));
  });
