import { parseInstant } from "../core/contracts/instant.ts";
import { type Fact, readTelling } from "./read/facts.ts";
import { fingerprintBytes } from "./read/fingerprint.ts";
import { idOf, unreadableId } from "./read/ids.ts";
import { parseJson } from "./read/json.ts";
import { isLoose, type Loose, textOf } from "./read/loose.ts";
import { productOptions } from "./read/options.ts";
import type { Reading, Sender } from "./sender.ts";
import { SHOWN_SCHEMES } from "./verify/shown-schemes.ts";

const MESSAGE_ID = "x-webhook-messageid";
const TOPIC = "x-webhook-topic";
const SUBTOPIC = "x-webhook-subtopic";

/** What a topic is about, and the members of its resource that may name it. */
interface Look {
  readonly table: string;
  readonly names: readonly string[];
}

const CUSTOMER: Look = { table: "pillars:Customer", names: ["id"] };
const NODE: Look = { table: "pillars:Node", names: ["nodeId", "id"] };
const ORDER: Look = { table: "pillars:Order", names: ["id", "orderId"] };
const AUTOSHIP: Look = { table: "pillars:Autoship", names: ["id", "autoshipId"] };

/** Topics of https://api.pillarshub.com/api/v1/WebHooks */
const LOOKS: ReadonlyMap<string, Look> = new Map([
  ["Customer", CUSTOMER],
  ["Node", NODE],
  ["Order", ORDER],
  ["OrderStatusUpdated", ORDER],
  ["Autoship", AUTOSHIP],
  ["AutoshipStatusUpdated", AUTOSHIP],
  ["AutoshipsProcessed", AUTOSHIP],
  ["AutoshipsRetry", AUTOSHIP],
  ["ValueUpdated", { table: "pillars:Value", names: ["nodeId"] }],
  ["BonusEarned", { table: "pillars:Bonus", names: ["nodeId"] }],
]);

/**
 * Pillars Hub's webhooks, which nothing signs, topic and id least of all: what they tell is a hint
 * to fetch the resource by its API, unless the source's own rules translate it.
 */
export const pillars: Sender = {
  name: "pillars",
  family: "product",
  defaultScheme: "url-token",
  schemes: SHOWN_SCHEMES,
  readHeaders: [MESSAGE_ID, TOPIC, SUBTOPIC],
  checkOptions: productOptions(),

  read({ body, header, receivedAtMs }, context): Reading {
    const parsed = parseJson(body);
    if (!parsed.ok) return { kind: "malformed", errors: parsed.refusal };
    if (!isLoose(parsed.value)) {
      const errors = [{ path: "", rule: "type", message: "Must be of type object" }];
      const id = unreadableId(parsed.value);
      return { kind: "items", items: [{ kind: "broken", id, code: "contract_violated", errors }] };
    }
    const payload = parsed.value;
    const [topic, subtopic] = [textOf(header(TOPIC)), textOf(header(SUBTOPIC))];
    const type = [topic ?? "Pillars", subtopic].filter((part) => part !== undefined).join("/");
    const id = idOf(textOf(header(MESSAGE_ID)) ?? fingerprintBytes(body));
    const about = { topic, subtopic };
    // A hint is dated by its arrival: few resources tell when they changed.
    const datedMs = dateOf(payload);
    const moment = { occurredAtMs: datedMs ?? receivedAtMs, isUntimed: datedMs === undefined };
    const fact = lookAt(topic, payload);
    const telling = { id, type, ...moment, payload, about, fact };
    return { kind: "items", items: [readTelling(telling, context)] };
  },
};

/** A resource that cannot be told from others leaves the whole table to look at. */
function lookAt(topic: string | undefined, payload: Loose): Fact | string {
  if (topic === undefined) return `No header "${TOPIC}": it says what to fetch`;
  const look = LOOKS.get(topic);
  if (look === undefined) return "No topic that is known: say in options.rules what it is";
  const id = look.names.map((name) => textOf(payload[name])).find((text) => text !== undefined);
  const { table } = look;
  return { type: "cdc.gap", data: id === undefined ? { table } : { table, pks: [id] } };
}

const dateOf = (payload: Loose): number | undefined =>
  ["postDate", "effectiveDate"]
    .map((name) => parseInstant(textOf(payload[name]) ?? ""))
    .find((ms) => ms !== undefined && ms >= 0);
