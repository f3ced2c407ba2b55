import { member, pause, readAnswer, retryAfterMs } from "../local/client.ts";
import type { DemoDelivery } from "./deliveries.ts";
import type { DemoSource } from "./sources.ts";

/** As many connections as senders hold open to one address; more would only wait in line. */
const IN_FLIGHT_MAX = 64;
const ATTEMPTS_MAX = 20;
const BUSY: ReadonlySet<number> = new Set([429, 503]);

/** What was sent and what became of it, while it goes on. */
export interface Traffic {
  sent: number;
  accepted: number;
  refused: number;
  /** Sent again after a 429, a 503 or a broken connection. */
  retried: number;
  readonly latenciesMs: number[];
  /** Answers other than those expected. */
  readonly surprises: string[];
  /** Events told again: they may have no further effect. */
  repeated: number;
  /** Every event that was promised: `{source} {id}` as the gateway named it. */
  readonly promised: Set<string>;
  readonly startedMs: number;
  endedMs: number;
}

export interface Drive {
  readonly ingestUrl: string;
  readonly sources: readonly DemoSource[];
  readonly deliveries: readonly DemoDelivery[];
  readonly rate: number;
  readonly onProgress: (traffic: Traffic) => void;
}

/** Sends every delivery at the rate asked for, as far as the gateway keeps up. */
export async function drive({ deliveries, rate, onProgress, ...how }: Drive): Promise<Traffic> {
  const startedMs = performance.now();
  const traffic: Traffic = {
    sent: 0,
    accepted: 0,
    refused: 0,
    retried: 0,
    repeated: 0,
    latenciesMs: [],
    surprises: [],
    promised: new Set(),
    startedMs,
    endedMs: startedMs,
  };
  const lanes = createLanes(IN_FLIGHT_MAX);
  for (const [i, delivery] of deliveries.entries()) {
    const waitMs = startedMs + (i * 1000) / rate - performance.now();
    if (waitMs > 1) await pause(waitMs);
    await lanes.free();
    lanes.take(sendOne(delivery, how, traffic));
    onProgress(traffic);
  }
  await lanes.empty();
  traffic.endedMs = performance.now();
  onProgress(traffic);
  return traffic;
}

/** Work under way, so much at once. The first failure is thrown to whoever asks next. */
function createLanes(max: number) {
  const busy = new Set<Promise<void>>();
  let failure: Error | undefined;
  let freed: (() => void) | undefined;
  const throwFailure = () => {
    if (failure !== undefined) throw failure;
  };
  return {
    free: async () => {
      throwFailure();
      if (busy.size < max) return;
      await new Promise<void>((resolve) => {
        freed = resolve;
      });
    },
    take: (work: Promise<void>) => {
      const lane = work
        .catch((error: unknown) => {
          failure ??=
            error instanceof Error ? error : new Error("Cannot deliver", { cause: error });
        })
        .finally(() => {
          busy.delete(lane);
          freed?.();
        });
      busy.add(lane);
    },
    empty: async () => {
      await Promise.all(busy);
      throwFailure();
    },
  };
}

type How = Pick<Drive, "ingestUrl" | "sources">;

async function sendOne(delivery: DemoDelivery, how: How, traffic: Traffic): Promise<void> {
  const { status, body, tookMs } = await sendUntilTaken(delivery, how, traffic);
  traffic.sent += 1;
  if (status !== delivery.expects) {
    traffic.surprises.push(`${delivery.source} ${delivery.id}: ${status}, not ${delivery.expects}`);
  }
  if (status !== 202) {
    traffic.refused += 1;
    return;
  }
  traffic.accepted += 1;
  traffic.latenciesMs.push(tookMs);
  for (const list of ["accepted", "quarantined"]) {
    const items: unknown = member(body, list);
    for (const item of Array.isArray(items) ? items : []) {
      const name = `${delivery.source} ${String(member(item, "id"))}`;
      if (traffic.promised.has(name)) traffic.repeated += 1;
      traffic.promised.add(name);
    }
  }
}

/** Each attempt is signed anew: a wait can outlast a signature. */
async function sendUntilTaken(delivery: DemoDelivery, how: How, traffic: Traffic) {
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
    const startedMs = performance.now();
    const response = await attemptOnce(delivery, how);
    if (response !== undefined && !BUSY.has(response.status)) {
      const answer = await readAnswer(response);
      return { ...answer, tookMs: performance.now() - startedMs };
    }
    traffic.retried += 1;
    await response?.body?.cancel();
    await pause(response === undefined ? 1000 : retryAfterMs(response.headers));
  }
  throw new Error(`Cannot deliver to ${how.ingestUrl}: turned away ${ATTEMPTS_MAX} times`);
}

/** Nothing where the connection failed: the event's id makes it safe to send again. */
async function attemptOnce(
  { source: name, id, body, isForged }: DemoDelivery,
  { sources, ingestUrl }: How,
): Promise<Response | undefined> {
  const source = sources.find((known) => known.name === name);
  if (source === undefined) throw new Error(`Cannot send for "${name}": no such source`);
  const signed = await (isForged ? source.forge : source.sign)({ id, body, nowMs: Date.now() });
  const headers = { "Content-Type": "application/json", "webhook-id": id, ...signed };
  try {
    return await fetch(`${ingestUrl}/${name}`, { method: "POST", headers, body });
  } catch {
    return undefined;
  }
}
