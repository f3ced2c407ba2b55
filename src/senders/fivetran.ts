import * as z from "zod";
import { parseInstant } from "../core/contracts/instant.ts";
import { type Fact, readTelling } from "./read/facts.ts";
import { idOf } from "./read/ids.ts";
import { parseJson } from "./read/json.ts";
import { productOptions } from "./read/options.ts";
import { unreadable } from "./read/unreadable.ts";
import type { Reading, Sender } from "./sender.ts";
import { bare } from "./verify/grammar.ts";
import { verifySignature } from "./verify/signature.ts";

/** https://fivetran.com/docs/rest-api/getting-started/webhooks#eventpayload */
const Notice = z.looseObject({
  event: z.string().min(1).max(128),
  created: z.string().min(1),
  connector_id: z.string().min(1).nullish(),
  destination_group_id: z.string().min(1).nullish(),
  sync_id: z.string().min(1).nullish(),
  data: z.looseObject({ status: z.string().nullish() }).nullish(),
});
type Notice = z.output<typeof Notice>;

/** A person at Fivetran, or its schedule, did something that changes no row by itself. */
const ROUTINE: ReadonlySet<string> = new Set([
  "sync_start",
  "dbt_run_start",
  "transformation_run_start",
  "connection_successful",
  "create_connector",
  "resume_connector",
  "edit_connector",
  "force_update_connector",
  "resync_connector",
  "resync_table",
  "status",
]);

/** What stops rows from coming: a person has to know. */
const STOPS: ReadonlyMap<string, string> = new Map([
  ["connection_failure", "Fivetran cannot reach this source: repair the connection at Fivetran"],
  ["pause_connector", "The connector was paused: until it is resumed no change comes through it"],
  ["delete_connector", "The connector was deleted: no change comes through it any more"],
  ["dbt_run_failed", "A transformation failed: see its log at Fivetran"],
  ["transformation_run_failed", "A transformation failed: see its log at Fivetran"],
]);

/**
 * Fivetran's webhooks, which tell that rows have moved and never which:
 * https://fivetran.com/docs/rest-api/getting-started/webhooks
 */
export const fivetran: Sender = {
  name: "fivetran",
  family: "product",
  defaultScheme: "fivetran-hmac",
  schemes: {
    "fivetran-hmac": verifySignature({
      header: "x-fivetran-signature-256",
      grammar: bare,
      encoding: "hex-any",
      algorithm: "hmac-sha256",
      signed: "{body}",
    }),
  },
  readHeaders: [],
  checkOptions: productOptions(),

  read({ body }, context): Reading {
    const parsed = parseJson(body);
    if (!parsed.ok) return { kind: "malformed", errors: parsed.refusal };
    const notice = Notice.safeParse(parsed.value);
    if (!notice.success) {
      // The test call of a new webhook has to succeed, whatever it says.
      return unreadable(parsed.value, notice.error);
    }

    const ignored = ignoredOf(notice.data);
    if (ignored !== undefined) return { kind: "items", items: [], ignored };
    const { event, created } = notice.data;
    const telling = {
      id: noticeId(notice.data),
      type: event,
      occurredAtMs: parseInstant(created) ?? -1,
      payload: parsed.value,
      fact: translate(notice.data),
    };
    return { kind: "items", items: [readTelling(telling, context)] };
  },
};

/** No notice has an id of its own (PROVIDERS 12a «Dedupe»). */
function noticeId({ event, created, connector_id, destination_group_id, sync_id }: Notice): string {
  if (sync_id !== undefined && sync_id !== null) return idOf(sync_id, event);
  return idOf(connector_id ?? destination_group_id ?? "", event, created);
}

/** A sync that was put off ends once more, with what came of it. */
function ignoredOf({ event, data }: Notice): string | undefined {
  if (event === "sync_end" && data?.status === "RESCHEDULED") {
    return "The sync was put off, and tells again when it has ended";
  }
  return ROUTINE.has(event) ? `"${event}" changes no row` : undefined;
}

/** A gap of all that the connector, or the destination's transformations, write. */
function translate({ event, connector_id, destination_group_id, data }: Notice): Fact | string {
  if (event === "sync_end") {
    const status = data?.status ?? "unknown";
    if (status === "SUCCESSFUL") return gapOf(connector_id);
    return `The sync ended as ${status}: see the connector at Fivetran, its rows are not up to date`;
  }
  if (event === "dbt_run_succeeded" || event === "transformation_run_succeeded") {
    return gapOf(destination_group_id);
  }
  return STOPS.get(event) ?? `No event of ours says "${event}"`;
}

const gapOf = (id: string | null | undefined): Fact | string =>
  id === undefined || id === null
    ? "The notice does not name what has changed"
    : { type: "cdc.gap", data: { table: `fivetran:${id}` } };
