import * as z from "zod";
import type { Violation } from "../../core/contracts/event.ts";
import { PATTERNS } from "../../core/outbound/patterns.ts";
import { repeatedIn } from "./repeated.ts";
import { IDENTIFIER } from "./route.ts";

const NAMES_MAX = 50;

const Name = z.string().regex(IDENTIFIER, `Must match ${IDENTIFIER.source}`);
const Sources = z.array(Name).min(1).max(NAMES_MAX);

export const SubscriptionBody = z.strictObject({
  destination: Name,
  types: z.array(z.enum(PATTERNS)).min(1).max(NAMES_MAX),
  sources: Sources.exactOptional(),
  except_sources: Sources.exactOptional(),
});
type SubscriptionBody = z.infer<typeof SubscriptionBody>;

/** What of a body is wrong that no member shows by itself: what it says twice, or both ways. */
export function contradictionsIn(body: SubscriptionBody): readonly Violation[] {
  const { types, sources, except_sources } = body;
  const lists = { types, sources, except_sources };
  const repeated = Object.entries(lists).flatMap(([path, names]) => repeatedIn(path, names));
  if (sources === undefined || except_sources === undefined) return repeated;
  return [...repeated, { path: "except_sources", rule: "exclusive", message: EXCLUSIVE }];
}

const EXCLUSIVE = "Must be absent where sources is given: it says who is left out already";
