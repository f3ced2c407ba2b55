import {
  DISCARDABLE,
  type Fate,
  fateOf,
  isDecidedAnew,
  type PastEvent,
  type ReplaySkip,
  standingOf,
} from "../../../core/operation/replay.ts";
import type { Played } from "../../../core/operation/replay-report.ts";
import {
  type Carried,
  carriedBy,
  type DeliveryMessage,
  type Message,
  withOnly,
} from "../../message.ts";
import type { IndexedEvent, ReplayAsked } from "../../replay.ts";
import { faultOf } from "./fault.ts";
import { type Page, playedAgain } from "./page.ts";
import type { FindPorts } from "./ports.ts";

/** Batches of the archive that are read at once: each can be some megabytes. */
const PARTS_AT_ONCE = 2;

export interface Playing {
  readonly tenant: string;
  readonly asked: ReplayAsked;
}

/** An event of the index, and all that decides upon it. */
interface Judged {
  readonly event: IndexedEvent;
  readonly past: PastEvent;
}

/** What a replay does with a page of the index. */
export async function playIndexed(
  playing: Playing,
  events: readonly IndexedEvent[],
  ports: FindPorts,
): Promise<Page> {
  const judged = await judge(playing, events, ports);
  const skipped: Played[] = [];
  const asked: Judged[] = [];
  const carried: (Judged & { readonly isRevived: boolean })[] = [];
  for (const one of judged) {
    const fate: Fate = fateOf(one.past);
    if (fate.kind === "skip") skipped.push(playedOf(one, fate.reason));
    else if (fate.kind === "ask") asked.push(one);
    else carried.push({ ...one, isRevived: fate.kind === "revive" });
  }
  const delivered = await deliver(playing.tenant, carried, ports);
  return {
    messages: [...delivered.messages, ...asksOf(playing.tenant, asked)],
    played: [...skipped, ...asked.map((one) => playedOf(one)), ...delivered.played],
    deliveries: new Set([
      ...delivered.deliveries,
      ...asked.flatMap(({ event }) => event.deliveryId ?? []),
    ]),
    reads: delivered.reads,
  };
}

/** How the events of a page stand now, as reports count them. */
export const standingsOf = async (
  playing: Playing,
  events: readonly IndexedEvent[],
  ports: FindPorts,
): Promise<readonly string[]> =>
  (await judge(playing, events, ports)).map(({ past }) => standingOf(past));

async function judge(
  { tenant, asked }: Playing,
  events: readonly IndexedEvent[],
  { discarded }: Pick<FindPorts, "discarded">,
): Promise<readonly Judged[]> {
  const doubtful = events
    .filter(({ outcome, isHeld }) => DISCARDABLE.has(outcome) && !isHeld)
    .map(({ eventId }) => eventId);
  const gone = doubtful.length === 0 ? new Set<string>() : await discarded(tenant, doubtful);
  const named = new Set(asked.ids);
  return events.map((event) => ({
    event,
    past: {
      outcome: event.outcome,
      isLogged: event.isLogged,
      isHeld: event.isHeld,
      isDiscarded: gone.has(event.eventId),
      isNamed: named.has(event.eventId),
      isDelivered: event.archive !== null,
    },
  }));
}

const playedOf = ({ event, past }: Judged, skipped?: ReplaySkip): Played => ({
  event: {
    event_id: event.eventId,
    source: event.source,
    delivery_id: event.deliveryId,
    type: event.type,
  },
  standing: standingOf(past),
  isDecidedAnew: isDecidedAnew(past),
  ...(skipped === undefined ? {} : { skipped }),
});

/** What their objects keep they decide anew: one message a subject. */
const asksOf = (tenant: string, asked: readonly Judged[]): readonly Message[] =>
  [...Map.groupBy(asked, ({ event }) => event.subject ?? "")].map(([subject, some]) => ({
    kind: "subject",
    tenant,
    subject,
    redrive: some.map(({ event }) => event.eventId),
  }));

