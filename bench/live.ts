import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { performance } from "node:perf_hooks";
import { setTimeout as wait } from "node:timers/promises";
import { readEnvelope } from "../src/core/contracts/envelope.ts";
import type { Arrival } from "../src/core/subject/state.ts";
import { bundle } from "./bundle.ts";
import { commissionPosted, enrolled, TENANT } from "./company.ts";
import type { Figure, Findings, Options } from "./figure.ts";
import { type Clients, openClients } from "./live-clients.ts";
import { OBJECTS, type Rig, startRig } from "./rig.ts";
import { alternate, compare, median, quantile } from "./rounds.ts";

/** How many follow one distributor, and how many changes they are told of, one at a time. */
const AUDIENCES = [
  { sockets: 1, changes: 100 },
  { sockets: 100, changes: 30 },
  { sockets: 10_000, changes: 8 },
] as const;
const WARM_UP_CHANGES = 3;
/** Between two changes: whoever serves has to be at rest, or its pace is measured. */
const restMs = (sockets: number): number => 150 + sockets / 10;
/** Settled one after the other, while everybody is told of it. */
const SETTLED_CALLS = 200;
const RATE_ROUNDS_MAX = 4;

/** How soon followers hear of a change, and what it costs the object's writes that many follow. */
export async function measureLive({ rounds, directory }: Options): Promise<Findings> {
  const script = await bundle("bench/live-worker.ts", directory);
  const rig = await startRig({ script, objects: OBJECTS });
  const audiences: Audience[] = [];
  try {
    const figures: Figure[] = [];
    const all: Record<string, unknown> = {};
    for (const { sockets, changes } of AUDIENCES) {
      const audience = await gather(rig, sockets);
      audiences.push(audience);
      const latencies = await follow(rig, audience, changes);
      all[`latency, ${sockets} sockets`] = latencies.map(summaryOf);
      figures.push(...latencyFigures(sockets, latencies));
    }
    const largest = audiences.at(-1);
    if (largest === undefined) throw new Error("Cannot measure: nobody follows");
    const alone = await gather(rig, 0);
    const pairs = await alternate(
      Math.min(rounds, RATE_ROUNDS_MAX),
      () => rate(rig, largest),
      () => rate(rig, alone),
    );
    all["settling"] = pairs;
    const most = AUDIENCES.at(-1)?.sockets ?? 0;
    figures.push({
      group: "live",
      name: `settling, ${most} sockets (bare: none)`,
      unit: "calls/s",
      ...compare(pairs, (perSecond) => perSecond),
    });
    return { figures, rounds: all, notes: [NOTE] };
  } finally {
    for (const { clients } of audiences) clients.close();
    await rig.stop();
  }
}

const NOTE =
  "live: from the request that settles one line to the message at each follower, over this machine's loopback (of " +
  "10,000 those that it has file descriptors for, the rest inside the runtime); settling is one line a call, one " +
  "call after the other, everybody being told meanwhile.";

interface Audience {
  readonly distributor: string;
  readonly clients: Clients;
  /** Of the last line. */
  seq: number;
}

async function gather(rig: Rig, sockets: number): Promise<Audience> {
  const distributor = `D${sockets}`;
  const audience = { distributor, clients: NOBODY, seq: 0 };
  await settle(rig, distributor, [arrivalOf(enrolled({ distributor, n: 1 }))]);
  if (sockets === 0) return audience;
  return { ...audience, clients: await crowd(rig, distributor, sockets) };
}

/** Over loopback as many as there are file descriptors for, of which workerd takes two each; the rest inside it. */
async function crowd(rig: Rig, distributor: string, sockets: number): Promise<Clients> {
  const measured = Math.min(sockets, Math.floor((await descriptorsMax()) / 2) - SPARE);
  const held = new AbortController();
  if (measured < sockets) {
    const url = `http://127.0.0.1:${rig.port}/bench/hold/${distributor}`;
    const body = String(sockets - measured);
    await fetch(url, { method: "POST", body, signal: held.signal });
  }
  const clients = await openClients(rig.port, `/bench/live/${distributor}`, measured);
  return {
    hear: clients.hear,
    close: () => {
      clients.close();
      held.abort();
    },
  };
}

