import type { Json, JsonObject } from "../json.ts";
import type { RevisionDefault } from "./contract.ts";
import type { Violation } from "./event.ts";
import { revision } from "./fields.ts";
import { parseInstant } from "./instant.ts";
import { missing, violationsOf } from "./violation.ts";

/** The envelope's own `rev`, for the published schema and for reading. */
export const Revision = revision("Revision of the register: compared as an integer, highest wins");

/**
 * The revision of a register event as digits without leading zeros. The envelope's comes first,
 * then the data's (DESIGN §14), then the type's default; two that differ are refused.
 */
export function readRevision(
  envelopeRev: unknown,
  data: JsonObject,
  fallback: RevisionDefault,
): { rev?: string; errors: readonly Violation[] } {
  const outer = Revision.safeParse(envelopeRev);
  if (envelopeRev !== undefined && !outer.success) {
    return { errors: violationsOf(outer.error.issues, { root: ["rev"], value: envelopeRev }) };
  }
  // A malformed rev in data is reported by the type's own schema.
  const inner = digitsOf(data["rev"]);
  const ours = outer.success ? digitsOf(outer.data) : inner;
  if (inner !== undefined && ours !== inner) {
    return {
      errors: [{ path: "data.rev", rule: "mismatch", message: "Must equal the envelope's rev" }],
    };
  }
  const rev = ours ?? defaultRevision(fallback, data);
  if (rev !== undefined) return { rev, errors: [] };
  return {
    errors:
      data["rev"] === undefined
        ? [missing("rev", "Is required: the highest revision of a register is current")]
        : [],
  };
}

function digitsOf(rev: Json | undefined): string | undefined {
  if (typeof rev === "number")
    return Number.isSafeInteger(rev) && rev >= 0 ? String(rev) : undefined;
  if (typeof rev !== "string" || !/^\d{1,38}$/.test(rev)) return undefined;
  return rev.replace(/^0+(?=\d)/, "");
}

function defaultRevision(fallback: RevisionDefault, data: JsonObject): string | undefined {
  if (fallback === "none") return undefined;
  if (fallback === "zero") return "0";
  const occurredAt = data["occurred_at"];
  const ms = typeof occurredAt === "string" ? parseInstant(occurredAt) : undefined;
  // A revision has no sign: what happened before 1970 is the oldest there is.
  return String(Math.max(0, ms ?? 0));
}