type Carry = Judged & { readonly isRevived: boolean };

/** Some events of one delivery, in one message. */
interface Letter {
  readonly message: DeliveryMessage;
  readonly carries: readonly Carry[];
}

async function deliver(tenant: string, carries: readonly Carry[], ports: FindPorts): Promise<Page> {
  const { letters, without } = await lettersOf(carries, ports);
  const kept = await keptLetters(tenant, without, ports);
  const messages: Message[] = [];
  const played: Played[] = kept.without.map((one) => playedOf(one, "not_archived"));
  const deliveries = new Set<string>();
  for (const { message, carries: own } of [...letters, ...kept.letters]) {
    const fault = await faultOf(message, ports);
    played.push(...own.map((one) => playedOf(one, fault)));
    if (fault !== undefined) continue;
    messages.push(message);
    deliveries.add(message.deliveryId);
  }
  const reads = new Set(carries.map(({ event }) => event.archive)).size;
  return { messages, played, deliveries, reads };
}

interface Letters {
  readonly letters: readonly Letter[];
  /** Events of which no delivery was found. */
  readonly without: readonly Carry[];
}

/** From the archive, as it came: one message for all wanted events of a line. */
async function lettersOf(carries: readonly Carry[], ports: FindPorts): Promise<Letters> {
  const letters: Letter[] = [];
  const without: Carry[] = [];
  const parts = [...Map.groupBy(carries, ({ event }) => event.archive ?? "")];
  for (let at = 0; at < parts.length; at += PARTS_AT_ONCE) {
    const some = parts.slice(at, at + PARTS_AT_ONCE);
    const read = await Promise.all(
      some.map(async ([objectKey, own]) => {
        const lines = objectKey === "" ? undefined : await ports.rawPart(objectKey);
        return lettersIn({ objectKey, lines: lines ?? [] }, own);
      }),
    );
    letters.push(...read.flatMap((one) => one.letters));
    without.push(...read.flatMap((one) => one.without));
  }
  return { letters, without };
}

interface Part {
  readonly objectKey: string;
  readonly lines: readonly DeliveryMessage[];
}

function lettersIn({ objectKey, lines }: Part, carries: readonly Carry[]): Letters {
  const left = new Map(carries.map((carry) => [carry.event.eventId, carry]));
  const letters: Letter[] = [];
  for (const line of lines) {
    const wanted = carriedBy(line).flatMap((item) => {
      const carry = left.get(item.eventId);
      left.delete(item.eventId);
      return carry === undefined ? [] : [{ item, carry }];
    });
    for (const [isRevived, some] of Map.groupBy(wanted, ({ carry }) => carry.isRevived)) {
      const body = withThese(
        line,
        some.map(({ item }) => item),
      );
      letters.push({
        message: playedAgain(body, { archived: objectKey, isRevived }),
        carries: some.map(({ carry }) => carry),
      });
    }
  }
  return { letters, without: [...left.values()] };
}

const withThese = (line: DeliveryMessage, items: readonly Carried[]): DeliveryMessage =>
  items.length === line.eventIds.length ? line : withOnly(line, items);

/** What the archive does not have may lie with what waits: the dead are not told where they are archived. */
async function keptLetters(
  tenant: string,
  carries: readonly Carry[],
  { heldMessages }: FindPorts,
): Promise<Letters> {
  const held = carries.filter(({ event }) => event.isHeld).map(({ event }) => event.eventId);
  const messages = held.length === 0 ? new Map() : await heldMessages(tenant, held);
  const letters: Letter[] = [];
  const without: Carry[] = [];
  for (const carry of carries) {
    const body: DeliveryMessage | undefined = messages.get(carry.event.eventId);
    if (body === undefined) without.push(carry);
    else {
      const archived = body.archived ?? carry.event.archive ?? "";
      letters.push({
        message: playedAgain(body, { archived, isRevived: carry.isRevived }),
        carries: [carry],
      });
    }
  }
  return { letters, without };
}
