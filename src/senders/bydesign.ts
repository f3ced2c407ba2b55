import { type Fact, readTelling } from "./read/facts.ts";
import { fingerprintBytes } from "./read/fingerprint.ts";
import { unreadableId } from "./read/ids.ts";
import { parseJson } from "./read/json.ts";
import { isLoose, type Loose, textOf } from "./read/loose.ts";
import { productOptions } from "./read/options.ts";
import type { Reading, Sender } from "./sender.ts";
import { SHOWN_SCHEMES } from "./verify/shown-schemes.ts";

const TYPE_CHARS_MAX = 128;

/** Members that name somebody, as its REST API writes them; a body may capitalise them. */
const LOOKS = [
  ["repdid", "bydesign:Rep"],
  ["customerdid", "bydesign:Customer"],
] as const;

/**
 * ByDesign's outbound calls, one for each kind of trigger. Their bodies are specified for each
 * company: the source's own rules read them, and without one they are a hint whom to look at.
 */
export const bydesign: Sender = {
  name: "bydesign",
  family: "product",
  defaultScheme: "basic",
  schemes: SHOWN_SCHEMES,
  readHeaders: [],
  checkOptions: productOptions(),

  read({ body, receivedAtMs }, context): Reading {
    const parsed = parseJson(body);
    if (!parsed.ok) return { kind: "malformed", errors: parsed.refusal };
    if (!isLoose(parsed.value)) {
      const errors = [{ path: "", rule: "type", message: "Must be of type object" }];
      const id = unreadableId(parsed.value);
      return { kind: "items", items: [{ kind: "broken", id, code: "contract_violated", errors }] };
    }
    const payload = parsed.value;
    // No call is known to name itself or its moment: all it says is its name.
    const id = fingerprintBytes(body);
    const type = textOf(payload["EventType"])?.slice(0, TYPE_CHARS_MAX) ?? "ByDesign";
    const fact = lookAt(payload);
    const telling = { id, type, occurredAtMs: receivedAtMs, isUntimed: true, payload, fact };
    return { kind: "items", items: [readTelling(telling, context)] };
  },
};

function lookAt(payload: Loose): Fact | string {
  const byName = new Map(Object.entries(payload).map(([name, of]) => [name.toLowerCase(), of]));
  for (const [name, table] of LOOKS) {
    const id = textOf(byName.get(name));
    if (id !== undefined) return { type: "cdc.gap", data: { table, pks: [id] } };
  }
  return "The body names no rep and no customer: say in options.rules what it is";
}
