import {
  type Answer,
  type GatewayClient,
  member,
  pause,
  readAnswer,
} from "../../../scripts/local/client.ts";
import { waitUntilIdle } from "../../../scripts/local/idle.ts";
import { signStandard } from "../../../scripts/signing.ts";

export const SECRET = `whsec_${Buffer.from("0123456789abcdef0123456789abcdef").toString("base64")}`;
export const SOURCE = "core";

const WAIT_MS_MAX = 30_000;
const POLL_MS = 50;
const LANES = 16;

export interface SentEvent {
  readonly id: string;
  readonly [member: string]: unknown;
}

export interface TestTenant {
  readonly name: string;
  readonly get: (path: string) => Promise<unknown>;
  /** Posts events as one delivery, signed now, to {@link SOURCE}; refuses any answer but 202. */
  readonly post: (events: SentEvent | readonly SentEvent[], source?: string) => Promise<void>;
  /** Resolves with the outcomes of these events, by id, once each of them has one that `isDone`. */
  readonly outcomes: (
    ids: readonly string[],
    isDone?: (outcome: string) => boolean,
  ) => Promise<ReadonlyMap<string, string>>;
  /** Resolves when nothing of what was accepted is under way: repeats too have been seen by then. */
  readonly idle: () => Promise<void>;
}

/** The tenant of this name with `standard` sources; made, or as it was. */
export async function openTenant(
  client: GatewayClient,
  name: string,
  mode: "mirror" | "gateway_final" = "mirror",
  sources: readonly string[] = [SOURCE],
): Promise<TestTenant> {
  const base = `/v1/tenants/${name}`;
  await client.must(`PUT ${base}`, { name: "Acme", mode, currency: "USD" });
  for (const source of sources) {
    await client.must(`PUT ${base}/sources/${source}`, {
      sender: "standard",
      auth: { secrets: [SECRET] },
    });
  }
  const get = (path: string) => client.must(`GET ${base}/${path}`);
  return {
    name,
    get,
    post: async (events, source = SOURCE) => {
      const { status, body } = await deliver(`${client.url}/in/${name}/${source}`, events);
      if (status !== 202) throw new Error(`Not accepted: ${status} ${JSON.stringify(body)}`);
    },
    outcomes: async (ids, isDone = (outcome) => outcome !== "buffered" && outcome !== "parked") => {
      // Nearly all of them have theirs by then, and are asked for once.
      await waitUntilIdle(client, [name], WAIT_MS_MAX);
      const found = new Map<string, string>();
      await eachOf(ids, async (id) => {
        found.set(id, await outcomeOf(get, id, isDone));
      });
      return found;
    },
    idle: async () => {
      if (!(await waitUntilIdle(client, [name], WAIT_MS_MAX))) throw new Error("Never idle");
    },
  };
}

let deliveries = 0;

async function deliver(url: string, events: unknown): Promise<Answer> {
  const body = JSON.stringify(events);
  deliveries += 1;
  const timestampS = Math.floor(Date.now() / 1000);
  const id = `msg_${deliveries}`;
  const headers = await signStandard({ secret: SECRET, id, timestampS, body });
  return readAnswer(await fetch(url, { method: "POST", headers, body }));
}

async function outcomeOf(
  get: TestTenant["get"],
  id: string,
  isDone: (outcome: string) => boolean,
): Promise<string> {
  const untilMs = performance.now() + WAIT_MS_MAX;
  let outcome: unknown;
  while (performance.now() < untilMs) {
    const found = await get(`events?source=${SOURCE}&id=${encodeURIComponent(id)}`);
    outcome = member(found, "items", 0, "outcome");
    if (typeof outcome === "string" && isDone(outcome)) return outcome;
    await pause(POLL_MS);
  }
  throw new Error(`Event "${id}" has no final outcome: ${String(outcome)}`);
}

/** Does it for each of the items, a few at a time. */
export async function eachOf<Item>(
  items: readonly Item[],
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const waiting = items.values();
  const lane = async () => {
    for (const item of waiting) await work(item);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}
