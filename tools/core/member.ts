import { Problem } from "./problem.ts";

/** The members of a JSON body, each read once: those that are left over are nobody's. */
export interface Members {
  readonly integer: (name: string, range: { min: number; max: number }) => number | undefined;
  readonly text: (name: string) => string | undefined;
  readonly instant: (name: string) => number | undefined;
  readonly texts: (name: string) => readonly string[] | undefined;
  readonly choice: <Value extends string>(
    name: string,
    values: readonly Value[],
  ) => Value | undefined;
  /** Throws a problem that names the first member that nobody read. */
  readonly end: () => void;
}

export const badMember = (path: string, rule: string, message: string): Problem =>
  new Problem(422, "The body is invalid", [{ path, rule, message }]);

/** Throws a problem where the body is no object. */
export function readMembers(body: unknown, at = ""): Members {
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw badMember(at, "type", "Must be a JSON object");
  }
  const left = new Map<string, unknown>(Object.entries(body));
  const take = (name: string): unknown => {
    const value = left.get(name);
    left.delete(name);
    return value;
  };
  const bad = (name: string, rule: string, message: string): Problem =>
    badMember(`${at}${name}`, rule, message);
  return {
    integer(name, { min, max }) {
      const value = take(name);
      if (value === undefined) return undefined;
      if (Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max) {
        return Number(value);
      }
      throw bad(name, "range", `Must be a whole number from ${min} to ${max}`);
    },
    text(name) {
      const value = take(name);
      if (value === undefined || typeof value === "string") return value;
      throw bad(name, "type", "Must be text");
    },
    instant(name) {
      const value = take(name);
      if (value === undefined) return undefined;
      const ms = typeof value === "string" ? Date.parse(value) : Number.NaN;
      if (!Number.isNaN(ms)) return ms;
      throw bad(name, "format", "Must be an RFC 3339 date-time");
    },
    texts(name) {
      const value = take(name);
      if (value === undefined) return undefined;
      if (Array.isArray(value)) {
        const texts = value.filter((one) => typeof one === "string");
        if (texts.length === value.length) return texts;
      }
      throw bad(name, "type", "Must be a list of texts");
    },
    choice(name, values) {
      const value = take(name);
      if (value === undefined) return undefined;
      const chosen = values.find((one) => one === value);
      if (chosen !== undefined) return chosen;
      throw bad(name, "enum", `Must be one of ${values.join(", ")}`);
    },
    end() {
      const [name] = left.keys();
      if (name !== undefined) throw bad(name, "unknown", "Is no member of this");
    },
  };
}

export function requiredMember<Value>(path: string, value: Value | undefined): Value {
  if (value === undefined) throw badMember(path, "required", "Is required");
  return value;
}
