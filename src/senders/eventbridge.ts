import * as z from "zod";
import { parseInstant } from "../core/contracts/instant.ts";
import { readChangeRecord } from "./read/debezium.ts";
import { arranged, type RecordRead } from "./read/debezium-change.ts";
import { readTelling } from "./read/facts.ts";
import { idOf } from "./read/ids.ts";
import { parseJson } from "./read/json.ts";
import { isLoose } from "./read/loose.ts";
import { readPlain } from "./read/plain.ts";
import { tableOptions } from "./read/rows.ts";
import { unreadable } from "./read/unreadable.ts";
import type { Reading, ReadingContext, Sender } from "./sender.ts";
import { SHOWN_SCHEMES } from "./verify/shown-schemes.ts";
import { API_KEY_OPTIONS } from "./verify/token.ts";

const Text = z.string().min(1);

/** https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html */
const BusEvent = z.looseObject({
  id: Text.max(128),
  "detail-type": Text.max(128),
  source: Text,
  account: Text.optional(),
  region: Text.optional(),
  time: Text.refine((text) => parseInstant(text) !== undefined, "Must be an RFC 3339 date-time"),
  detail: z.looseObject({}),
});
type BusEvent = z.output<typeof BusEvent>;

const SALESFORCE = "aws.partner/salesforce.com/";
const ELSEWHERE =
  "Salesforce's event relay: make a source of sender salesforce-cdc for it, which knows these";

/**
 * Amazon EventBridge's API destinations, which sign nothing:
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html
 */
export const eventbridge: Sender = {
  name: "eventbridge",
  family: "connector",
  defaultScheme: "api-key",
  schemes: SHOWN_SCHEMES,
  methods: ["POST", "PUT", "PATCH"],
  readHeaders: [],
  checkOptions: tableOptions(API_KEY_OPTIONS),

  read({ body }, context): Reading {
    const parsed = parseJson(body);
    if (!parsed.ok) return { kind: "malformed", errors: parsed.refusal };
    const event = BusEvent.safeParse(parsed.value);
    if (!event.success) {
      // An input transformer may have made anything of it, and then nothing names it.
      return unreadable(parsed.value, event.error);
    }
    if (event.data.source === "aws.events" && event.data["detail-type"] === "Scheduled Event") {
      return { kind: "items", items: [], ignored: "A schedule's tick says that time has passed" };
    }
    const items = arranged([readBusEvent(event.data, context)]);
    if (items.length > 0) return { kind: "items", items };
    return { kind: "items", items: [], ignored: "The detail tells of its sender, and of no row" };
  },
};

function readBusEvent(event: BusEvent, context: ReadingContext): RecordRead {
  const { id, detail, source, account, region, time, "detail-type": type } = event;
  const occurredAtMs = parseInstant(time) ?? -1;
  // A connector's change of a row, put on the bus as it was.
  if (typeof detail["op"] === "string" && isLoose(detail["source"])) {
    return readChangeRecord(detail, context, { idHint: idOf(id), type, occurredAtMs });
  }
  const about = { source, account, region, detail_type: type, detail, time_ms: occurredAtMs };
  const telling = { id: idOf(id), type, occurredAtMs, payload: event, about };
  return source.startsWith(SALESFORCE)
    ? readTelling({ ...telling, fact: ELSEWHERE }, context)
    : readPlain(telling, context);
}
