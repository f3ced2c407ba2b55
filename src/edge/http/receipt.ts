import type { Violation } from "../../core/contracts/event.ts";
import { clip } from "./rejection.ts";

/** Items whose errors are told in an answer; the others are found under their `event_id`. */
const DETAILED_MAX = 100;

/** What the answer says of one item. */
export type Told =
  | { readonly kind: "event"; readonly id: string }
  | {
      readonly kind: "broken";
      readonly id: string;
      readonly code: string;
      readonly errors: readonly Violation[];
    };

/** The answer to a delivery that was taken in: each of its items under the sender's id and ours. */
export function receipt(items: readonly Told[], eventIds: readonly string[]): Response {
  const accepted: object[] = [];
  const quarantined: object[] = [];
  for (const [index, item] of items.entries()) {
    const named = { id: item.id, event_id: eventIds[index] };
    if (item.kind === "event") {
      accepted.push(named);
    } else {
      const errors = quarantined.length < DETAILED_MAX ? clip(item.errors) : [];
      quarantined.push({ ...named, code: item.code, errors });
    }
  }
  return Response.json({ accepted, quarantined }, { status: 202 });
}
