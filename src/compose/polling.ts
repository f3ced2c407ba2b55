import { createHash } from "node:crypto";
import { bodiesOf } from "../pollers/delivery.ts";
import { pollSettingsOf } from "../pollers/settings.ts";
import { baseUrl } from "../pollers/token.ts";
import { createInbox } from "../edge/archive/inbox.ts";
import { openDelivery } from "../edge/archive/open-delivery.ts";
import type { Source } from "../edge/control/directory.ts";
import { polledSourcesOf } from "../edge/control/polling.ts";
import { open, seal } from "../edge/crypto/seal.ts";
import { pollShard } from "../edge/cron/polling/poll.ts";
import type { Gap, Haul, Polled, PollPorts, SourceName } from "../edge/cron/polling/ports.ts";
import { awaiting, endHydrated, keepUnhydrated, sourcesAwaiting } from "../edge/d1/hydrating.ts";
import {
  dropPolls,
  knownPolls,
  leasePolls,
  readPolls,
  releasePolls,
  savePoll,
} from "../edge/d1/polls.ts";
import { uuidV7 } from "../edge/event-id.ts";
import { enclose } from "../edge/http/enclose.ts";
import type { PolledSource } from "../edge/http/polls.ts";
import { log } from "../edge/log.ts";
import { carriedBy, type DeliveryMessage } from "../edge/message.ts";
import { sendAsk } from "../edge/poll-client/send.ts";
import type { Shard } from "../edge/shards.ts";
import { within } from "../edge/within.ts";
import { READERS } from "../senders/index.ts";
import { polled as reader } from "../senders/polled.ts";
import type { Delivery, Item } from "../senders/sender.ts";
import { type Parts, shardOfTenant } from "./parts.ts";

/** Longer than a queue that is merely slow. */
const SEND_MS_MAX = 20_000;

/** What a token is bound to where it is kept. */
const tokenPlace = ({ tenant, source }: SourceName): string => `poll:${tenant}/${source}`;

async function sourceOf({ directory }: Parts, name: SourceName): Promise<Source> {
  const source = await directory.source(name.tenant, name.source);
  if (source === undefined) throw new Error(`Cannot find source "${name.source}"`);
  return source;
}

/** Nothing where it is polled no more, by now. */
async function openPolled(parts: Parts, name: SourceName): Promise<Polled | undefined> {
  const source = await parts.directory.source(name.tenant, name.source);
  const settings = source && pollSettingsWith(source);
  if (source === undefined || source.pausedMs !== undefined) return undefined;
  if (source.tenant.deleting !== undefined) return undefined;
  if (settings === undefined) {
    if (source.options["poll"] === undefined) return undefined;
    throw new Error(`Cannot read options.poll of source "${name.source}"`);
  }
  const { sender, pollSecrets: secrets = {} } = source;
  return { tenant: name.tenant, source: name.source, sender, settings, secrets };
}

const pollSettingsWith = ({ options, pollSecrets }: Source) => pollSettingsOf(options, pollSecrets);

/**
 * Our id of a record that was fetched. Fetched again in the same round, after a crash, it is the same
 * one: a UUIDv7 of the round's beginning whose other digits follow from the sender's id.
 */
function fetchedEventId(beganMs: number, ...name: readonly string[]): string {
  const hex = createHash("sha256").update(JSON.stringify(name)).digest("hex");
  const random = `7${hex.slice(0, 3)}-8${hex.slice(4, 7)}-${hex.slice(7, 19)}`;
  const time = Math.trunc(beganMs).toString(16).padStart(12, "0");
  return `evt_${time.slice(0, 8)}-${time.slice(8)}-${random}`;
}

/** Puts what was fetched on the slow queue, sealed as what a sender posts. */
async function deliver(parts: Parts, shard: Shard, polled: Polled, haul: Haul): Promise<void> {
  const { tenant, source: name, sender, settings } = polled;
  const { stream, versions, round } = haul;
  const source = await sourceOf(parts, polled);
  const inbox = createInbox({ shardOf: shardOfTenant(parts), log });
  const url = "url" in stream ? stream.url : baseUrl(settings);
  for (const text of bodiesOf(settings, stream, { versions, sender, day: round.day })) {
    const delivery: Delivery = {
      method: "GET",
      // Where it comes from: what stands behind the host may be a secret.
      url: `${new URL(url.replaceAll(/\{\w+\}/g, "0")).origin}/`,
      header: () => undefined,
      body: new TextEncoder().encode(text),
      receivedAtMs: parts.nowMs(),
    };
    const reading = reader.read(delivery, { tenant, source: name, options: source.options });
    if (reading.kind !== "items") throw new Error("Cannot read what was fetched");
    const eventIds = reading.items.map(({ id }) => fetchedEventId(round.beganMs, tenant, name, id));
    const deliveryId = `dlv_${uuidV7(delivery.receivedAtMs)}`;
    const enclosure = { sender: reader, source, delivery, deliveryId, eventIds };
    const messages = await enclose(enclosure, inbox);
    if (typeof messages === "string")
      throw new Error(`Cannot enclose what was fetched: ${messages}`);
    for (const message of messages) await within(SEND_MS_MAX, () => shard.slow.send(message));
  }
}

