import type * as z from "zod";
import type { Violation } from "../../core/contracts/event.ts";
import { pathText } from "../../core/contracts/path.ts";
import { violationsOf } from "../../core/contracts/violation.ts";
import { ok, refuse, type Result } from "../../core/result.ts";
import { faultOfJson } from "./json-text.ts";
import { problem } from "./problem.ts";
import type { ApiContext } from "./route.ts";

/** More would tell a person nothing new. */
const VIOLATIONS_MAX = 100;
/** RFC 8259 §8.1: JSON is UTF-8, so that another `charset` would be misread. */
const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json\s*(?:;\s*charset="?utf-8"?\s*)?;?\s*$/i;
const PLAIN = /^(?:identity)?$/i;

/** The JSON body of an API write, checked; or the answer that says what is wrong with it. */
export async function readJson<Value>(
  c: ApiContext,
  schema: z.ZodType<Value>,
): Promise<Result<Value, Response>> {
  if (!JSON_TYPE.test(c.req.header("Content-Type") ?? "")) {
    return refuse(
      problem("unsupported_media_type", { detail: "Send application/json, encoded as UTF-8" }),
    );
  }
  if (!PLAIN.test(c.req.header("Content-Encoding") ?? "")) {
    return refuse(
      problem("unsupported_media_type", { detail: "Send it without Content-Encoding" }),
    );
  }
  const text = decode(await c.req.arrayBuffer());
  if (text === undefined) return refuse(problem("malformed", { detail: "The body is no UTF-8" }));
  const json = parse(text);
  if (json === undefined) return refuse(problem("malformed", { detail: "The body is no JSON" }));
  const fault = faultOfJson(text);
  if (fault !== undefined) return refuse(problem("malformed", { errors: [fault] }));
  const parsed = schema.safeParse(json.value);
  if (parsed.success) return ok(parsed.data);
  return refuse(problem("invalid", { errors: violations(parsed.error.issues, json.value) }));
}

/** A refusal of one field of the body. */
export const invalidAt = (path: string, rule: string, message: string): Response =>
  problem("invalid", { errors: [{ path, rule, message }] });

function decode(bytes: ArrayBuffer): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    return undefined;
  }
}

// The parser's own message quotes the body, and with it perhaps a secret.
function parse(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

// Strict bodies: a misspelt field would otherwise be dropped in silence.
function violations(issues: readonly z.core.$ZodIssue[], value: unknown): readonly Violation[] {
  const unknown = issues
    .filter((issue) => issue.code === "unrecognized_keys")
    .flatMap((issue) =>
      issue.keys.map((key) => ({
        path: pathText([...issue.path.filter((part) => typeof part !== "symbol"), key]),
        rule: "unknown_field",
        message: "Is no field of this body",
      })),
    );
  const others = issues.filter((issue) => issue.code !== "unrecognized_keys");
  return [...unknown, ...violationsOf(others, { root: [], value })].slice(0, VIOLATIONS_MAX);
}
