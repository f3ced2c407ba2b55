import * as z from "zod";
import { formatInstant } from "../../core/contracts/instant.ts";
import type { Tenant } from "../control/directory.ts";
import type { Message } from "../message.ts";
import type { HeldRow, HeldState, Marked, Part, Reader, Reading } from "../reading.ts";
import { pageOf, readPage } from "./cursor.ts";
import { problem } from "./problem.ts";
import { readQuery } from "./query.ts";
import { answerRead, mirrorBookmark, readerOf } from "./reader.ts";
import type { Act } from "../act.ts";
import { actOf, type ApiContext, param, type Route } from "./route.ts";
import { changedMeanwhile } from "./tenants.ts";

/** A held event with what a retry puts back on the queue, where no object keeps it. */
export interface HeldEvent extends HeldRow {
  /** JSON of a message. */
  readonly message: string | null;
}

/** What a person did with a held event, for the audit trail and as the guard of the write. */
export interface HeldAct {
  readonly tenant: string;
  readonly shard: number;
  readonly eventId: string;
  /** As it was when it was decided upon. */
  readonly state: HeldState;
  readonly action: "held.retry" | "held.discard";
}

export interface HeldPorts {
  readonly held: {
    /** Oldest first, by our id of the event. */
    list(
      reader: Reader,
      state: HeldState | undefined,
      part: Part<string>,
    ): Promise<Reading<readonly HeldRow[]>>;
    /** From the primary: a replica may not know yet that it is gone. */
    one(reader: Reader, eventId: string): Promise<HeldEvent | undefined>;
    /** Leaves a retry in the audit trail. */
    record(done: HeldAct, act: Act): Promise<void>;
    /** Removes the row and leaves that in the audit trail, both or neither. */
    remove(
      done: HeldAct,
      act: Act,
    ): Promise<({ readonly kind: "removed" } & Marked) | { readonly kind: "raced" }>;
  };
  /** Puts a message on the queue of the tenant's shard. */
  readonly send: (tenant: Tenant, message: Message) => Promise<void>;
  readonly nowMs: () => number;
}

export const HeldQuery = z.object({
  state: z.enum(["parked", "buffered", "quarantined", "conflict", "dead"]).exactOptional(),
});

/** `GET …/held`, `POST …/held/{id}/retry`, `POST …/held/{id}/discard` */
export function heldRoutes(ports: HeldPorts): readonly Route[] {
  const path = "/v1/tenants/:tenant/held";
  const write = { method: "POST", permission: "held:write" } as const;
  return [
    { method: "GET", path, permission: "held:read", handle: (c) => listHeld(ports, c) },
    { ...write, path: `${path}/:event/retry`, handle: (c) => retry(ports, c) },
    { ...write, path: `${path}/:event/discard`, handle: (c) => discard(ports, c) },
  ];
}

async function listHeld({ held }: HeldPorts, c: ApiContext): Promise<Response> {
  const query = readQuery(c, HeldQuery, { isList: true });
  if (!query.ok) return query.refusal;
  const page = readPage(c, z.string(), query.value);
  if (!page.ok) return page.refusal;
  const reader = readerOf(c);
  if (!reader.ok) return reader.refusal;
  const part = { ...page.value, limit: page.value.limit + 1 };
  const read = await held.list(reader.value, query.value.state, part);
  return answerRead(pageOf(read.value, page.value, { show, at: ({ eventId }) => eventId }), read);
}

const show = (row: HeldRow) => ({
  id: row.eventId,
  state: row.state,
  event_id: row.eventId,
  source: row.source,
  type: row.type,
  ...(row.key === null ? {} : { key: row.key }),
  code: row.code,
  reason: row.reason,
  since: formatInstant(row.sinceMs),
});

async function retry(ports: HeldPorts, c: ApiContext): Promise<Response> {
  const tenant = c.get("tenant");
  const event = await ports.held.one(tenant, param(c, "event"));
  if (event === undefined) return problem("not_found");
  const message = retryOf(tenant, event);
  if (message === undefined) return problem("conflict", { detail: WHY_NO_RETRY[event.state] });
  // The trail first: nothing is ever sent that nobody can be asked about.
  await ports.held.record(doneTo(tenant, event, "held.retry"), actOf(c, ports.nowMs()));
  await ports.send(tenant, message);
  return Response.json({ id: event.eventId, state: "retrying" }, { status: 202 });
}

const WAITS = "It is applied as soon as what it waits for arrives: there is nothing to retry";
const WHY_NO_RETRY: Readonly<Record<HeldState, string>> = {
  parked: WAITS,
  buffered: "It waits for the events before it: only the core's copy or a skip closes the gap",
  conflict: "It contradicts what arrived first, which stands: a retry would end the same",
  quarantined: "Nobody keeps it any more: the sender has to send it again",
  dead: "Nobody keeps it any more: the sender has to send it again",
};

function retryOf({ tenant }: Tenant, event: HeldEvent): Message | undefined {
  const { state, message, key: subject, eventId } = event;
  if (state === "conflict" || state === "buffered") return undefined;
  if (message !== null) return messageIn(message);
  if (state !== "quarantined" || subject === null) return undefined;
  return { kind: "subject", tenant, subject, redrive: [eventId] };
}

function messageIn(text: string): Message {
  const message: Message = JSON.parse(text);
  return message;
}

async function discard(ports: HeldPorts, c: ApiContext): Promise<Response> {
  const tenant = c.get("tenant");
  const event = await ports.held.one(tenant, param(c, "event"));
  if (event === undefined) return problem("not_found");
  const { eventId, state, key: subject, message, code } = event;
  if (state === "buffered" || code === "gap_overflow" || code === "distributor_unknown") {
    return problem("conflict", {
      detail: "Others wait for it: only the core's copy or an audited skip closes the gap",
    });
  }
  // The object first: a row that is gone while its object still keeps the event could come to
  // life again, and nobody would see it. The other way round, the discard is asked for once more.
  if (message === null && subject !== null) {
    await ports.send(tenant, {
      kind: "subject",
      tenant: tenant.tenant,
      subject,
      discard: [eventId],
    });
  }
  const done = doneTo(tenant, event, "held.discard");
  const removal = await ports.held.remove(done, actOf(c, ports.nowMs()));
  if (removal.kind === "raced") return changedMeanwhile();
  const headers = mirrorBookmark(removal);
  return Response.json({ id: eventId, state: "discarded" }, { headers });
}

const doneTo = (
  { tenant, shard }: Tenant,
  { eventId, state }: HeldEvent,
  action: HeldAct["action"],
): HeldAct => ({ tenant, shard, eventId, state, action });
