import { env } from "cloudflare:workers";
import { createApi } from "#src/compose/api.ts";
import { pollPorts } from "#src/compose/polling.ts";
import { readPorts } from "#src/compose/reads.ts";
import { pollShard } from "#src/edge/cron/polling/poll.ts";
import type { PollPorts } from "#src/edge/cron/polling/ports.ts";
import { sendAsk } from "#src/edge/poll-client/send.ts";
import { readRoutes } from "#src/edge/http/reads.ts";
import { shardAt } from "#src/edge/bindings.ts";
import { layLine, type Line } from "../../support/line.ts";
import { ADMIN_TOKEN } from "../../support/control-rig.ts";
import type { Product } from "../../../support/products/store.ts";

export interface PollRig {
  readonly line: Line;
  readonly tenant: string;
  readonly clock: { nowMs: number };
  readonly logged: {
    readonly level: string;
    readonly event: string;
    readonly fields: Readonly<Record<string, unknown>>;
  }[];
  /** One call of the job, for this tenant's sources alone. */
  readonly poll: (faults?: Partial<PollPorts>) => Promise<void>;
  /** Calls of the job, a minute apart, each followed by the queue. */
  readonly minutes: (count: number) => Promise<void>;
  readonly call: (line: string, body?: object) => Promise<Response>;
  readonly rows: (sql: string) => Promise<readonly Record<string, unknown>[]>;
}

/** The gateway with real D1, R2 and objects, and a product that the test holds in its hands. */
export async function pollRig(product: Product): Promise<PollRig> {
  const line = await layLine();
  const { tenant } = line.company;
  const clock = { nowMs: Date.now() };
  const parts = { ...line.parts, nowMs: () => clock.nowMs };
  const logged: PollRig["logged"] = [];
  const api = createApi(line.parts, readRoutes(readPorts(line.parts)));
  const composed = pollPorts(parts, shardAt(parts.shards, 0));
  const client = {
    fetch: async (...[input, init]: Parameters<typeof fetch>) =>
      product.fetch(new Request(input, init)),
    isLocal: false,
  };
  const poll: PollRig["poll"] = (faults = {}) =>
    pollShard({
      ...composed,
      sources: async () => (await composed.sources()).filter((one) => one.tenant === tenant),
      known: async () => (await composed.known()).filter((one) => one.tenant === tenant),
      send: (ask, credential) => sendAsk(client, ask, credential),
      wait: async () => {},
      log: (level, event, fields = {}) => void logged.push({ level, event, fields }),
      ...faults,
    });
  return {
    line,
    tenant,
    clock,
    logged,
    poll,
    async minutes(count) {
      for (let n = 0; n < count; n += 1) {
        await poll();
        await line.drain();
        clock.nowMs += 60_000;
      }
    },
    call: async (request, body) => {
      const [method = "GET", path = ""] = request.split(" ");
      const headers = {
        Authorization: `Bearer ${ADMIN_TOKEN}`,
        "Content-Type": "application/json",
      };
      const sent = {
        method,
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      };
      return api.fetch(new Request(`https://gateway.example/v1/tenants/${tenant}/${path}`, sent));
    },
    rows: async (sql) => {
      const { results } = await env.MIRROR_0.prepare(sql).bind(tenant).all();
      return results;
    },
  };
}
