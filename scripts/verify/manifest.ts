import { member } from "../local/client.ts";
import type { Finding } from "./chain.ts";
import { type LogTold, readLog } from "./log.ts";
import { type Source, walk } from "./source.ts";
import { integerOf, type Manifest, type Sent, type SentLine, textOf } from "./told.ts";

/** Why a line of ours can stand otherwise than its order sent it. */
export interface Excused {
  /** The core gave its own line this name: under it the mirror has the core's. */
  readonly coreNamed: ReadonlySet<string>;
}

/** Paid on, undone or replaced: what a new computation says of these is a person's to decide. */
const MOVABLE: ReadonlySet<string | undefined> = new Set(["pending", "held"]);

/**
 * An order's manifest against the lines it sent out, and those against the mirror's: as many, and
 * each with what was sent (DOMAIN «Sharding rule»).
 */
export async function checkManifest(
  source: Source,
  subject: string,
  { coreNamed }: Excused,
): Promise<readonly Finding[]> {
  const only = { at: 0, knownMs: 0, countedTo: Number.MAX_SAFE_INTEGER, anchors: [] };
  const told = await readLog(source, { subject, ...only });
  const { manifest } = told;
  if (told.isBroken || manifest === undefined) return [];
  const { position } = manifest;
  const faults = [...faultsOfManifest(manifest, told)];
  const mirrored = await linesOf(source, manifest.order_id);
  for (const [id, sent] of told.sent) {
    if (coreNamed.has(id)) continue;
    const fault = faultOfLine(sent, mirrored.get(nameOf(sent.distributor_id, id)));
    if (fault !== undefined) faults.push(`line "${id}" ${fault}`);
  }
  return faults.map((what) => ({ subject, position, what }));
}

/** The mirror's copy of an order's manifest against the log's, both at the same position. */
export function compareManifests({
  subject,
  mirrored,
  manifest,
  mirroredManifest,
}: LogTold): readonly Finding[] {
  const { lines, sums } = manifest ?? NOTHING_SENT;
  const theirs = mirroredManifest ?? NOTHING_SENT;
  const position = manifest?.position ?? mirrored.position;
  const differs = (shown: string, logged: string): Finding => ({
    subject,
    position,
    what: `its manifest is ${shown} in the mirror, ${logged} in the log`,
  });
  return [
    ...(theirs.lines === lines ? [] : [differs(`of ${theirs.lines} lines`, `of ${lines}`)]),
    ...(theirs.sums === sums ? [] : [differs(theirs.sums, sums)]),
  ];
}

const NOTHING_SENT: Sent = { lines: 0, sums: "[]" };

function faultsOfManifest({ lines, sums }: Manifest, { sent }: LogTold): readonly string[] {
  const count = [...sent.values()].filter(({ amount }) => amount > 0n).length;
  const told = JSON.stringify(sumsOf([...sent.values()]));
  return [
    ...(count === lines ? [] : [`its manifest has ${lines} lines, ${count} were sent`]),
    ...(told === sums ? [] : [`its manifest is ${sums}, what was sent comes to ${told}`]),
  ];
}

/** `[[currency, Σ amount, Σ reversed], …]`, as the manifest writes it. */
function sumsOf(sent: readonly SentLine[]): readonly (readonly string[])[] {
  const sums = new Map<string, readonly [bigint, bigint]>();
  for (const { currency, amount, reversed } of sent) {
    const [amounts, reversals] = sums.get(currency) ?? [0n, 0n];
    sums.set(currency, [amounts + amount, reversals + reversed]);
  }
  return [...sums]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([currency, [amount, reversed]]) => [currency, String(amount), String(reversed)]);
}

interface MirroredLine {
  readonly amount: bigint | undefined;
  readonly reversed: bigint | undefined;
  readonly currency: string | undefined;
  readonly period_id: string | undefined;
  readonly state: string | undefined;
}

const nameOf = (distributorId: string, lineId: string): string =>
  JSON.stringify([distributorId, lineId]);

async function linesOf(source: Source, orderId: string): Promise<Map<string, MirroredLine>> {
  const lines = new Map<string, MirroredLine>();
  for await (const row of walk(source, `lines?order_id=${encodeURIComponent(orderId)}`)) {
    const texts = ["distributor_id", "line_id", "state", "currency", "period_id"] as const;
    const [distributor = "", id = "", state, currency, period_id] = texts.map((name) =>
      textOf(member(row, name)),
    );
    const [amount, reversed] = ["amount_minor", "reversed_minor"].map((name) =>
      integerOf(member(row, name)),
    );
    lines.set(nameOf(distributor, id), { amount, reversed, currency, period_id, state });
  }
  return lines;
}

function faultOfLine(sent: SentLine, line: MirroredLine | undefined): string | undefined {
  if (line === undefined) return sent.amount === 0n ? undefined : "was sent and is not mirrored";
  if (sent.computation > 1 && !MOVABLE.has(line.state)) return undefined;
  if (line.amount !== sent.amount || line.reversed !== sent.reversed) {
    return `is ${line.amount} with ${line.reversed} reversed, sent as ${sent.amount} with ${sent.reversed}`;
  }
  // A line of nothing stands in no period.
  const names = sent.amount === 0n ? (["currency"] as const) : (["currency", "period_id"] as const);
  const other = names.find((name) => line[name] !== sent[name]);
  return other && `is of ${other} ${line[other]}, sent as of ${sent[other]}`;
}