/** The gaps in parked deliveries, read again with the source's options of now. */
async function gapsOf(parts: Parts, shard: Shard, polled: Polled, limit: number) {
  const source = await sourceOf(parts, polled);
  const gaps: Gap[] = [];
  const unreadable: string[] = [];
  for (const { eventId, message } of await awaiting(shard.mirror, polled, limit)) {
    const parked = { source, archive: shard.archive, eventId };
    try {
      const gap = await gapIn(JSON.parse(message), parked);
      if (gap === undefined) unreadable.push(eventId);
      else gaps.push(gap);
    } catch (error) {
      // One that cannot be opened, now or ever, keeps nothing else waiting.
      log("error", "poll_unopened", { tenant: polled.tenant, event: eventId, error });
    }
  }
  return { gaps, unreadable };
}

interface ParkedIn {
  readonly source: Source;
  readonly archive: R2Bucket;
  readonly eventId: string;
}

async function gapIn(message: DeliveryMessage, parked: ParkedIn): Promise<Gap | undefined> {
  const { eventId } = parked;
  const item = await itemIn(message, parked);
  if (item?.kind !== "event" || item.event.type !== "cdc.gap") return undefined;
  const { table, pks } = item.event.data;
  const ids = Array.isArray(pks) ? pks.map(idText) : undefined;
  if (typeof table !== "string" || ids?.includes(undefined)) return undefined;
  return {
    eventId,
    table,
    atMs: item.event.occurredAtMs,
    ...(ids === undefined ? {} : { ids: ids.filter((id) => id !== undefined) }),
    ...(item.upTo === undefined ? {} : { rev: item.upTo }),
  };
}

async function itemIn(
  message: DeliveryMessage,
  { source, archive, eventId }: ParkedIn,
): Promise<Item | undefined> {
  const delivery = await openDelivery(message, source.tenant, archive);
  const { tenant, source: name } = message;
  const context = { tenant, source: name, options: source.options };
  const reading = READERS.get(message.sender)?.read(delivery, context);
  const place = carriedBy(message).find((one) => one.eventId === eventId);
  return reading?.kind === "items" ? reading.items[place?.index ?? -1] : undefined;
}

/** Keys of several columns are no CRM's. */
const idText = (pk: unknown): string | undefined =>
  typeof pk === "string" || typeof pk === "number" ? String(pk) : undefined;

/** How a source is configured to be polled. */
export const polledSource =
  ({ directory }: Parts) =>
  async (tenant: string, name: string): Promise<PolledSource | undefined> => {
    const source = await directory.source(tenant, name);
    if (source === undefined) return undefined;
    const settings = pollSettingsWith(source);
    const isPaused = source.pausedMs !== undefined;
    return { isPaused, ...(settings === undefined ? {} : { settings }) };
  };

/** What is polled, with the D1, queue and bucket of one shard. */
export function pollPorts(parts: Parts, shard: Shard): PollPorts {
  const { control, config, nowMs } = parts;
  const { mirror, index } = shard;
  const client = {
    // A method of the global scope: called by another name it would lose its receiver.
    fetch: (...asked: Parameters<typeof fetch>) => fetch(...asked),
    isLocal: config.environment === "local",
  };
  const keyOf = async (name: SourceName) => (await sourceOf(parts, name)).tenant.dataKey;
  return {
    sources: () => polledSourcesOf(control, index),
    rows: (tenants) => readPolls(mirror, tenants),
    known: () => knownPolls(mirror),
    forget: (names) => dropPolls(mirror, names),
    open: (name) => openPolled(parts, name),
    lease: (name, lease) => leasePolls(mirror, name, lease),
    save: (name, state, leaseMs) => savePoll(mirror, name, state, leaseMs),
    release: (name, state, leaseMs) => releasePolls(mirror, name, state, leaseMs),
    seal: async (name, text) =>
      seal(await keyOf(name), new TextEncoder().encode(text), tokenPlace(name)),
    unseal: async (name, sealed) => {
      try {
        const plain = await open(await keyOf(name), sealed, tokenPlace(name));
        return new TextDecoder().decode(plain);
      } catch {
        return undefined;
      }
    },
    send: (ask, credential) => sendAsk(client, ask, credential),
    deliver: (polled, haul) => deliver(parts, shard, polled, haul),
    awaiting: (tenants) => sourcesAwaiting(mirror, tenants),
    gaps: (polled, limit) => gapsOf(parts, shard, polled, limit),
    ended: (tenant, eventIds) => endHydrated(mirror, tenant, eventIds),
    unhydrated: (tenant, events) => keepUnhydrated(mirror, tenant, events),
    wait: (ms) => scheduler.wait(ms),
    nowMs,
    log,
  };
}

export const pollsJob = ({ index }: Pick<Shard, "index">): string => `polls:${index}`;

export const pollShardOnce = (parts: Parts, shard: Shard): Promise<void> =>
  pollShard(pollPorts(parts, shard));
