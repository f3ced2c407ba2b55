import { env } from "cloudflare:workers";
import { outboundPorts } from "#src/compose/outbound.ts";
import { createParts } from "#src/compose/parts.ts";
import { sealSecrets } from "#src/edge/control/destination-secrets.ts";
import type { OutboundPorts } from "#src/edge/outbound/ports.ts";
import { idleLanes } from "#src/edge/outbound/lanes.ts";
import type { Desk, OutboundState } from "#src/edge/outbound/round.ts";
import { CLOSED, probeNow } from "#src/core/outbound/breaker.ts";
import { UNUSED } from "#src/core/outbound/pace.ts";
import { foundCompany } from "../support/company.ts";

export const SECRET = `whsec_${btoa("0123456789abcdef0123456789abcdef")}`;
export const URL_OF_HOOK = "https://hooks.example.com/upline?token=in-the-address";

/** Time as the gateway sees it: it passes while something waits for it, and not otherwise. */
function virtualClock(startMs: number) {
  const sleepers: { readonly untilMs: number; readonly wake: () => void }[] = [];
  const clock = { ms: startMs, busy: 0 };
  let isTicking = false;
  const tick = () => {
    isTicking = false;
    if (sleepers.length === 0) return;
    if (clock.busy === 0) {
      sleepers.sort((a, b) => a.untilMs - b.untilMs);
      const next = sleepers.shift();
      clock.ms = Math.max(clock.ms, next?.untilMs ?? 0);
      next?.wake();
    }
    start();
  };
  const start = () => {
    if (isTicking) return;
    isTicking = true;
    setTimeout(tick, 0);
  };
  const wait = (ms: number) =>
    ms <= 0
      ? Promise.resolve()
      : new Promise<void>((wake) => {
          sleepers.push({ untilMs: clock.ms + ms, wake });
          start();
        });
  return { clock, wait };
}

/** What a receiver was sent, and when. */
export interface Got {
  readonly atMs: number;
  readonly url: string;
  readonly id: string;
  readonly body: string;
  readonly headers: Headers;
}

interface Given {
  readonly perMinute?: number;
  readonly concurrency?: number;
  readonly pausedMs?: number;
}

export interface DeliveryGiven {
  readonly dueMs?: number;
  readonly step?: number;
  readonly createdMs?: number;
  readonly attempts?: readonly object[];
  /** When its destination was made: that which there is, unless told otherwise. */
  readonly destinationMs?: number;
}

export interface DeliveryRow {
  readonly delivery_id: string;
  readonly state: string;
  readonly step: number;
  readonly due_ms: number | null;
  readonly attempts: string;
  readonly ended_ms: number | null;
}

/** Ids in the order of time, as ours are. */
export const idOf = (n: number): string =>
  `out_019d0000-0000-7000-8000-${String(n).padStart(12, "0")}`;

