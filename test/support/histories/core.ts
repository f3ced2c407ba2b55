import fc from "fast-check";
import type { EventType } from "#src/core/contracts/catalogue.ts";
import type { Json } from "#src/core/json.ts";
import type { NaiveLine } from "../naive/lines.ts";
import type { PlainEvent } from "../naive/event.ts";
import { coreStream } from "../naive/told.ts";
import { type Of, pick, rarely, some } from "./pick.ts";

const amount = fc.oneof(fc.nat({ max: 500 }), fc.nat({ max: 9_000_000 }));

export const coreDraft = fc.record({
  /** Lines of ours that the core confirms: as they are, or with another amount. */
  confirmed: fc.array(
    fc.record({
      which: some,
      amount: fc.option(amount, { freq: 2 }),
      isFree: fc.boolean(),
      isReleased: fc.boolean(),
      /** Percent that is taken back, once or twice. */
      taken: fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 2 }),
      isTooMuch: rarely(8),
      tellsPaidLevel: fc.boolean(),
    }),
    { maxLength: 6 },
  ),
  /** Lines of the core's own, for no order. */
  bonuses: fc.array(
    fc.record({ who: some, amount, isReleased: fc.boolean(), isFree: fc.boolean() }),
    { maxLength: 3 },
  ),
  adjustments: fc.array(fc.record({ who: some, amount, isGain: fc.boolean() }), { maxLength: 3 }),
  payouts: fc.array(
    fc.record({
      who: some,
      net: amount,
      fee: fc.nat({ max: 200 }),
      withholding: fc.nat({ max: 200 }),
      end: fc.constantFrom("open", "settled", "failed", "fee kept"),
    }),
    { maxLength: 3 },
  ),
  /** Lines of ours that are released before cron does it; in `gateway_final` only. */
  releases: fc.array(some, { maxLength: 3 }),
  order: fc.array(some, { minLength: 8, maxLength: 8 }),
  /** An event that never comes: what is behind it in its stream waits. */
  lost: fc.option(some, { freq: 6 }).map((nth) => nth ?? undefined),
  isLossless: fc.boolean(),
});

type CoreDraft = Of<typeof coreDraft>;
type Fact = readonly [EventType, Readonly<Record<string, Json>>];
type Owned = readonly [string, Fact];

const OCCURRED_AT = "2026-07-28T12:00:00.000Z";
const SOONER = "2026-07-01T00:00:00Z";
const LATER = "2026-12-01T00:00:00Z";

const posted = (data: Readonly<Record<string, Json>>, isFree: boolean): Fact => [
  "commission.posted",
  { period_id: "2026-07", run_id: "RUN-1", available_at: isFree ? SOONER : LATER, ...data },
];

/** What the core tells of the people that are enrolled, each in a stream of theirs. */
export function coreEvents(
  draft: CoreDraft,
  {
    mode,
    lines,
    people,
  }: {
    readonly mode: "mirror" | "gateway_final";
    readonly lines: readonly NaiveLine[];
    readonly people: readonly string[];
  },
): PlainEvent[] {
  const facts = [
    ...(mode === "mirror" ? confirmedFacts(draft, lines) : releaseFacts(draft, lines)),
    ...bonusFacts(draft, people),
    ...draft.adjustments.map(({ who, amount: by, isGain }, i): Owned => [
      pick(people, who),
      [
        "adjustment.posted",
        {
          line_id: `A${i}`,
          currency: "USD",
          amount_minor: isGain ? by : -by,
          reason_code: "promotion",
          effective_at: "2026-07-25",
          approved_by: "user:7",
        },
      ],
    ]),
    ...payoutFacts(draft, people),
  ];
  const mixed = facts
    .map((fact, i) => ({ fact, at: pick(draft.order, i * 7 + (draft.order[0] ?? 0)) }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ fact }) => fact);
  const streams = [...Map.groupBy(mixed, ([who]) => who)].flatMap(([who, owned]) =>
    coreStream(
      who,
      owned.map(([, fact]) => fact),
      { occurred_at: OCCURRED_AT },
    ),
  );
  if (draft.isLossless || draft.lost === undefined || streams.length === 0) return streams;
  const lost = pick(streams, draft.lost);
  return streams.filter(({ id }) => id !== lost.id);
}

/** Of one line of ours there is one of the core's; its reversals add up to no more than it has. */
function confirmedFacts(draft: CoreDraft, lines: readonly NaiveLine[]): Owned[] {
  const open = lines.filter(({ state }) => state === "pending");
  if (open.length === 0) return [];
  const chosen = new Map(draft.confirmed.map((each) => [pick(open, each.which).line_id, each]));
  return open.flatMap((line) => {
    const given = chosen.get(line.line_id);
    if (given === undefined) return [];
    const line_id = `core-${line.line_id}`;
    const amount_minor = given.amount ?? Number(line.amount_minor);
    const { currency, level, distributor_id } = line;
    const told = posted(
      {
        line_id,
        order_id: line.order_id,
        component: line.component,
        level,
        ...(given.tellsPaidLevel && { paid_level: level }),
        ...(line.rate_ppm === null ? {} : { rate_ppm: line.rate_ppm }),
        currency,
        amount_minor,
      },
      given.isFree,
    );
    const parts = given.isTooMuch
      ? [amount_minor + 1]
      : given.taken.map((percent) => Math.floor((amount_minor * percent) / 100));
    const reversals = parts.map((part, i): Fact => [
      "commission.reversed",
      { line_id: `${line_id}-R${i}`, reverses_line_id: line_id, currency, amount_minor: part },
    ]);
    const release: Fact = ["commission.released", { line_id }];
    return [told, ...reversals, ...(given.isReleased ? [release] : [])].map((fact): Owned => [
      distributor_id,
      fact,
    ]);
  });
}

const releaseFacts = (draft: CoreDraft, lines: readonly NaiveLine[]): Owned[] => {
  const held = lines.filter(({ state }) => state === "held");
  if (held.length === 0) return [];
  const chosen = new Set(draft.releases.map((nth) => pick(held, nth)));
  return [...chosen].map(({ line_id, distributor_id }): Owned => [
    distributor_id,
    ["commission.released", { line_id }],
  ]);
};

const bonusFacts = (draft: CoreDraft, people: readonly string[]): Owned[] =>
  draft.bonuses.flatMap(({ who, amount: amount_minor, isReleased, isFree }, i) => {
    const line_id = `B${i}`;
    const told = posted({ line_id, component: "bonus", currency: "USD", amount_minor }, isFree);
    const release: Fact = ["commission.released", { line_id }];
    return [told, ...(isReleased ? [release] : [])].map((fact): Owned => [pick(people, who), fact]);
  });

const payoutFacts = (draft: CoreDraft, people: readonly string[]): Owned[] =>
  draft.payouts.flatMap(({ who, net, fee, withholding, end }, i) => {
    const payout_id = `PO${i}`;
    const started: Fact = [
      "payout.initiated",
      {
        payout_id,
        currency: "USD",
        gross_minor: net + fee + withholding,
        net_minor: net,
        fee_minor: fee,
        withholding_minor: withholding,
        method: "ach",
      },
    ];
    const failed = { payout_id, fee_kept: end === "fee kept", reason: "account_closed" };
    const ended: Fact[] =
      end === "open"
        ? []
        : end === "settled"
          ? [["payout.settled", { payout_id }]]
          : [["payout.failed", failed]];
    return [started, ...ended].map((fact): Owned => [pick(people, who), fact]);
  });
