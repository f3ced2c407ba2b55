import { askAgain, laterRev } from "../../../pollers/cursor.ts";
import { objectNameOf, readingOf } from "../../../pollers/delivery.ts";
import type { Fault, Found, LookedUp, LookUp } from "../../../pollers/poller.ts";
import type { StreamSettings } from "../../../pollers/settings.ts";
import type { Version } from "../../../pollers/walk.ts";
import { isAnswer, type Stop } from "./asking.ts";
import type { Gap, PollPorts, PollRow } from "./ports.ts";
import { reportOf } from "./standing.ts";
import { cursorOf, type Source } from "./stream.ts";

/** Events of one source in one call: at a batch of a hundred ids some requests. */
const GAPS_MAX = 300;

/** Why a record is not to be had. */
interface Lack {
  readonly code: string;
  readonly reason: string;
}

/** What became of the ids of one object; what was not asked for yet is in neither. */
interface Outcome {
  readonly found: Set<string>;
  readonly lacking: Map<string, Lack>;
}

/** Why the rest waits for another call. */
export type Broken = Fault | Stop;

/**
 * Looks up what thin events and gaps name, in batches as large as the product takes, never one call
 * an event. What is found is a delivery of the source, and its events end; what is not is kept for a
 * person with what the product said. An outage leaves the rest waiting.
 */
export async function hydrate(
  ports: PollPorts,
  source: Source,
  rows: ReadonlyMap<string, PollRow>,
): Promise<Broken | undefined> {
  const { polled, poller } = source;
  const { lookUp } = poller;
  if (lookUp === undefined) return undefined;
  const { gaps, unreadable } = await ports.gaps(polled, GAPS_MAX);
  const lost = unreadable.map((eventId) => ({ eventId, ...UNREADABLE }));
  await ports.unhydrated(polled.tenant, lost);

  const byObject = Map.groupBy(gaps, ({ table }) => lookUp.objectOf(table, polled.settings));
  for (const [object, of] of byObject) {
    const stream = streamOf(polled.settings.streams, object);
    if (stream === undefined) {
      const why = object === undefined ? OTHER_ACCOUNT : noStream(object);
      await ports.unhydrated(
        polled.tenant,
        of.map(({ eventId }) => ({ eventId, ...why })),
      );
      continue;
    }
    const whole = of.filter(({ ids }) => ids === undefined);
    if (whole.length > 0)
      await askWhole(ports, source, { stream, gaps: whole, row: rows.get(stream.name) });
    const named = of.filter(({ ids }) => ids !== undefined);
    const broken = await lookUpAll(ports, source, { stream, gaps: named, lookUp });
    if (broken !== undefined) return broken;
  }
  return undefined;
}

const UNREADABLE: Lack = {
  code: "hydration_unreadable",
  reason: "What it names cannot be read from its delivery any more",
};
const OTHER_ACCOUNT: Lack = {
  code: "hydration_other_account",
  reason: "It is about another account or product than options.poll asks",
};
const noStream = (object: string): Lack => ({
  code: "hydration_no_stream",
  reason: `No stream of options.poll is of object "${object}": add one, with every "never" where it is only looked up, and retry`,
});

const streamOf = (streams: readonly StreamSettings[], object: string | undefined) =>
  streams.find((stream) => "object" in stream && stream.object === object);

interface Work {
  readonly stream: StreamSettings;
  readonly gaps: readonly Gap[];
}

/** A whole table is polled again, from the gap on. */
async function askWhole(
  ports: PollPorts,
  { polled, leaseMs }: Source,
  { stream, gaps, row }: Work & { readonly row: PollRow | undefined },
): Promise<void> {
  const cursor = gaps.reduce(
    (sum, { atMs, rev }) => askAgain(sum, { fromMs: atMs, ...(rev === undefined ? {} : { rev }) }),
    cursorOf(polled, stream, row),
  );
  const name = { tenant: polled.tenant, source: polled.source, stream: stream.name };
  const state = {
    nextMs: ports.nowMs(),
    cursor,
    failures: row?.failures ?? 0,
    report: reportOf(row),
  };
  if (!(await ports.save(name, state, leaseMs))) return;
  await ports.ended(
    polled.tenant,
    gaps.map(({ eventId }) => eventId),
  );
}

async function lookUpAll(
  ports: PollPorts,
  source: Source,
  { stream, gaps, lookUp }: Work & { readonly lookUp: LookUp },
): Promise<Broken | undefined> {
  const revs = revsOf(gaps);
  const ids = [...revs.keys()];
  const outcome: Outcome = { found: new Set(), lacking: new Map() };
  const beganMs = ports.nowMs();
  let broken: Broken | undefined;
  for (let at = 0; at < ids.length && broken === undefined; at += lookUp.idsMax) {
    const batch = ids.slice(at, at + lookUp.idsMax);
    broken = await lookUpSome(ports, source, { stream, lookUp, batch, revs, beganMs, outcome });
  }
  await settle(ports, source.polled.tenant, { gaps, outcome });
  return broken;
}

/** Each id once, under the latest place in the log of those that name it. */
function revsOf(gaps: readonly Gap[]): ReadonlyMap<string, string | undefined> {
  const revs = new Map<string, string | undefined>();
  for (const { ids = [], rev } of gaps) {
    for (const id of ids) revs.set(id, laterRev(revs.get(id), rev));
  }
  return revs;
}

