import type { ReplaySkip } from "../../../core/operation/replay.ts";
import { LOST, type Played } from "../../../core/operation/replay-report.ts";
import { eventIdsFrom } from "../../event-count.ts";
import {
  type Carried,
  carriedBy,
  type DeliveryMessage,
  type Message,
  withOnly,
} from "../../message.ts";
import { faultOf } from "./fault.ts";
import type { Playing } from "./indexed.ts";
import { NO_PAGE, type Page, playedAgain } from "./page.ts";
import type { FindPorts } from "./ports.ts";

/** Some items of an archived delivery that no index has. */
interface Lost {
  readonly line: DeliveryMessage;
  readonly items: readonly Carried[];
}

/**
 * What a replay does with one stored batch: what the index has was found there. What it has not was lost
 * after it had been taken in, with a D1 that was restored, say.
 */
export async function playLost(
  playing: Playing,
  objectKey: string,
  ports: FindPorts,
): Promise<Page> {
  const { tenant, asked } = playing;
  const wanted = wantedOf(playing, (await ports.rawPart(objectKey)) ?? []);
  const ids = wanted.flatMap(({ items }) => items.map(({ eventId }) => eventId));
  if (ids.length === 0) return { ...NO_PAGE, reads: 1 };
  const known = await ports.known(tenant, ids);
  const lost = without(wanted, known);
  const lostIds = ids.filter((id) => !known.has(id));
  const discarded =
    lostIds.length === 0 ? new Set<string>() : await ports.discarded(tenant, lostIds);
  const named = new Set(asked.ids);
  const letGo = new Set([...discarded].filter((id) => !named.has(id)));

  const messages: Message[] = [];
  const played: Played[] = [];
  const deliveries = new Set<string>();
  for (const one of lost) {
    const about = await aboutSubject(one, asked.subject, ports);
    if (about.kind === "unopened") played.push(...playedOf(one.line, one.items, "unopened"));
    else {
      const gone = about.items.filter(({ eventId }) => letGo.has(eventId));
      const items = about.items.filter(({ eventId }) => !letGo.has(eventId));
      const fault = items.length === 0 ? undefined : await faultIn({ ...one, items }, named, ports);
      played.push(...playedOf(one.line, gone, "discarded"), ...playedOf(one.line, items, fault));
      if (items.length === 0 || fault !== undefined) continue;
      messages.push(...lettersOf({ ...one, items }, { archived: objectKey, discarded }));
      deliveries.add(one.line.deliveryId);
    }
  }
  return { messages, played, deliveries, reads: 1 };
}

/**
 * What was applied says nowhere how it was read then. Read otherwise by now, it would go to another
 * object, or under another id, and take effect twice: that takes a person who names it.
 */
async function faultIn(
  { line, items }: Lost,
  named: ReadonlySet<string>,
  ports: FindPorts,
): Promise<ReplaySkip | undefined> {
  const fault = await faultOf(line, ports);
  if (fault !== undefined || items.every(({ eventId }) => named.has(eventId))) return fault;
  const { tenant, source, receivedAtMs } = line;
  return receivedAtMs < (await ports.readSoFromMs(tenant, source)) ? "reads_otherwise" : undefined;
}

/** What a person had let go of goes alone: it is acted on where its object has let go of it, too. */
function lettersOf(
  { line, items }: Lost,
  { archived, discarded }: { readonly archived: string; readonly discarded: ReadonlySet<string> },
): readonly DeliveryMessage[] {
  const parts = Map.groupBy(items, ({ eventId }) => discarded.has(eventId));
  return [...parts].map(([isRevived, some]) =>
    playedAgain(withOnly(line, some), { archived, isRevived }),
  );
}

/** Of the span and of the source that were asked for; each event once, however often it was put by. */
function wantedOf({ asked }: Playing, lines: readonly DeliveryMessage[]): readonly Lost[] {
  const [from, until] = [eventIdsFrom(asked.fromMs), eventIdsFrom(asked.toMs)];
  const named = asked.ids === undefined ? undefined : new Set(asked.ids);
  const seen = new Set<string>();
  const isWanted = ({ eventId }: Carried): boolean => {
    if (eventId <= from || eventId >= until || seen.has(eventId)) return false;
    seen.add(eventId);
    return named?.has(eventId) !== false;
  };
  return lines
    .filter(({ source }) => asked.source === undefined || source === asked.source)
    .map((line) => ({ line, items: carriedBy(line).filter(isWanted) }));
}

const without = (wanted: readonly Lost[], known: ReadonlySet<string>): readonly Lost[] =>
  wanted
    .map(({ line, items }) => ({ line, items: items.filter(({ eventId }) => !known.has(eventId)) }))
    .filter(({ items }) => items.length > 0);

type About =
  | { readonly kind: "unopened" }
  | { readonly kind: "read"; readonly items: readonly Carried[] };

async function aboutSubject(
  { line, items }: Lost,
  subject: string | undefined,
  { keysIn }: FindPorts,
): Promise<About> {
  if (subject === undefined) return { kind: "read", items };
  try {
    const keys = await keysIn(line);
    return { kind: "read", items: items.filter(({ index }) => keys[index] === subject) };
  } catch {
    return { kind: "unopened" };
  }
}

const playedOf = (
  { source, deliveryId }: DeliveryMessage,
  items: readonly Carried[],
  skipped?: ReplaySkip,
): readonly Played[] =>
  items.map(({ eventId }) => ({
    event: { event_id: eventId, source, delivery_id: deliveryId, type: null },
    standing: skipped === "unopened" ? undefined : LOST,
    isDecidedAnew: true,
    ...(skipped === undefined ? {} : { skipped }),
  }));
