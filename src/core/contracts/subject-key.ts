import type { JsonObject } from "../json.ts";
import type { Contract } from "./contract.ts";
import type { Violation } from "./event.ts";
import { deriveKey, fillFrom, formOf, formText, KEY_CHARS_MAX, type KeyForm } from "./key.ts";
import { missing } from "./violation.ts";

/** What the envelope's key adds to data, before data is judged. */
export function fillFromKey(keys: Contract["keys"], key: unknown, data: JsonObject): JsonObject {
  const form = typeof key === "string" ? formOf(keys, key) : undefined;
  return form === undefined || typeof key !== "string" ? data : fillFrom(form, key, data);
}

/**
 * The subject of an event: named by `key`, by data, or by both if they agree (DESIGN §14). `data`
 * has been filled from the key, so what data says under the key's own form must be the key again.
 */
export function readKey(
  contract: Contract,
  { given, data, tenant }: { given: unknown; data: JsonObject; tenant: string },
): { key?: string; errors: readonly Violation[] } {
  const errors = typeof given === "string" ? disagreements(contract, { given, data, tenant }) : [];
  const key = contract.key(data, tenant);
  if (key === undefined) return { errors: [...errors, ...missingKey(contract, given, data)] };
  if (key.length <= KEY_CHARS_MAX) return { key, errors };
  const message = `Must have at most ${KEY_CHARS_MAX} characters, and the subject's has more`;
  return { errors: [...errors, { path: "key", rule: "length", message }] };
}

const formsText = ({ keys }: Contract) => keys.map(formText).join(" or ");

function disagreements(
  contract: Contract,
  { given, data, tenant }: { given: string; data: JsonObject; tenant: string },
): readonly Violation[] {
  const form = formOf(contract.keys, given);
  if (form === undefined) {
    return [{ path: "key", rule: "format", message: `Must read ${formsText(contract)}` }];
  }
  const derived = deriveKey(form, data, tenant);
  if (derived === undefined || derived === given) return [];
  return [
    {
      path: "key",
      rule: "mismatch",
      message: `Must name the subject of data as ${formText(form)}`,
    },
  ];
}

/**
 * Nothing names the subject. A field that the schema requires, or that is there and broken, is
 * reported by the schema; a key of the wrong form has been reported already.
 */
function missingKey(contract: Contract, given: unknown, data: JsonObject): readonly Violation[] {
  const isOpen = ({ fields }: KeyForm) =>
    fields.some(({ name }) => data[name] === undefined) &&
    fields.every(({ name }) => contract.data.shape[name]?.isOptional());
  if (!contract.keys.every(isOpen)) return [];
  const forms = formsText(contract);
  if (given === undefined) {
    return [missing("key", `Is required where data does not name the subject: ${forms}`)];
  }
  const isCutShort = typeof given === "string" && formOf(contract.keys, given) !== undefined;
  return isCutShort ? [{ path: "key", rule: "format", message: `Must read ${forms}` }] : [];
}