interface Batch {
  readonly stream: StreamSettings;
  readonly lookUp: LookUp;
  readonly batch: readonly string[];
  readonly revs: ReadonlyMap<string, string | undefined>;
  readonly beganMs: number;
  readonly outcome: Outcome;
}

/** A batch that is refused is halved until the one id that spoils it stands alone. */
async function lookUpSome(
  ports: PollPorts,
  source: Source,
  asked: Batch,
): Promise<Broken | undefined> {
  const { stream, lookUp, batch, outcome } = asked;
  const told = await source.asker.ask((base) => lookUp.ask(base, stream, batch));
  const read = isAnswer(told) ? source.asker.quoted(lookUp.read(stream, told)) : told;
  if (read.kind === "records") return landed(ports, source, asked, read);
  const isTooLarge = read.kind === "failed" && read.code === "too_large";
  const isSpoilt = (read.kind === "refused" || isTooLarge) && batch.length > 1;
  if (isSpoilt) return lookUpHalves(ports, source, asked);
  const isOfIds = read.kind === "forbidden" || read.kind === "refused" || isTooLarge;
  return isOfIds ? lack(outcome, batch, read) : read;
}

function lack({ lacking }: Outcome, batch: readonly string[], { kind, detail }: Fault): undefined {
  const code = kind === "forbidden" ? "hydration_forbidden" : "hydration_refused";
  for (const id of batch) lacking.set(id, { code, reason: detail });
}

async function lookUpHalves(ports: PollPorts, source: Source, asked: Batch) {
  const { batch } = asked;
  const middle = Math.ceil(batch.length / 2);
  for (const half of [batch.slice(0, middle), batch.slice(middle)]) {
    const broken = await lookUpSome(ports, source, { ...asked, batch: half });
    if (broken !== undefined) return broken;
  }
  return undefined;
}

async function landed(
  ports: PollPorts,
  source: Source,
  asked: Batch,
  read: LookedUp,
): Promise<Broken | undefined> {
  const { polled } = source;
  const { stream, batch, beganMs } = asked;
  const isRows = readingOf(polled.sender) === "rows";
  const told = read.items.filter(({ isDeleted }) => isRows || isDeleted !== true);
  const versions = told.map((item) => versionOf(item, asked));
  if (versions.length > 0) await ports.deliver(polled, { stream, versions, round: { beganMs } });
  const unsaid = judge(asked, read, isRows);
  if (unsaid.length === 0) return undefined;
  if (unsaid.length === batch.length) return { kind: "failed", detail: "The answer has no end" };
  return lookUpSome(ports, source, { ...asked, batch: unsaid });
}

/** What became of each id; those of which the answer says nothing yet. */
function judge(
  { stream, batch, outcome: { found, lacking } }: Batch,
  { items, answered, isPartial }: LookedUp,
  isRows: boolean,
): readonly string[] {
  const byId = new Map(items.map((item) => [item.id, item]));
  const merged = new Set(answered);
  const isUnsaid = (id: string) => !byId.has(id) && !merged.has(id);
  const unsaid = isPartial === true ? batch.filter(isUnsaid) : [];
  const left = new Set(unsaid);
  for (const id of batch.filter((one) => !left.has(one))) {
    if (isUnsaid(id)) lacking.set(id, missing(stream));
    else if (byId.get(id)?.isDeleted === true && !isRows) lacking.set(id, deleted(stream));
    else found.add(id);
  }
  return unsaid;
}

function versionOf(item: Found, { revs, beganMs }: Batch): Version {
  const seenMs = item.atMs ?? beganMs;
  const rev = revs.get(item.id) ?? revs.get(item.id.slice(0, 15));
  return { ...item, version: String(seenMs), seenMs, ...(rev === undefined ? {} : { rev }) };
}

const missing = (stream: StreamSettings): Lack => ({
  code: "hydration_missing",
  reason: `The product shows no such record of ${objectNameOf(stream)}: deleted for good, merged, or hidden from this credential`,
});

const deleted = (stream: StreamSettings): Lack => ({
  code: "hydration_deleted",
  reason: `The record of ${objectNameOf(stream)} was deleted meanwhile`,
});

const IDS_SAID = 5;

/** An event ends when all of its ids have been answered for. */
async function settle(
  ports: PollPorts,
  tenant: string,
  { gaps, outcome }: { readonly gaps: readonly Gap[]; readonly outcome: Outcome },
): Promise<void> {
  const { found, lacking } = outcome;
  const answered = gaps.filter(({ ids = [] }) =>
    ids.every((id) => found.has(id) || lacking.has(id)),
  );
  const whole = answered.filter(({ ids = [] }) => ids.every((id) => found.has(id)));
  const broken = answered.filter(({ ids = [] }) => ids.some((id) => lacking.has(id)));
  await ports.ended(
    tenant,
    whole.map(({ eventId }) => eventId),
  );
  await ports.unhydrated(
    tenant,
    broken.map(({ eventId, ids = [] }) => {
      const lost = ids.filter((id) => lacking.has(id));
      const { code, reason } = lacking.get(lost[0] ?? "") ?? UNREADABLE;
      return { eventId, code, reason: `${lost.slice(0, IDS_SAID).join(", ")}: ${reason}` };
    }),
  );
}
