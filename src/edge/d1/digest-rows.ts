import { createHash } from "node:crypto";
import type { MirroredLine } from "../../core/subject/mirrored.ts";
import { canonicalLine, type DigestLine, type Sha256 } from "../../core/reconciliation/digest.ts";
import { isCompared, localDigestLine } from "../../core/reconciliation/differ.ts";
import { limbsOf } from "../../core/reconciliation/limbs.ts";
import { shardOf } from "../../core/reconciliation/shard.ts";
import {
  canonicalTransfer,
  type DigestTransfer,
} from "../../core/reconciliation/transfer-digest.ts";
import { adding } from "./adding.ts";

/** Digests are kept an hour of effect each. */
const HOUR_MS = 3_600_000;

/** As objects do, without a promise. */
export const sha256Bytes: Sha256 = (data) => createHash("sha256").update(data).digest();

/** The hour that an instant counts in, before 1970 too. */
const hourOf = (ms: number): number => Math.floor(ms / HOUR_MS) * HOUR_MS;

/** A line that the core has to have, too, as a digest sees it; nothing for any other. */
const digestedLine = (line: MirroredLine): DigestLine | undefined =>
  isCompared(line) ? localDigestLine(line) : undefined;

/**
 * What a line's new state adds to the digests, and what is kept of that beside it: limbs, hour, shard,
 * currency, amount. The statement takes away what stood there, whatever became of the row's own
 * columns meanwhile. A line of the gateway's adds nothing.
 */
export function lineDigest(line: MirroredLine): {
  readonly row: object;
  readonly digest: string | null;
} {
  const { distributor_id: d, line_id: l } = line;
  const place = { kind: "line", d, l, shard: shardOf(d, sha256Bytes) };
  const digested = digestedLine(line);
  if (digested === undefined) return { row: place, digest: null };
  const x = limbsOf(sha256Bytes(canonicalLine(digested)));
  const { currency, amount_minor: amount, effective_ms } = digested;
  const hour = hourOf(effective_ms);
  const row = { ...place, hour, currency, amount, x };
  return { row, digest: JSON.stringify([...x, hour, place.shard, currency, amount]) };
}

/** Whose shard a log's transfers count in: a distributor's own, or that of the subject's name. */
export const shardOfSubject = (subject: string): number =>
  shardOf(subject.startsWith("dist:") ? subject.slice("dist:".length) : subject, sha256Bytes);

/** What a transfer adds to the digests: limbs, and where they count. */
export function transferDigest(transfer: DigestTransfer) {
  const { subject, currency, amount_minor: amount, effective_ms } = transfer;
  const x = limbsOf(sha256Bytes(canonicalTransfer(transfer)));
  const shard = shardOfSubject(subject);
  return { kind: "transfer" as const, hour: hourOf(effective_ms), shard, currency, amount, x };
}

const SUMS = ["items", "amount_minor", "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7"];
const LIMB_INDEXES = [0, 1, 2, 3, 4, 5, 6, 7];

const limbs = (of: string, sign = ""): string =>
  LIMB_INDEXES.map((i) => `${sign}(${of} ->> '$[${i}]')`).join(", ");

/**
 * Adds what is `fresh` (a JSON `v`) to the digests and takes away what its lines added before: run
 * while `lines` still has them. A bucket in which all stays as it was is not written.
 */
export const ADD_DIGESTS = `INSERT INTO digests (tenant, kind, hour_ms, shard, currency, ${SUMS.join(", ")})
  SELECT tenant, kind, hour_ms, shard, currency, ${SUMS.map((sum) => `sum(${sum}) AS ${sum}`).join(", ")}
  FROM (
    SELECT v ->> 't' AS tenant, v ->> 'kind' AS kind, v ->> 'hour' AS hour_ms, v ->> 'shard' AS shard,
      v ->> 'currency' AS currency, 1 AS items, v ->> 'amount' AS amount_minor,
      ${LIMB_INDEXES.map((i) => `v ->> '$.x[${i}]' AS s${i}`).join(", ")}
    FROM fresh WHERE v -> 'x' IS NOT NULL
    UNION ALL
    SELECT l.tenant, 'line', l.digest ->> '$[8]', l.digest ->> '$[9]', l.digest ->> '$[10]',
      -1, -(l.digest ->> '$[11]'), ${limbs("l.digest", "-")}
    FROM fresh CROSS JOIN lines l ON l.tenant = v ->> 't' AND l.distributor_id = v ->> 'd'
      AND l.line_id = v ->> 'l'
    WHERE v ->> 'kind' = 'line' AND l.digest IS NOT NULL)
  GROUP BY 1, 2, 3, 4, 5
  HAVING ${SUMS.map((sum) => `sum(${sum}) <> 0`).join(" OR ")}
  ON CONFLICT DO UPDATE SET ${SUMS.map(adding).join(", ")}`;
