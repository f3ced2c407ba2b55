import fc from "fast-check";
import { isRecord } from "../../../scripts/openapi/schema.ts";

/** What no field expects: wrong types, extremes, texts that parsers and databases trip over. */
export const ODD_VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -0,
  -1,
  1.5,
  2 ** 53,
  -(2 ** 53),
  2 ** 31,
  1e308,
  "",
  " ",
  "\u0000",
  "a\u0000b",
  "\ud800",
  "\udfff\ud83d",
  "\u202e\u2066",
  "é\u0301ﷺ😀",
  "'; DROP TABLE tenants; --",
  "%00%2e%2e%2f",
  "../../etc/passwd",
  "constructor",
  "__proto__",
  "NaN",
  "9".repeat(400),
  "x".repeat(5000),
  [],
  {},
  [[[[[[[[[[]]]]]]]]]],
  Array.from({ length: 300 }, () => 0),
  { toString: 1, constructor: { prototype: 1 } },
  JSON.parse('{"__proto__":{"isAdmin":true}}'),
];

const oddValue = fc.oneof(fc.constantFrom(...ODD_VALUES), fc.jsonValue({ maxDepth: 3 }));

/** Values that a JSON Schema takes, or nearly: what a pattern cannot make is any text. */
export function fromSchema(schema: unknown, root: unknown): fc.Arbitrary<unknown> {
  if (!isRecord(schema)) return fc.jsonValue({ maxDepth: 2 });
  const { $ref, type } = schema;
  if (typeof $ref === "string") return fromSchema(lookUp(root, $ref), root);
  if ("const" in schema) return fc.constant(schema["const"]);
  if (Array.isArray(schema["enum"])) return fc.constantFrom(...schema["enum"]);
  const branches = schema["anyOf"] ?? schema["oneOf"];
  if (Array.isArray(branches)) return fc.oneof(...branches.map((one) => fromSchema(one, root)));
  if (Array.isArray(type)) {
    return fc.oneof(...type.map((one) => fromSchema({ ...schema, type: one }, root)));
  }
  return typed(schema, root);
}

const lookUp = (root: unknown, ref: string): unknown =>
  ref
    .split("/")
    .slice(1)
    .reduce((value: unknown, name) => (isRecord(value) ? value[name] : undefined), root);

function typed(schema: Record<string, unknown>, root: unknown): fc.Arbitrary<unknown> {
  switch (schema["type"]) {
    case "object":
      return object(schema, root);
    case "array": {
      const { minItems: least, maxItems: most } = schema;
      const minLength = Math.min(numberOr(least, 0), 4);
      const maxLength = Math.max(minLength, Math.min(numberOr(most, 3), 3));
      return fc.array(fromSchema(schema["items"], root), { minLength, maxLength });
    }
    case "integer":
      return fc.oneof(
        fc.integer({
          min: Math.max(numberOr(schema["minimum"], -(2 ** 31)), -(2 ** 31)),
          max: Math.min(numberOr(schema["maximum"], 2 ** 31), 2 ** 31 - 1),
        }),
        fc.constantFrom(numberOr(schema["minimum"], 0), numberOr(schema["maximum"], 1)),
      );
    case "number":
      return fc.double({ noNaN: true, noDefaultInfinity: true });
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    case "string":
      return text(schema);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

const numberOr = (value: unknown, or: number): number => (typeof value === "number" ? value : or);

function object(schema: Record<string, unknown>, root: unknown): fc.Arbitrary<unknown> {
  const properties = isRecord(schema["properties"]) ? schema["properties"] : {};
  const required = Array.isArray(schema["required"]) ? schema["required"].map(String) : [];
  const model = Object.fromEntries(
    Object.entries(properties).map(([name, of]) => [name, fromSchema(of, root)]),
  );
  const known = fc.record(model, {
    requiredKeys: required.filter((name) => Object.hasOwn(model, name)),
  });
  const { additionalProperties: others } = schema;
  if (!isRecord(others)) return known;
  const names = fc.string({ minLength: 1, maxLength: 8 });
  const more = fc.dictionary(names, fromSchema(others, root), { maxKeys: 3 });
  return fc.tuple(known, more).map(([own, rest]) => Object.assign({}, rest, own));
}

const FORMATS: Readonly<Record<string, readonly string[]>> = {
  date: ["2026-07-01", "0000-01-01", "9999-12-31"],
  "date-time": [
    "2026-07-01T10:00:00.000Z",
    "2026-07-01T10:00:00+14:00",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999Z",
  ],
  uri: ["https://core.example/api", "https://user@core.example:8443/?a=b#c"],
  base64: ["", "e30=", "AAAA"],
};

const TEXTS = ["B", "C", "O1", "core", "main", "gold", "USD", "JPY", "EUR", "2026-07", "active"];

function text(schema: Record<string, unknown>): fc.Arbitrary<unknown> {
  const samples = FORMATS[String(schema["format"])];
  if (samples !== undefined) return fc.constantFrom(...samples);
  const any = fc.oneof(
    fc.constantFrom(...TEXTS),
    fc.string({ unit: "grapheme", maxLength: Math.min(numberOr(schema["maxLength"], 40), 40) }),
    fc.constant("2026-07-01T10:00:00.000Z"),
  );
  const { pattern } = schema;
  if (typeof pattern !== "string" || pattern.includes("(?")) return any;
  try {
    return fc.oneof(any, fc.stringMatching(new RegExp(pattern, "u"), { maxLength: 60 }));
  } catch {
    // A pattern of more than fast-check can make texts of.
    return any;
  }
}

type Path = readonly (string | number)[];

function pathsIn(value: unknown, at: Path = []): readonly Path[] {
  if (typeof value !== "object" || value === null) return [at];
  const members = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return [at, ...members.flatMap(([name, inner]) => pathsIn(inner, [...at, name]))];
}

function replaced(value: unknown, [name, ...rest]: Path, by: (old: unknown) => unknown): unknown {
  if (name === undefined) return by(value);
  if (Array.isArray(value)) {
    return value.map((inner: unknown, i) => (i === name ? replaced(inner, rest, by) : inner));
  }
  return Object.fromEntries(
    Object.entries(Object(value)).flatMap(([key, inner]): [string, unknown][] => {
      if (key !== name) return [[key, inner]];
      const next = replaced(inner, rest, by);
      return next === undefined ? [] : [[key, next]];
    }),
  );
}

/** The same value with one thing wrong: a member replaced, left out, or one too many. */
export const spoilt = (value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc
    .tuple(value, fc.nat(), oddValue, fc.constantFrom("replace", "drop", "add"))
    .map(([whole, n, odd, how]) => {
      const paths = pathsIn(whole);
      const path = paths[n % paths.length] ?? [];
      return replaced(whole, path, (old) => {
        if (how === "drop" && path.length > 0) return undefined;
        if (how === "add" && isRecord(old)) return { ...old, constructor: odd, unheard_of: odd };
        return odd;
      });
    });
