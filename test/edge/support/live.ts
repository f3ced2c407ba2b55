import { runInDurableObject } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { vi } from "vitest";
import type { DispatchedLine } from "#src/core/ledger/line.ts";
import type { Distributor } from "#src/edge/objects/distributor.ts";
import type { SubjectCall } from "#src/edge/subject.ts";
import { arrive, OUT } from "../../core/support/events.ts";
import { type Company, ORIGIN } from "./company.ts";

/** One message of the live feed, as a client parses it. */
export interface Heard {
  readonly type: "status" | "change";
  readonly id: string;
  readonly position: number;
  readonly after?: number;
  readonly reset?: true;
  readonly status?: Readonly<Record<string, unknown>>;
  readonly set?: Readonly<Record<string, unknown>>;
  readonly stale?: readonly string[];
  readonly lines?: readonly { readonly line_id: string; readonly state: string }[];
  readonly transfers?: readonly { readonly reference: string; readonly position: number }[];
}

const objectOf = ({ tenant }: Company, distributor: string) =>
  env.DISTRIBUTOR.getByName(`${tenant}/${distributor}`);

/** A distributor whose object is told of events directly, as the consumer does. */
export function bookOf(company: Company, distributor: string) {
  const stub = objectOf(company, distributor);
  const key = `dist:${distributor}`;
  let seq = 0;
  const settle = (call: Partial<SubjectCall>) =>
    stub.settle({
      tenant: company.tenant,
      subject: key,
      shard: 0,
      mirrored: { position: 0, head: "" },
      arrivals: [],
      ...call,
    });
  const lineAt = (n: number, more: object = {}) =>
    arrive(
      "commission.posted",
      { id: `${distributor}-${n}`, key, seq: n },
      { distributor_id: distributor, line_id: `L${n}`, order_id: `O${n}`, ...more },
    );
  return {
    stub,
    settle,
    enrol: () =>
      settle({
        arrivals: [
          arrive(
            "distributor.enrolled",
            { id: `${distributor}-e`, key, rev: 1 },
            { distributor_id: distributor, pii: OUT },
          ),
        ],
      }),
    /** Posts so many commission lines in one call: `L1`, `L2`, … */
    lines: (count: number) => {
      const arrivals = Array.from({ length: count }, (_, i) => lineAt(seq + i + 1));
      seq += count;
      return settle({ arrivals });
    },
    /** Has an order tell of a line. */
    told: (line: Partial<DispatchedLine>) =>
      settle({
        moves: [
          {
            kind: "line",
            event_id: "evt_p1",
            occurred_ms: AT_MS,
            line: { ...LINE, distributor_id: distributor, ...line },
          },
        ],
      }),
    position: async () => (await stub.head()).position,
    /** How many follow it, those that are being let go left out. */
    followers: () =>
      runInDurableObject(
        stub,
        (_object: Distributor, state) =>
          state.getWebSockets().filter(({ readyState }) => readyState === WebSocket.OPEN).length,
      ),
  };
}

const AT_MS = Date.parse("2026-07-01T10:00:00.000Z");

const LINE: DispatchedLine = {
  line_id: "O1:unilevel:1:B",
  distributor_id: "B",
  order_id: "O1",
  component: "unilevel",
  level: 1,
  depth: 1,
  rate_ppm: 50_000,
  amount_minor: 500,
  reversed_minor: 0,
  currency: "USD",
  bucket: "pending",
  period_id: "2026-07",
  effective_ms: AT_MS,
  available_ms: null,
  rounding: "half_even",
  returned: [0, 1],
  ver: 1,
  computation: 1,
};

export interface Asked {
  readonly token?: string;
  readonly lastId?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

const headersOf = ({ token = env.ADMIN_TOKEN, headers = {} }: Asked) => ({
  ...(token === "" ? {} : { Authorization: `Bearer ${token}` }),
  ...headers,
});

const urlOf = ({ tenant }: Company, distributor: string, lastId?: string) =>
  `${ORIGIN}/v1/tenants/${tenant}/distributors/${distributor}/live` +
  (lastId === undefined ? "" : `?last_event_id=${encodeURIComponent(lastId)}`);

/** The answer to an upgrade. */
export const upgrade = (company: Company, distributor: string, asked: Asked = {}) =>
  exports.default.fetch(urlOf(company, distributor, asked.lastId), {
    headers: { Upgrade: "websocket", ...headersOf(asked) },
  });

export const keyOf = async (company: Company, role: string, subject?: string): Promise<string> => {
  const body = { role, ...(subject === undefined ? {} : { subject }) };
  const made = await company.api(`POST /v1/tenants/${company.tenant}/keys`, body);
  return (await made.json<{ key: string }>()).key;
};

/** A client that follows a distributor by WebSocket and keeps what it hears. */
export async function listen(company: Company, distributor: string, asked: Asked = {}) {
  const response = await upgrade(company, distributor, asked);
  const { webSocket } = response;
  if (webSocket === null) throw new Error(`${response.status} ${await response.text()}`);
  const heard: Heard[] = [];
  const texts: string[] = [];
  const ended: { code: number; reason: string }[] = [];
  webSocket.addEventListener("message", ({ data }) => {
    texts.push(String(data));
    if (data !== "pong") heard.push(JSON.parse(String(data)));
  });
  webSocket.addEventListener("close", ({ code, reason }) => {
    ended.push({ code, reason });
  });
  webSocket.accept();
  return {
    response,
    socket: webSocket,
    heard,
    texts,
    ended,
    /** Resolves when it has heard of this position. */
    until: (position: number) =>
      vi.waitUntil(() => (heard.at(-1)?.position ?? 0) >= position, WAIT),
    lastId: () => heard.at(-1)?.id,
    close: () => webSocket.close(1000),
  };
}

export const WAIT = { timeout: 10_000, interval: 10 };

/** An event stream, read as far as asked. */
export async function openStream(company: Company, distributor: string, asked: Asked = {}) {
  const response = await exports.default.fetch(urlOf(company, distributor), {
    headers: {
      Accept: "text/event-stream",
      ...(asked.lastId === undefined ? {} : { "Last-Event-ID": asked.lastId }),
      ...headersOf(asked),
    },
  });
  if (response.status !== 200 || response.body === null) throw new Error(`${response.status}`);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  const frames = () => text.split("\n\n").slice(0, -1);
  return {
    response,
    frames,
    events: () =>
      frames().flatMap((frame) => {
        const fields = new Map(frame.split("\n").map((line) => splitField(line)));
        const data = fields.get("data");
        if (data === undefined) return [];
        const body: Heard = JSON.parse(data);
        return [{ id: fields.get("id"), event: fields.get("event"), body }];
      }),
    /** Reads until this position was told of, or the stream ends. */
    async until(position: number) {
      while ((this.events().at(-1)?.body.position ?? 0) < position) {
        const { done, value } = await reader.read();
        if (done) return;
        text += value;
      }
    },
    cancel: () => reader.cancel(),
  };
}

const splitField = (line: string): readonly [string, string] => {
  const at = line.indexOf(": ");
  return [line.slice(0, at), line.slice(at + 2)];
};
