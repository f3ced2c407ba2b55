import { env } from "cloudflare:workers";
import { createApi } from "#src/compose/api.ts";
import { createParts } from "#src/compose/parts.ts";
import { readPorts } from "#src/compose/reads.ts";
import { evolve } from "#src/core/distributor/evolve.ts";
import type { Entry, LoggedEvent } from "#src/core/subject/entry.ts";
import { NO_LOOSE_ROWS } from "#src/edge/d1/loose.ts";
import { projectBatch } from "#src/edge/d1/project.ts";
import { type ReadPorts, readRoutes } from "#src/edge/http/reads.ts";
import type { LooseEvent } from "#src/edge/mirror.ts";
import { asDocumented } from "../../support/contract.ts";

export const NOW_MS = Date.UTC(2026, 7, 1, 12);
export const AT_MS = Date.UTC(2026, 6, 1, 10);

export interface Rig {
  readonly tenant: string;
  readonly ports: ReadPorts;
  /** `GET distributors/d1`, under the tenant's path. */
  readonly call: (line: string, more?: Call) => Promise<Response>;
  readonly key: (role: string, subject?: string) => Promise<string>;
  /** Writes log rows through the real projector; a distributor's view follows from them. */
  readonly mirror: (subject: string, entries: readonly Entry[], name?: string) => Promise<void>;
  readonly loose: (...events: readonly Partial<LooseEvent>[]) => Promise<void>;
}

export interface Call {
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A tenant of its own over the real Worker's parts, of which a test may replace some. */
export async function readRig(replace: (ports: ReadPorts) => Partial<ReadPorts> = () => ({})) {
  const tenant = `t${crypto.randomUUID()}`;
  const parts = createParts(env);
  const real = { ...readPorts(parts), nowMs: () => NOW_MS };
  const ports = { ...real, ...replace(real) };
  const api = createApi(parts, readRoutes(ports));

  const fetchAs = async (token: string, line: string, init: RequestInit = {}) => {
    const [method = "GET", path = "/"] = line.split(" ");
    const headers = new Headers(init.headers);
    headers.set("Authorization", `Bearer ${token}`);
    if (init.body !== undefined) headers.set("Content-Type", "application/json");
    const url = `https://gateway.example${path}`;
    const response = await api.fetch(new Request(url, { ...init, method, headers }));
    return asDocumented({ method, url }, response);
  };
  const put = async (line: string, body: object) => {
    const response = await fetchAs(env.ADMIN_TOKEN, line, { body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${line}: ${await response.text()}`);
    return response.json<{ key: string }>();
  };
  await put(`PUT /v1/tenants/${tenant}`, { name: "Acme", mode: "mirror", currency: "USD" });

  const positions = new Map<string, { position: number; head: string; view?: string }>();
  const rig: Rig = {
    tenant,
    ports,
    call: (line, { token = env.ADMIN_TOKEN, headers = {} } = {}) => {
      const [method = "GET", path = ""] = line.split(" ");
      return fetchAs(token, `${method} /v1/tenants/${tenant}/${path}`, { headers });
    },
    key: async (role, subject) =>
      (await put(`POST /v1/tenants/${tenant}/keys`, { role, ...(subject && { subject }) })).key,
    mirror: async (subject, entries, displayName) => {
      const base = positions.get(subject) ?? { position: 0, head: "" };
      let { view } = base;
      const rows = entries.map((entry, i) => {
        view = evolve(view, entry.effects, NOW_MS);
        const position = base.position + i + 1;
        return { position, hash: `${subject}#${position}`, entry: JSON.stringify(entry) };
      });
      const shown = { view: view ?? "{}", ...(displayName === undefined ? {} : { displayName }) };
      const at = { position: base.position, head: base.head };
      const tail = { tenant, subject, base: at, rows, view: shown };
      await projectBatch(env.MIRROR_0, [tail], NO_LOOSE_ROWS);
      const last = rows.at(-1);
      if (last === undefined) return;
      const moved = { position: last.position, head: last.hash };
      positions.set(subject, { ...moved, view: shown.view });
    },
    loose: async (...events) => {
      const whole = events.map((event, i) => ({
        tenant,
        eventId: `evt_l${i}`,
        source: "shop",
        id: `l${i}`,
        outcome: "quarantined" as const,
        deliveryId: "dlv_1",
        receivedMs: AT_MS,
        recordedMs: AT_MS,
        ...event,
      }));
      await projectBatch(env.MIRROR_0, [], { events: whole, revived: [] });
    },
  };
  return rig;
}

let events = 0;

/** A logged event with ids that no other has, in the order of making. */
export function logged(more: Partial<LoggedEvent> = {}): LoggedEvent {
  events += 1;
  const n = String(events).padStart(6, "0");
  return {
    event_id: `evt_${n}`,
    id: `e${n}`,
    source: "core",
    type: "commission.posted",
    key: "dist:d1",
    epoch: 0,
    occurred_ms: AT_MS,
    received_ms: AT_MS + 1000,
    payload_sha256: n,
    delivery_id: `dlv_${n}`,
    ...more,
  };
}

export const entry = (more: Partial<Entry> = {}): Entry => ({
  recorded_ms: AT_MS + 2000,
  event: logged(),
  outcome: "applied",
  effects: {},
  ...more,
});

/** A held commission line of `amount`, as the core's event posts it. */
export const posted = (
  distributor: string,
  line: string,
  amount: number,
  more: object = {},
): Entry =>
  entry({
    effects: {
      transfers: [
        {
          rule: "P3",
          debit: "exp:commission",
          credit: `dist:${distributor}:held`,
          amount_minor: amount,
          currency: "USD",
          reference: line,
        },
      ],
      lines: [
        {
          line_id: line,
          distributor_id: distributor,
          order_id: "o1",
          component: "unilevel",
          level: 1,
          depth: 2,
          rate_ppm: 50_000,
          amount_minor: amount,
          reversed_minor: 0,
          currency: "USD",
          state: "held",
          period_id: "2026-07",
          effective_ms: AT_MS,
          ...more,
        },
      ],
    },
  });

export interface Listed {
  readonly items: readonly Record<string, unknown>[];
  readonly next_cursor: string | null;
}

export const listed = async (response: Promise<Response>): Promise<Listed> =>
  (await response).json<Listed>();

/** Every item of a list, read `limit` at a time. */
export async function walk({ call }: Rig, path: string, limit: number) {
  const items: Record<string, unknown>[] = [];
  let cursor: string | null = "";
  for (let pages = 0; cursor !== null && pages < 50; pages += 1) {
    const at = cursor === "" ? "" : `&cursor=${cursor}`;
    const page = await listed(
      call(`GET ${path}${path.includes("?") ? "&" : "?"}limit=${limit}${at}`),
    );
    items.push(...page.items);
    cursor = page.next_cursor;
  }
  return items;
}
