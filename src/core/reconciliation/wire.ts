import type * as z from "zod";
import { assert } from "../assert.ts";
import type { Violation } from "../contracts/event.ts";
import { formatInstant, parseInstant } from "../contracts/instant.ts";
import { violationsOf } from "../contracts/violation.ts";
import { ok, refuse, type Result } from "../result.ts";
import { type CoreLine, reversedOf } from "./core-line.ts";
import { namingIn } from "./naming.ts";
import type { OddItem } from "./wire-sift.ts";
import {
  type Answer,
  BALANCE_BUCKETS,
  type BalanceBucket,
  type Balances,
  BalancesAnswer,
  DigestsAnswer,
  type Envelope,
  EventsAnswer,
  LinesAnswer,
  type WireLine as WireLineSchema,
} from "./wire-schema.ts";

/** A line as the wire carries it. */
export type WireLine = z.input<typeof WireLineSchema>;

/** The state of the core that an answer is as of. */
export interface Snapshot {
  readonly asOfSeq: string;
  readonly epoch: number;
}

/** One answer of a listing. */
export interface Page<Item> {
  readonly snapshot: Snapshot;
  readonly items: readonly Item[];
  /** Absent on the last page. */
  readonly nextCursor?: string;
  /** Balances that leave payouts out. */
  readonly payouts?: false;
  /** Digests of parts: how many digits parts of this core may have; absent: one. */
  readonly partDigits?: number;
  /** Items that break the interface, left out: see `sifted`. */
  readonly odd?: readonly OddItem[];
}

/** What a core says of one bucket. */
export interface BucketDigest {
  readonly name: string;
  /** Lines, or rows of balances; from 1. */
  readonly lines: number;
  /** 32 hex digits: see `digestOf`. */
  readonly digest: string;
  readonly totals?: Readonly<Record<string, string>>;
}

/** One balance: a row that the digests of balances are made of. */
export interface BalanceRow {
  readonly distributor_id: string;
  readonly bucket: BalanceBucket;
  readonly currency: string;
  /** Credit above zero, decimal text; never `0`. */
  readonly amount: string;
}

/** An event of a stream, all its members kept. */
export type StreamEvent = z.output<typeof Envelope>;

/** What is wrong with an answer, at most as many as help somebody. */
const VIOLATIONS_MAX = 5;

export type Read<Item> = Result<Page<Item>, readonly Violation[]>;

const reader =
  <
    Given extends z.output<typeof Answer> & {
      readonly payouts?: boolean;
      readonly part_digits?: number;
    },
    Item,
  >(
    schema: z.ZodType<Given>,
    itemsOf: (answer: Given) => readonly Item[],
  ) =>
  (body: unknown): Read<Item> => {
    const parsed = schema.safeParse(body);
    if (!parsed.success) {
      const broken = violationsOf(parsed.error.issues, { root: [], value: body });
      return refuse(broken.slice(0, VIOLATIONS_MAX).map(namingIn(body)));
    }
    const { as_of_seq: asOfSeq, epoch, next_cursor: nextCursor } = parsed.data;
    const { payouts, part_digits: partDigits } = parsed.data;
    return ok({
      snapshot: { asOfSeq, epoch },
      items: itemsOf(parsed.data),
      ...(typeof nextCursor === "string" && { nextCursor }),
      ...(payouts === false && { payouts }),
      ...(partDigits !== undefined && { partDigits }),
    });
  };

/** Reads an answer to `GET /recon/digests`; {@link DigestsAnswer} says what it must hold. */
export const readDigests = reader(DigestsAnswer, ({ buckets }) =>
  buckets.map(([name, lines, digest, totals]): BucketDigest => ({
    name,
    lines,
    digest,
    ...(totals !== undefined && { totals }),
  })),
);

/** Reads an answer to `GET /ledger` that asked for lines. */
export const readLines = reader(LinesAnswer, (answer) => answer.items.map(coreLineOf));

/** Reads an answer to `GET /recon/balances`: a row for each balance. */
export const readBalances = reader(BalancesAnswer, (answer) => answer.items.flatMap(balanceRows));

/** Reads an answer to `GET /ledger?stream=`. The events are still to be judged by their contracts. */
export const readEvents = reader(EventsAnswer, (answer): readonly StreamEvent[] => answer.items);

function balanceRows({ distributor_id, balances }: z.output<typeof Balances>): BalanceRow[] {
  return BALANCE_BUCKETS.flatMap((bucket) =>
    Object.entries(balances[bucket] ?? {}).map(([of, text]): BalanceRow => ({
      distributor_id,
      bucket,
      currency: of,
      amount: text,
    })),
  );
}

/** `dist|bucket|currency|amount`: what a digest of balances is the sum of. */
export const canonicalBalance = (row: BalanceRow): string =>
  [row.distributor_id, row.bucket, row.currency, row.amount].join("|");

function coreLineOf(line: z.output<typeof WireLineSchema>): CoreLine {
  const { effective_at, available_at, updated_at, ...rest } = line;
  return {
    ...rest,
    order_id: line.order_id ?? null,
    level: line.level ?? null,
    paid_level: line.paid_level ?? null,
    cv_x100: line.cv_x100 ?? null,
    rate_ppm: line.rate_ppm ?? null,
    effective_ms: msOf(effective_at),
    available_ms: typeof available_at === "string" ? msOf(available_at) : null,
    updated_ms: msOf(updated_at),
  };
}

function msOf(text: string): number {
  const ms = parseInstant(text);
  assert(ms !== undefined, "The schema lets only times through");
  return ms;
}

/** A line as a core writes it. Throws where it takes back more than it has: no core can say that. */
export function wireLineOf(line: CoreLine): WireLine {
  assert(reversedOf(line) <= line.amount_minor, "A line takes back what it has at most");
  const { effective_ms, available_ms, updated_ms, ...rest } = line;
  return {
    ...rest,
    reversals: [...line.reversals],
    effective_at: formatInstant(effective_ms),
    available_at: available_ms === null ? null : formatInstant(available_ms),
    updated_at: formatInstant(updated_ms),
  };
}
