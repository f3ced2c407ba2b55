import { parseInstant } from "../core/contracts/instant.ts";
import { violationsOf } from "../core/contracts/violation.ts";
import { readTelling } from "./read/facts.ts";
import { fingerprint } from "./read/fingerprint.ts";
import { idOf, unreadableId } from "./read/ids.ts";
import { parseJsonList } from "./read/json.ts";
import { isLoose, type Loose, looseOf, textOf } from "./read/loose.ts";
import { tableOptions } from "./read/rows.ts";
import { ChangeEventHeader, readChange } from "./salesforce-cdc-facts.ts";
import type { Item, Reading, ReadingContext, Sender } from "./sender.ts";
import { SHOWN_SCHEMES } from "./verify/shown-schemes.ts";
import { API_KEY_OPTIONS } from "./verify/token.ts";

/** EventBridge sends one message a request; a bridge of one's own may gather some. */
const MESSAGES_MAX = 100;

const HEADER = "ChangeEventHeader";

/**
 * Change Data Capture and platform events of Salesforce, which an event relay or AppFlow hands to
 * EventBridge, and an API destination posts to us; or a bridge, in the shape of CometD.
 * https://developer.salesforce.com/docs/atlas.en-us.change_data_capture.meta/change_data_capture/cdc_message_structure.htm
 */
export const salesforceCdc: Sender = {
  name: "salesforce-cdc",
  family: "connector",
  defaultScheme: "api-key",
  schemes: SHOWN_SCHEMES,
  readHeaders: [],
  checkOptions: tableOptions(API_KEY_OPTIONS),

  read({ body }, context): Reading {
    const list = parseJsonList(body, MESSAGES_MAX);
    if (!list.ok) return { kind: "malformed", errors: list.refusal };
    return { kind: "items", items: list.value.flatMap((message) => readMessage(message, context)) };
  },
};

function readMessage(message: unknown, context: ReadingContext): readonly Item[] {
  const told = isLoose(message) ? eventIn(message) : undefined;
  if (told === undefined) {
    return [
      broken(message, "", "Must have a payload, or a detail, that is an event of Salesforce"),
    ];
  }
  const { [HEADER]: given, ...fields } = told.payload;
  if (given === undefined && told.name.endsWith("ChangeEvent")) {
    return [broken(message, HEADER, "Is required")];
  }
  if (given === undefined) return [readPlatformEvent(told, context)];

  const header = ChangeEventHeader.safeParse(given);
  if (header.success) return readChange({ header: header.data, fields, event: told.name }, context);
  const errors = violationsOf(header.error.issues, { root: [HEADER], value: given });
  return [{ kind: "broken", id: unreadableId(message), code: "contract_violated", errors }];
}

const broken = (message: unknown, path: string, why: string): Item => ({
  kind: "broken",
  id: unreadableId(message),
  code: "contract_violated",
  errors: [{ path, rule: "required", message: why }],
});

interface SalesforceEvent {
  /** `ContactChangeEvent`, `Order_Shipped__e`; empty where the message does not name it. */
  readonly name: string;
  /** The event's fields, and the header of a change. */
  readonly payload: Loose;
  readonly message: Loose;
}

/**
 * Finds the event in its envelope. Whether the relay nests `payload` in `detail` is told by third
 * parties alone, and AppFlow does not: the header decides (PROVIDERS 4c).
 */
function eventIn(message: Loose): SalesforceEvent | undefined {
  const detail = message["detail"];
  const inner = looseOf(message["data"]);
  const places = [looseOf(detail)["payload"], detail, inner["payload"], message["payload"]];
  const payloads = places.filter(isLoose);
  const payload = payloads.find((one) => isLoose(one[HEADER])) ?? payloads[0];
  if (payload === undefined) return undefined;
  const channel = textOf(message["channel"])?.replace(/^.*\//, "");
  return { name: textOf(message["detail-type"]) ?? channel ?? "", payload, message };
}

/** Nobody but its company knows what a platform event says. */
function readPlatformEvent(told: SalesforceEvent, context: ReadingContext): Item {
  const { payload, message } = told;
  const name = told.name === "" ? "platform event" : told.name;
  return readTelling(
    {
      id: platformEventId(name, told),
      type: name,
      occurredAtMs: momentOf(payload["CreatedDate"]) ?? momentOf(message["time"]) ?? -1,
      payload,
      about: { event: told.name },
      fact: `No event of ours says "${name}": say in options.rules what it is, when {"$event": "${told.name}"}`,
    },
    context,
  );
}

/** `EventUuid` is the event's own; the ids of EventBridge change when an event is relayed again. */
function platformEventId(name: string, { payload, message }: SalesforceEvent): string {
  const uuid = textOf(payload["EventUuid"]);
  if (uuid !== undefined) return idOf(name, uuid);
  const ids = [message["id"], looseOf(message["detail"])["id"], replayIdOf(message)].map(textOf);
  const known = ids.filter((id) => id !== undefined);
  return known.length > 0 ? idOf(name, ...known) : idOf(name, fingerprint(JSON.stringify(payload)));
}

const replayIdOf = (message: Loose): unknown =>
  looseOf(message["event"] ?? looseOf(message["data"])["event"])["replayId"];

function momentOf(value: unknown): number | undefined {
  if (typeof value === "string") return parseInstant(value);
  return Number.isSafeInteger(value) ? Number(value) : undefined;
}
