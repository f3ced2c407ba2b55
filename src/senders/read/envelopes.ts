import * as z from "zod";
import { readEnvelope } from "../../core/contracts/envelope.ts";
import { id as usableId } from "../../core/contracts/fields.ts";
import { fingerprint } from "./fingerprint.ts";
import { parseJsonList } from "./json.ts";
import type { Delivery, Item, Reading, ReadingContext } from "../sender.ts";

const ENVELOPES_MAX = 1000;
/** Leaves room for `#999` within the length of an id. */
const DELIVERY_ID_CHARS_MAX = 120;

/**
 * Reads a body of our own contract: one envelope, or an array of them. A broken one without an id
 * of its own is named for its delivery and its place, so that the same delivery reads the same.
 */
export function readEnvelopes(
  delivery: Delivery,
  context: ReadingContext,
  deliveryId = "delivery",
): Reading {
  const list = parseJsonList(delivery.body, ENVELOPES_MAX);
  if (!list.ok) return { kind: "malformed", errors: list.refusal };

  const place = deliveryId.slice(0, DELIVERY_ID_CHARS_MAX);
  return {
    kind: "items",
    items: list.value.map((input, index) =>
      readItem(input, context, () => idOf(input) ?? `${place}#${index}`),
    ),
  };
}

/** One envelope judged by its contract, under the id it is reported by if that fails. */
export function readItem(
  input: unknown,
  { tenant, source }: ReadingContext,
  idIfBroken: () => string,
): Item {
  const read = readEnvelope(input, { tenant, source });
  if (read.ok) return { kind: "event", id: read.value.id, event: read.value };
  const content = fingerprint(JSON.stringify(input) ?? "");
  return { kind: "broken", id: idIfBroken(), ...read.refusal, content };
}

const Identified = z.looseObject({ id: usableId("The sender's id of the event") });

const idOf = (input: unknown): string | undefined => Identified.safeParse(input).data?.id;
