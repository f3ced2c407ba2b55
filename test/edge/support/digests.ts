import { createHash } from "node:crypto";
import { env } from "cloudflare:workers";
import { expect } from "vitest";
import {
  addLines,
  canonicalLine,
  type DigestLine,
  type Fingerprint,
  NO_LINES,
} from "#src/core/reconciliation/digest.ts";
import { shardOf } from "#src/core/reconciliation/shard.ts";
import { canonicalTransfer } from "#src/core/reconciliation/transfer-digest.ts";
import {
  type DigestKind,
  type DigestLevel,
  readDigests,
} from "#src/edge/d1/reconciliation/digests.ts";

const sha256 = (data: string | Uint8Array) =>
  new Uint8Array(createHash("sha256").update(data).digest());

/** Before and after everything that a test can make happen. */
const EVER = { fromMs: -8_640_000_000_000, toMs: 8_640_000_000_000_000 };

const STARTS: Readonly<Record<DigestLevel, (ms: number) => number>> = {
  hour: (ms) => ms - (ms % 3_600_000),
  day: (ms) => ms - (ms % 86_400_000),
  month: (ms) => {
    const date = new Date(ms);
    return Date.UTC(date.getUTCFullYear(), date.getUTCMonth());
  },
};

interface LineRow {
  readonly line_id: string;
  readonly distributor_id: string;
  readonly currency: string;
  readonly amount_minor: number;
  readonly reversed_minor: number;
  readonly state: string;
  readonly effective_ms: number;
}

interface TransferRow {
  readonly subject: string;
  readonly position: number;
  readonly n: number;
  readonly debit: string;
  readonly credit: string;
  readonly currency: string;
  readonly amount_minor: number;
  readonly effective_ms: number;
}

/** Holds a tenant's digests, at every level, against sums made anew of its lines and transfers. */
export async function expectDigestsOfRows(tenant: string): Promise<void> {
  const rowsOf = async <Row>(sql: string) =>
    (await env.MIRROR_0.prepare(sql).bind(tenant).all<Row>()).results;
  const lines = await rowsOf<LineRow>(
    "SELECT * FROM lines WHERE tenant = ? AND origin = 'core' AND state IN ('held', 'available')",
  );
  const transfers = await rowsOf<TransferRow>("SELECT * FROM transfers WHERE tenant = ?");
  await expectKind(
    tenant,
    "line",
    lines.map((row) => ({
      text: canonicalLine({
        ...row,
        amount_minor: row.amount_minor - row.reversed_minor,
        status: row.state,
      }),
      of: row.distributor_id,
      currency: row.currency,
      amount: row.amount_minor - row.reversed_minor,
      ms: row.effective_ms,
    })),
  );
  await expectKind(
    tenant,
    "transfer",
    transfers.map((row) => ({
      text: canonicalTransfer(row),
      of: row.subject.startsWith("dist:") ? row.subject.slice("dist:".length) : row.subject,
      currency: row.currency,
      amount: row.amount_minor,
      ms: row.effective_ms,
    })),
  );
}

interface Digested {
  readonly text: string;
  readonly of: string;
  readonly currency: string;
  readonly amount: number;
  readonly ms: number;
}

async function expectKind(tenant: string, kind: DigestKind, rows: readonly Digested[]) {
  for (const level of ["hour", "day", "month"] as const) {
    const wanted = new Map<string, Fingerprint>();
    for (const row of rows) {
      const bucket = `${STARTS[level](row.ms)}/${shardOf(row.of, sha256)}`;
      wanted.set(bucket, add(wanted.get(bucket) ?? NO_LINES, row));
    }
    const found = await readDigests(env.MIRROR_0, { tenant, kind, level, ...EVER });
    expect(
      new Map(found.map(({ fromMs, shard, fingerprint }) => [`${fromMs}/${shard}`, fingerprint])),
    ).toEqual(wanted);
  }
}

/** As `addLines` does, of a canonical text that is there already. */
function add(before: Fingerprint, { text, currency, amount }: Digested): Fingerprint {
  const line: DigestLine = {
    line_id: "",
    distributor_id: "",
    currency,
    amount_minor: amount,
    status: "",
    effective_ms: 0,
  };
  return addLines(before, [line], () => sha256(text));
}
