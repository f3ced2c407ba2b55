/** One JSON line an event. Fields that could hold a secret or a person's data are redacted. */
export type Log = (
  level: "info" | "warn" | "error",
  event: string,
  fields?: Readonly<Record<string, unknown>>,
) => void;

const REDACTED = "[redacted]";
const DEPTH_MAX = 4;
const TEXT_CHARS_MAX = 500;
const STACK_LINES_MAX = 12;

/** By name: whoever adds a field with such a name need not remember this file. */
const PRIVATE =
  /secret|token|auth|password|passwd|cookie|signature|credential|^(.*_)?key$|datakey|body|payload|email|phone|address|name$|birth|tax|iban/i;

/** By shape: credentials and addresses that stand in a message of somebody else's. */
const SENSITIVE =
  /Bearer\s+\S+|Basic\s+\S+|\bupl_\w+|\bupt_[\w.-]+|\bwhsec_\S+|\beyJ[\w-]+\.[\w-]*\.?[\w-]*|[^\s@"'<>]+@[^\s@"'<>]+\.[a-z]{2,}/gi;

export const log: Log = (level, event, fields = {}) => {
  // A field of that name must not hide what the line is about: searches and alerts go by it.
  const line = JSON.stringify(Object.assign({ level, event }, clean(fields, 0), { level, event }));
  // The one door to the console (lint: no-console): everything else passes here.
  // oxlint-disable-next-line no-console -- this is that door
  (level === "error" ? console.error : console.log)(line);
};

function clean(fields: object, depth: number): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      PRIVATE.test(name) ? REDACTED : cleanValue(value, depth + 1),
    ]),
  );
}

function cleanValue(value: unknown, depth: number): unknown {
  if (typeof value === "string") return cleanText(value);
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null) return value;
  if (depth >= DEPTH_MAX) return REDACTED;
  if (value instanceof Error) return describe(value, depth);
  if (Array.isArray(value)) return value.map((item) => cleanValue(item, depth + 1));
  return clean(value, depth);
}

// Drizzle quotes every parameter of a failed query after this word, over as many lines as they have.
function describe(error: Error, depth: number): Record<string, unknown> {
  const [message = ""] = error.message.split(/\n|params:/);
  const frames = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  return {
    error: error.name,
    message: cleanText(message),
    stack: frames.slice(0, STACK_LINES_MAX).map((line) => line.trim()),
    ...(error.cause === undefined ? {} : { cause: cleanValue(error.cause, depth + 1) }),
  };
}

const cleanText = (text: string): string =>
  text.replace(SENSITIVE, REDACTED).slice(0, TEXT_CHARS_MAX);
