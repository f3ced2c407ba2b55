import * as z from "zod";
import { parseInstant } from "../core/contracts/instant.ts";
import { translateMlmGeneric } from "./mlm-generic-facts.ts";
import { readTelling } from "./read/facts.ts";
import { idOf } from "./read/ids.ts";
import { parseJson } from "./read/json.ts";
import { looseOf } from "./read/loose.ts";
import { productOptions } from "./read/options.ts";
import { unreadable } from "./read/unreadable.ts";
import type { Item, Reading, ReadingContext, Sender } from "./sender.ts";
import { SHOWN_SCHEMES } from "./verify/shown-schemes.ts";
import { standardWebhooks } from "./verify/standard-webhooks.ts";

const LINES_MAX = 1000;

/** One broken line stays alone: what is no object is a line that says nothing. */
const Lines = z.array(z.unknown()).min(1).max(LINES_MAX);

const Message = z.looseObject({
  event_type: z.string().min(1).max(128),
  event_id: z.union([z.int(), z.string().min(1).max(128)]),
  occurred_at: z.string().nullish(),
  releases: Lines.nullish(),
  commissions: Lines.nullish(),
});
type Message = z.output<typeof Message>;

/** What lists several facts, and where. */
const BATCHES: ReadonlyMap<string, "releases" | "commissions"> = new Map([
  ["commission.released", "releases"],
  ["commission.earned", "commissions"],
]);

/**
 * Upline's own plain form for direct-selling platforms without public webhooks: what a company's
 * integrator can write in an afternoon, in the words its platform uses. No vendor documents it.
 */
export const mlmGeneric: Sender = {
  name: "mlm-generic",
  family: "product",
  defaultScheme: "standard-webhooks-v1",
  schemes: { ...standardWebhooks, ...SHOWN_SCHEMES },
  readHeaders: [],
  checkOptions: productOptions(),

  read({ body }, context): Reading {
    const parsed = parseJson(body);
    if (!parsed.ok) return { kind: "malformed", errors: parsed.refusal };

    const message = Message.safeParse(parsed.value);
    if (!message.success) return unreadable(parsed.value, message.error);
    return { kind: "items", items: readMessage(message.data, context) };
  },
};

/** A batch is one event for each of its lines, named by its place in the list. */
function readMessage(message: Message, context: ReadingContext): readonly Item[] {
  const { event_type: type, event_id: eventId, occurred_at: at } = message;
  const occurredAtMs = parseInstant(at ?? "") ?? -1;
  const list = BATCHES.get(type);
  const lines = list === undefined ? undefined : (message[list] ?? undefined);
  if (lines === undefined) {
    const fact = translateMlmGeneric(type, message, {});
    const telling = { id: idOf(eventId), type, occurredAtMs, payload: message, fact };
    return [readTelling(telling, context)];
  }
  return lines.map((line, index) => {
    const fact = translateMlmGeneric(type, message, looseOf(line));
    const id = idOf(eventId, index);
    return readTelling(
      { id, type, occurredAtMs, payload: message, about: { line }, fact },
      context,
    );
  });
}