/** A destination of a tenant of its own, in D1, and a receiver that is there for it alone. */
export async function layDestination({ perMinute = 6000, concurrency = 4, pausedMs }: Given = {}) {
  const { tenant } = await foundCompany();
  const destination = "crm";
  const real = createParts(env);
  const { clock, wait } = virtualClock(Date.now());
  const parts = { ...real, nowMs: () => clock.ms };
  const known = await parts.directory.tenant(tenant);
  if (known === undefined) throw new Error("There is no such tenant");
  const place = { tenant, destination, shard: 0 };
  const secrets = await sealSecrets(place, known.dataKey, [SECRET]);
  await env.MIRROR_0.prepare(
    "INSERT INTO destinations VALUES (?, ?, 'webhook', ?, ?, ?, ?, ?, ?, ?, ?)",
  )
    .bind(
      tenant,
      destination,
      URL_OF_HOOK,
      secrets,
      perMinute,
      concurrency,
      pausedMs ?? null,
      pausedMs === undefined ? null : "person",
      clock.ms,
      clock.ms,
    )
    .run();
  const got: Got[] = [];
  const receiver = {
    latencyMs: 0,
    /** Of single ones. */
    latencyOf: (_n: number): number | undefined => undefined,
    answer: (_n: number): Response => new Response("thanks"),
    under: 0,
    mostUnder: 0,
  };
  const receive: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    const headers = request.headers;
    const id = headers.get("webhook-id") ?? "";
    const one = { atMs: clock.ms, url: request.url, id, headers };
    clock.busy += 1;
    got.push({ ...one, body: await request.text() });
    clock.busy -= 1;
    const n = got.length;
    receiver.under += 1;
    receiver.mostUnder = Math.max(receiver.mostUnder, receiver.under);
    await wait(receiver.latencyOf(n) ?? receiver.latencyMs);
    receiver.under -= 1;
    return receiver.answer(n);
  };
  const logged: string[] = [];
  const asked: string[] = [];
  // Nor does time pass while D1 answers.
  const still = <Values extends unknown[], Answer>(
    name: string,
    ask: (...values: Values) => Promise<Answer>,
  ) => {
    return async (...values: Values): Promise<Answer> => {
      asked.push(name);
      clock.busy += 1;
      return ask(...values).finally(() => {
        clock.busy -= 1;
      });
    };
  };
  const { settings, due, nextDueMs, save, cancel, pauseGone } = outboundPorts(parts);
  const ports: OutboundPorts = {
    ...outboundPorts(parts),
    settings: still("settings", settings),
    due: still("due", due),
    nextDueMs: still("nextDueMs", nextDueMs),
    save: still("save", save),
    cancel: still("cancel", cancel),
    pauseGone: still("pauseGone", pauseGone),
    // Signing takes real time: until it is done, none of the other passes.
    kinds: new Map(
      [...outboundPorts(parts).kinds].map(([name, kind]) => [
        name,
        {
          ...kind,
          request: async (sendable) => {
            clock.busy += 1;
            return kind.request(sendable).finally(() => {
              clock.busy -= 1;
            });
          },
        },
      ]),
    ),
    fetch: receive,
    isLocal: false,
    wait,
    random: () => 0,
    log: (_level, event, fields) => logged.push(`${event} ${JSON.stringify(fields)}`),
  };
  let state: OutboundState = { place, pace: UNUSED, breaker: CLOSED };
  const kept: OutboundState[] = [];
  const slow = { writeMs: 0, changes: 0 };
  const desk: Desk = {
    state: () => state,
    keep: (next) => {
      state = next;
      kept.push(next);
    },
    written: () => wait(slow.writeMs),
    changes: () => slow.changes,
  };
  /** A person has changed something, as the object notes it. */
  const change = () => {
    slow.changes += 1;
    const { lookedMs: _looked, ...rest } = state;
    state = { ...rest, breaker: probeNow(state.breaker, clock.ms) };
  };
  return {
    tenant,
    place,
    parts,
    clock,
    receiver,
    got,
    logged,
    ports,
    desk,
    kept,
    slow,
    change,
    asked,
    sitting: () => ({ lanes: idleLanes(state.breaker), changes: slow.changes }),
    add: (n: number, given: DeliveryGiven = {}) =>
      addDelivery(place, n, { dueMs: clock.ms, ...given }),
    row: async (n: number) => (await rowsOf(tenant)).find((row) => row.delivery_id === idOf(n)),
    rows: () => rowsOf(tenant),
    set: (sql: string) =>
      env.MIRROR_0.prepare(`UPDATE destinations SET ${sql} WHERE tenant = ?`).bind(tenant).run(),
  };
}

export async function addDelivery(
  { tenant, destination }: { readonly tenant: string; readonly destination: string },
  n: number,
  { dueMs = 0, step = 0, createdMs = dueMs, attempts = [], destinationMs }: DeliveryGiven,
): Promise<void> {
  const tried = [bodyOf(n), step, dueMs, JSON.stringify(attempts), createdMs];
  await env.MIRROR_0.prepare(
    `INSERT INTO deliveries SELECT ?1, ?2, ?3, coalesce(?9, (SELECT created_ms FROM destinations
         WHERE tenant = ?1 AND destination = ?3), 0),
       'all', NULL, 'payment.confirmed', 'order:O1', 'pending', ?4, ?5, ?6, ?7, ?8, NULL`,
  )
    .bind(tenant, idOf(n), destination, ...tried, destinationMs ?? null)
    .run();
}

export const bodyOf = (n: number): string => JSON.stringify({ type: "payment.confirmed", n });

const rowsOf = async (tenant: string): Promise<readonly DeliveryRow[]> =>
  (
    await env.MIRROR_0.prepare("SELECT * FROM deliveries WHERE tenant = ? ORDER BY delivery_id")
      .bind(tenant)
      .all<DeliveryRow>()
  ).results;
