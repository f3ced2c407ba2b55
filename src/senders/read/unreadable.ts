import type * as z from "zod";
import { violationsOf } from "../../core/contracts/violation.ts";
import type { Violation } from "../../core/contracts/event.ts";
import type { Item, Reading } from "../sender.ts";
import { unreadableId } from "./ids.ts";

/** What is readable and yet nothing its product sends: kept for a person, and stays alone. */
export const unreadableItem = (value: unknown, error: z.ZodError): Item => ({
  kind: "broken",
  id: unreadableId(value),
  code: "contract_violated",
  errors: violationsOf(error.issues, { root: [], value }),
});

/** A delivery that holds nothing else. Refused, it would only be sent again for days. */
export const unreadable = (value: unknown, error: z.ZodError): Reading => ({
  kind: "items",
  items: [unreadableItem(value, error)],
});

/** What names itself and still cannot be taken for what it says it is. */
export const brokenItem = (id: string, fault: Violation, type?: string): Item => ({
  kind: "broken",
  id,
  code: "contract_violated",
  ...(type === undefined ? {} : { type }),
  errors: [fault],
});
