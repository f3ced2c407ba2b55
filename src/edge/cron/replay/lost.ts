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
      const fault = items.length === 0 ? undefined : await faultOf(one.line, ports);
      played.push(...playedOf(one.line, gone, "discarded"), ...playedOf(one.line, items, fault));
      if (items.length === 0 || fault !== undefined) continue;
      messages.push(
        playedAgain(withOnly(one.line, items), { archived: objectKey, isRevived: false }),
      );
      deliveries.add(one.line.deliveryId);
    }
  }
  return { messages, played, deliveries, reads: 1 };
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