const SPARE = 500;

/** How many files a process may have open here; Node raises its own limit to that, and so its children's. */
async function descriptorsMax(): Promise<number> {
  const limits = await readFile("/proc/self/limits", "utf8").catch(() => "");
  const [, hard] = /Max open files\s+\d+\s+(\d+)/.exec(limits) ?? [];
  return hard === undefined ? Infinity : Number(hard);
}

const NOBODY: Clients = { hear: () => Promise.resolve([]), close: () => {} };

const settle = ({ call }: Rig, distributor: string, arrivals: readonly Arrival[]) =>
  call<{ position: number; tookMs: number }>(`POST /bench/settle/${distributor}`, arrivals);

/** Lines that follow those that were settled. */
function linesOf(audience: Audience, count: number): readonly Arrival[] {
  const { distributor } = audience;
  return Array.from({ length: count }, () => {
    audience.seq += 1;
    return arrivalOf(commissionPosted({ distributor, n: audience.seq }));
  });
}

function arrivalOf(envelope: object): Arrival {
  const read = readEnvelope(JSON.parse(JSON.stringify(envelope)), {
    tenant: TENANT,
    source: "core",
  });
  if (!read.ok) throw new Error(`Cannot measure: ${JSON.stringify(read.refusal)}`);
  const { data, ...event } = read.value;
  const { pii: _pii, ...told } = data;
  return {
    eventId: `evt_${event.id}`,
    event: { ...event, data: told },
    receivedAtMs: Date.now(),
    deliveryId: "dlv_1",
    payloadSha256: createHash("sha256").update(JSON.stringify(told)).digest("hex"),
  };
}

/** Of each change, how long each follower waited for it. */
async function follow(
  rig: Rig,
  audience: Audience,
  changes: number,
): Promise<readonly (readonly number[])[]> {
  const all: number[][] = [];
  for (let change = 0; change < changes + WARM_UP_CHANGES; change += 1) {
    const [line] = linesOf(audience, 1);
    if (line === undefined) throw new Error("Cannot measure: no line");
    const heard = audience.clients.hear(audience.seq + 1);
    const startMs = performance.now();
    await settle(rig, audience.distributor, [line]);
    const latencies = (await heard).map((ms) => ms - startMs).toSorted((a, b) => a - b);
    const heardBy = latencies.length;
    all.push(latencies);
    await wait(restMs(heardBy));
  }
  return all.slice(WARM_UP_CHANGES);
}

const summaryOf = (latencies: readonly number[]) => ({
  p50Ms: quantile(latencies, 0.5),
  p99Ms: quantile(latencies, 0.99),
  maxMs: latencies.at(-1),
});

function latencyFigures(sockets: number, changes: readonly (readonly number[])[]): Figure[] {
  const name = `to ${sockets} ${sockets === 1 ? "socket" : "sockets"}`;
  // Of one socket the changes are the sample; of many, each change is one of its own.
  const samples = sockets === 1 ? [changes.flat().toSorted((a, b) => a - b)] : changes;
  return ([0.5, 0.99] as const).map((share) => ({
    group: "live",
    name: `${name}, p${share * 100}`,
    unit: "ms",
    ours: median(samples.map((sample) => quantile(sample, share))),
  }));
}

/** Calls a second; ends when everybody has heard of the last one, so that none falls on the next round. */
async function rate(rig: Rig, audience: Audience): Promise<number> {
  const lines = linesOf(audience, SETTLED_CALLS);
  const { position, tookMs } = await settle(rig, audience.distributor, lines);
  const { length } = await audience.clients.hear(position);
  await wait(restMs(length));
  return (1000 * SETTLED_CALLS) / tookMs;
}
