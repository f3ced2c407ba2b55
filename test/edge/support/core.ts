import { createHash } from "node:crypto";
import {
  bucketOf,
  compareNames,
  formatBucket,
  isIn,
  parseBucket,
  TIME_LEVELS,
} from "#src/core/reconciliation/buckets.ts";
import { type CoreLine, digestLineOf, reversedOf } from "#src/core/reconciliation/core-line.ts";
import {
  addTexts,
  canonicalLine,
  digestOf,
  NO_LINES,
  type Sha256,
} from "#src/core/reconciliation/digest.ts";
import { partOf, shardOf } from "#src/core/reconciliation/shard.ts";
import { type BalanceRow, canonicalBalance, wireLineOf } from "#src/core/reconciliation/wire.ts";

/** Remembered: the same lines are summed up at every level. */
const known = new Map<string | Uint8Array, Uint8Array>();

const sha256: Sha256 = (data) => {
  const digest = known.get(data) ?? createHash("sha256").update(data).digest();
  known.set(data, digest);
  return digest;
};

/** A company's core, as what it says of these lines: docs/core.md, as of now alone. */
export interface Books {
  epoch: number;
  lines: readonly CoreLine[];
  /** Envelopes of strict streams. */
  events: readonly { readonly key: string; readonly seq: number; readonly epoch?: number }[];
  /** Parts of an hour may have so many digits; absent: one, and none is cut up further. */
  partDigits?: number;
  /** Paths that were asked, with what they were asked for. */
  readonly asked: string[];
}

/** Answers in the place of `fetch`; whoever else is asked for is not there. */
export function answering(origin: string, books: Books): typeof fetch {
  return async (input) => {
    const url = new URL(input instanceof Request ? input.url : input);
    if (url.origin !== origin) throw new Error(`Cannot reach ${url.origin}`);
    books.asked.push(`${url.pathname.slice(1)}${url.search}`);
    const { pathname, searchParams: asked } = url;
    const answer = ANSWERS[pathname]?.(books, asked);
    if (answer === undefined) return new Response(null, { status: 404 });
    return Response.json({ as_of_seq: "1", epoch: books.epoch, ...answer });
  };
}

const ANSWERS: Readonly<Record<string, (books: Books, asked: URLSearchParams) => object>> = {
  "/recon/digests": digests,
  "/recon/balances": (books, asked) => {
    const items = Map.groupBy(inShards(balancesOf(books), asked), (row) => row.distributor_id);
    return {
      payouts: false,
      items: [...items].map(([distributor_id, rows]) => ({
        distributor_id,
        balances: Object.fromEntries(
          [...Map.groupBy(rows, ({ bucket }) => bucket)].map(([bucket, of]) => [
            bucket,
            Object.fromEntries(of.map((row) => [row.currency, row.amount])),
          ]),
        ),
      })),
    };
  },
  "/ledger": ledger,
};

function digests(books: Books, asked: URLSearchParams): object {
  const level = asked.get("level") ?? "";
  const texts =
    level === "balances"
      ? balancesOf(books).map((row) => ({
          name: formatBucket({ level, shard: shardOf(row.distributor_id, sha256) }),
          text: canonicalBalance(row),
        }))
      : lineTexts(books, asked);
  const buckets = Map.groupBy(texts, ({ name }) => name);
  return {
    ...(level === "balances" ? { payouts: false } : {}),
    ...(level === "part" && books.partDigits !== undefined
      ? { part_digits: books.partDigits }
      : {}),
    level,
    buckets: [...buckets]
      .toSorted(([one], [other]) => compareNames(one, other))
      .map(([name, of]) => {
        const sum = addTexts(
          NO_LINES,
          of.map(({ text }) => text),
          sha256,
        );
        return [name, sum.lines, digestOf(sum, sha256)];
      }),
  };
}

function lineTexts(books: Books, asked: URLSearchParams) {
  const within = asked.getAll("within");
  if (within.length > 0) return within.flatMap((name) => textsWithin(books, name));
  const [from, to] = [asked.get("from"), asked.get("to")].map((text) => Date.parse(text ?? ""));
  const level = TIME_LEVELS.find((one) => one === asked.get("level")) ?? "day";
  return inShards(books.lines, asked)
    .filter(({ effective_ms: ms }) => ms >= (from ?? 0) && ms < (to ?? 0))
    .map((line) => ({
      name: formatBucket(bucketOf(line, level, sha256)),
      text: canonicalLine(digestLineOf(line)),
    }));
}

function textsWithin({ lines }: Books, name: string) {
  const bucket = parseBucket(name);
  if (bucket?.level !== "part") throw new Error(`No part: ${name}`);
  return lines
    .filter((line) => isIn(line, bucket, sha256))
    .map((line) => {
      const part = partOf(line.line_id, sha256, bucket.part.length + 1);
      return { name: formatBucket({ ...bucket, part }), text: canonicalLine(digestLineOf(line)) };
    });
}

function inShards<Row extends { readonly distributor_id: string }>(
  rows: readonly Row[],
  asked: URLSearchParams,
): readonly Row[] {
  const shards = asked.getAll("shard").map(Number);
  return rows.filter(
    (row) => shards.length === 0 || shards.includes(shardOf(row.distributor_id, sha256)),
  );
}

/** As of its lines: payouts are somebody else's. */
function balancesOf({ lines }: Books): readonly BalanceRow[] {
  const sums = new Map<string, BalanceRow>();
  for (const line of lines) {
    const { distributor_id, currency, status: bucket } = line;
    const name = [distributor_id, bucket, currency].join("|");
    const before = BigInt(sums.get(name)?.amount ?? 0);
    const amount = String(before + BigInt(line.amount_minor - reversedOf(line)));
    sums.set(name, { distributor_id, bucket, currency, amount });
  }
  const order = [...sums].toSorted(([one], [other]) => (one < other ? -1 : 1));
  return order.map(([, row]) => row).filter(({ amount }) => amount !== "0");
}

function ledger({ lines, events }: Books, asked: URLSearchParams): object {
  const stream = asked.get("stream");
  if (stream !== null) {
    const [epoch, from, to] = ["epoch", "from", "to"].map((name) => Number(asked.get(name)));
    const isAsked = (one: Books["events"][number]) =>
      one.key === stream &&
      (one.epoch ?? 0) === epoch &&
      one.seq >= (from ?? 0) &&
      one.seq <= (to ?? 0);
    return { items: events.filter(isAsked) };
  }
  const bucket = parseBucket(asked.get("bucket") ?? "");
  const ids = new Set(asked.getAll("line_id"));
  const since = asked.get("updated_since");
  const isAsked = (line: CoreLine) => {
    if (since !== null) return line.updated_ms >= Date.parse(since);
    return bucket === undefined || bucket.level === "balances"
      ? ids.has(line.line_id)
      : isIn(line, bucket, sha256);
  };
  return { items: lines.filter(isAsked).map(wireLineOf) };
}
