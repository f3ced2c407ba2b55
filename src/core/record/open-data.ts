import type { EventType } from "../contracts/catalogue.ts";
import type { GatewayEvent } from "../contracts/event.ts";
import type { Json, JsonObject } from "../json.ts";

interface Shown {
  /** As `records.kind` in the mirror. */
  readonly kind: string;
  readonly members: readonly string[];
}

/**
 * The registers that the mirror shows, with the members that are nobody's personal data. What a
 * person wrote (`reason` of a stock count) and what no contract knows stay in the sealed profile.
 */
const SHOWN: Partial<Record<EventType, Shown>> = {
  "customer.linked": {
    kind: "customer",
    members: ["customer_id", "enroller_id", "effective_at"],
  },
  "period.closed": {
    kind: "period",
    members: ["period_id", "run_id", "totals", "lines", "digest"],
  },
  "inventory.adjusted": {
    kind: "inventory",
    members: ["sku", "location", "on_hand", "low_stock_at"],
  },
  "ticket.upserted": {
    kind: "ticket",
    members: ["system", "object_id", "distributor_id", "status", "subject_kind"],
  },
  "autoship.changed": { kind: "autoship", members: ["autoship_id", "next_run", "status"] },
};

/** Under which kind the mirror shows a type's registers; undefined where it shows none. */
export const kindOf = (type: EventType): string | undefined => SHOWN[type]?.kind;

/**
 * What of a record's event may stand outside its sealed profile: in the object's registers, in its
 * log, in the mirror. Empty for types whose every member can be personal.
 */
export function openData({ type, data }: Pick<GatewayEvent, "type" | "data">): JsonObject {
  const open: Record<string, Json> = {};
  for (const name of SHOWN[type]?.members ?? []) {
    const member = data[name];
    if (member !== undefined && isJudged(name, member)) open[name] = member;
  }
  return open;
}

/** `low_stock_at` is no member of the contract: nobody has judged it before. */
const isJudged = (name: string, member: Json): boolean =>
  name !== "low_stock_at" || Number.isSafeInteger(member);
