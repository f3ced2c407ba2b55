import type { Log } from "../log.ts";
import { MESSAGE_BYTES_MAX, type Message } from "../message.ts";
import type { Shard } from "../shards.ts";
import { within } from "../within.ts";

/** Cloudflare takes 100 messages or 256 KB a call; the rest is left to what it adds to each. */
const SEND_MESSAGES_MAX = 100;
const SEND_BYTES_MAX = 240_000;
/** Longer than a queue that is merely slow; a cron run has 15 minutes. */
const SEND_MS_MAX = 20_000;
/** A Worker has six connections: a seventh read would only wait for them. */
const READS_MAX = 6;

const KINDS: ReadonlySet<unknown> = new Set<Message["kind"]>([
  "delivery",
  "rejection",
  "subject",
  "archive",
]);

export interface DrainPorts {
  readonly shard: Pick<Shard, "events" | "archive">;
  readonly log: Log;
}

export interface DrainPlan {
  readonly prefix: string;
  /** Where an object goes that is no message: out of the way of the others, kept for a person. */
  readonly brokenPrefix: string;
  readonly objectsMax: number;
}

export interface Drained {
  readonly sent: number;
  readonly broken: number;
  /** Nothing is left under the prefix, as of this listing. */
  readonly isEmpty: boolean;
}

/**
 * Sends the messages stored under a prefix to the shard's queue, oldest first. An object is deleted
 * only after the queue has its message: a crash between the two repeats it, which the consumer bears.
 */
export async function drain(ports: DrainPorts, plan: DrainPlan): Promise<Drained> {
  const { archive } = ports.shard;
  const page = await archive.list({ prefix: plan.prefix, limit: plan.objectsMax });

  let sent = 0;
  let broken = 0;
  for (const group of groupForSend(page.objects)) {
    const read = await readAll(archive, group);
    const poison = read.filter((stored) => stored.message === undefined);
    for (const { key } of poison) await setAside(ports, plan, key);
    broken += poison.length;
    sent += await send(ports.shard, read);
  }
  return { sent, broken, isEmpty: !page.truncated };
}

/** Groups that one `sendBatch` takes. A stored message is as long as the queue will make it. */
function groupForSend(objects: readonly R2Object[]): readonly (readonly R2Object[])[] {
  const groups: R2Object[][] = [];
  let bytes = 0;
  for (const object of objects) {
    const last = groups.at(-1);
    const isFull = last?.length === SEND_MESSAGES_MAX || bytes + object.size > SEND_BYTES_MAX;
    if (last === undefined || isFull) {
      groups.push([object]);
      bytes = object.size;
    } else {
      last.push(object);
      bytes += object.size;
    }
  }
  return groups;
}

interface Stored {
  readonly key: string;
  readonly message: Message | undefined;
}

async function readAll(bucket: R2Bucket, objects: readonly R2Object[]): Promise<readonly Stored[]> {
  const read: Stored[] = [];
  for (let at = 0; at < objects.length; at += READS_MAX) {
    const some = objects.slice(at, at + READS_MAX);
    const stored = await Promise.all(some.map((object) => readOne(bucket, object)));
    read.push(...stored.filter((one) => one !== undefined));
  }
  return read;
}

/** Nothing where another run has taken the object since it was listed. */
async function readOne(bucket: R2Bucket, { key, size }: R2Object): Promise<Stored | undefined> {
  if (size > MESSAGE_BYTES_MAX) return { key, message: undefined };
  const object = await bucket.get(key);
  return object === null ? undefined : { key, message: parseMessage(await object.text()) };
}

function parseMessage(text: string): Message | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isMessage(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** We wrote it ourselves: its tag and its tenant tell it from a truncated or foreign object. */
const isMessage = (value: unknown): value is Message =>
  typeof value === "object" &&
  value !== null &&
  "kind" in value &&
  KINDS.has(value.kind) &&
  "tenant" in value &&
  typeof value.tenant === "string";

async function setAside(
  { shard, log }: DrainPorts,
  { prefix, brokenPrefix }: DrainPlan,
  key: string,
): Promise<void> {
  const object = await shard.archive.get(key);
  if (object === null) return;
  const brokenKey = `${brokenPrefix}${key.slice(prefix.length)}`;
  await shard.archive.put(brokenKey, await object.arrayBuffer());
  await shard.archive.delete(key);
  log("error", "stored_message_broken", { object: brokenKey });
}

async function send(shard: DrainPorts["shard"], stored: readonly Stored[]): Promise<number> {
  const keys: string[] = [];
  const messages: { readonly body: Message }[] = [];
  for (const { key, message } of stored) {
    if (message === undefined) continue;
    keys.push(key);
    messages.push({ body: message });
  }
  if (messages.length === 0) return 0;

  await within(SEND_MS_MAX, () => shard.events.sendBatch(messages));
  await shard.archive.delete(keys);
  return messages.length;
}
