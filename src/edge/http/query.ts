import type * as z from "zod";
import type { Violation } from "../../core/contracts/event.ts";
import { printable } from "../../core/contracts/fields.ts";
import { violationsOf } from "../../core/contracts/violation.ts";
import { ok, refuse, type Result } from "../../core/result.ts";
import { problem } from "./problem.ts";
import type { ApiContext } from "./route.ts";

/** What every list takes beside its filters; cursor.ts reads them. */
const PAGE: readonly string[] = ["cursor", "limit"];

const FILTER_CHARS_MAX = 256;

/** An id or a name that a list is narrowed by. */
export const Filter = printable("An id or a name", FILTER_CHARS_MAX);

/**
 * The query parameters of a read, checked. One that is not known is refused: a misspelt filter
 * would otherwise widen the answer in silence.
 */
export function readQuery<Shape extends z.ZodRawShape>(
  c: ApiContext,
  schema: z.ZodObject<Shape>,
  { isList = false } = {},
): Result<z.infer<z.ZodObject<Shape>>, Response> {
  const given = Object.entries(c.req.queries());
  const known = new Set([...Object.keys(schema.shape), ...(isList ? PAGE : [])]);
  const faults = given.flatMap(([name, values]) => faultOf(name, values, known));
  const asked = given.filter(([name]) => Object.hasOwn(schema.shape, name));
  const query = Object.fromEntries(asked.map(([name, [value]]) => [name, value]));
  const parsed = schema.safeParse(query);
  const issues = parsed.success ? [] : parsed.error.issues;
  const errors = [...faults, ...violationsOf(issues, { root: [], value: query })];
  if (parsed.success && errors.length === 0) return ok(parsed.data);
  return refuse(problem("parameter_invalid", { errors }));
}

const NAME_CHARS_MAX = 100;

function faultOf(name: string, values: readonly string[], known: ReadonlySet<string>): Violation[] {
  const path = name.slice(0, NAME_CHARS_MAX);
  if (!known.has(name)) {
    const takes = known.size === 0 ? "none" : [...known].join(", ");
    return [{ path, rule: "unknown_parameter", message: `Is not known here; taken: ${takes}` }];
  }
  return values.length > 1 ? [{ path, rule: "single", message: "Must be given once" }] : [];
}
