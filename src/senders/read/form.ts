import type { Violation } from "../../core/contracts/event.ts";
import { ok, refuse, type Result } from "../../core/result.ts";
import { parseText } from "./json.ts";

/** More than any product posts; a body of 1 MiB could hold half a million. */
const PAIRS_MAX = 1000;
/** Brackets inside of brackets, the name itself counted. */
const DEPTH_MAX = 8;

const NAME = /^([^[\]]+)((?:\[[^[\]]*\])*)$/;
const BRACKET = /\[([^[\]]*)\]/g;

/** One value, the values of a name that was repeated, or what stands in its brackets. */
export type FormValue = string | readonly string[] | Form;

export interface Form {
  readonly [name: string]: FormValue;
}

type Branch = Node | string[];
type Node = Map<string, Branch>;

/**
 * Reads an `application/x-www-form-urlencoded` body whose names may nest, as PHP writes them:
 * `contact[fields][3]=Berlin` stands at `contact.fields.3`. `+` is a space; `tags[]` takes the next
 * free number; a name that is repeated holds the list of its values. A name whose brackets do not
 * match is taken as it is.
 */
export function parseForm(body: Uint8Array): Result<Form, readonly Violation[]> {
  const text = parseText(body);
  if (!text.ok) return text;
  const pairs = text.value.split("&").filter((pair) => pair !== "");
  if (pairs.length === 0) return fault("form", "The body is empty");
  if (pairs.length > PAIRS_MAX) return fault("length", `Must have at most ${PAIRS_MAX} fields`);

  // Maps, and no objects until the end: a field may be called `__proto__`.
  const root: Node = new Map();
  for (const pair of pairs) {
    const [name, value] = partsOf(pair).map(unescaped);
    if (name === undefined || value === undefined) {
      return fault("form", "A percent code is cut short or is not UTF-8");
    }
    const path = pathOf(name);
    if (path.length > DEPTH_MAX) return fault("depth", `Must be at most ${DEPTH_MAX} levels deep`);
    if (!put(root, path, value)) return fault("form", "A field has a value and brackets as well");
  }
  return ok(built(root));
}

const fault = (rule: string, message: string) => refuse([{ path: "", rule, message }]);

function partsOf(pair: string): readonly [name: string, value: string] {
  const at = pair.indexOf("=");
  return at === -1 ? [pair, ""] : [pair.slice(0, at), pair.slice(at + 1)];
}

function unescaped(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return undefined;
  }
}

function pathOf(name: string): readonly string[] {
  const [, head, brackets = ""] = NAME.exec(name) ?? [];
  if (head === undefined) return [name];
  return [head, ...[...brackets.matchAll(BRACKET)].map(([, part = ""]) => part)];
}

/** Whether there was room: what has a value can have no members, and the other way round. */
function put(root: Node, path: readonly string[], value: string): boolean {
  let here = root;
  for (const [at, part] of path.entries()) {
    const name = part === "" && at > 0 ? nextFree(here) : part;
    const known = here.get(name);
    if (at < path.length - 1) {
      if (Array.isArray(known)) return false;
      const next: Node = known ?? new Map<string, Branch>();
      here.set(name, next);
      here = next;
    } else if (known === undefined) {
      here.set(name, [value]);
    } else {
      if (!Array.isArray(known)) return false;
      known.push(value);
    }
  }
  return true;
}

function nextFree(node: Node): string {
  let place = node.size;
  while (node.has(String(place))) place += 1;
  return String(place);
}

/** `fromEntries` defines members where assigning `__proto__` would change what the object is. */
const built = (node: Node): Form =>
  Object.fromEntries([...node].map(([name, branch]) => [name, valueOf(branch)]));

function valueOf(branch: Branch): FormValue {
  if (!Array.isArray(branch)) return built(branch);
  const [first = "", ...others] = branch;
  return others.length === 0 ? first : branch;
}
