import fc from "fast-check";
import type { EVERY_OPERATION } from "../../../scripts/openapi/document.ts";
import { isRecord } from "../../../scripts/openapi/schema.ts";
import { fromSchema, ODD_VALUES, spoilt } from "./from-schema.ts";

type Operation = (typeof EVERY_OPERATION)[number];

/** A request to be sent, its body as the bytes that go out. */
export interface Fuzzed {
  readonly method: string;
  /** Path and query, as they are written. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** What the fuzz may name: values that exist, by the places of paths and the names of parameters. */
export interface Known {
  readonly document: unknown;
  readonly places: Readonly<Record<string, readonly string[]>>;
  readonly tokens: readonly string[];
  /** Real cursors, by the operation that gave them. */
  readonly cursors: ReadonlyMap<string, string>;
}

const ODD_TEXTS = ODD_VALUES.filter((value): value is string => typeof value === "string");

/** Segments of paths that no encoder writes. */
const ODD_SEGMENTS = [
  "%",
  "%zz",
  "%c0%af",
  "%ff%fe",
  "%00",
  "%2e%2e",
  "%2F..%2F",
  "%ed%a0%80",
  ";a=b",
  "*",
  "+",
  "a".repeat(400),
  "%F0%9F%98%80",
  "..%5c",
];

const encoded = (value: string): string => encodeURIComponent(value.toWellFormed());

function segment(name: string, { places }: Known): fc.Arbitrary<string> {
  const real = fc.constantFrom(...(places[name] ?? ["none"])).map(encoded);
  const odd = fc.oneof(
    fc.constantFrom(...ODD_SEGMENTS),
    fc.constantFrom(...ODD_TEXTS).map(encoded),
    fc.string({ unit: "binary", minLength: 1, maxLength: 30 }).map(encoded),
  );
  return fc.oneof({ arbitrary: real, weight: 24 }, { arbitrary: odd, weight: 1 });
}

const asText = (value: unknown): string =>
  typeof value === "string" ? value : (JSON.stringify(value) ?? "");

/** A cursor as no list of ours gave it out: a real one with something changed, or none at all. */
const cursorLike = (real: string | undefined): fc.Arbitrary<string> => {
  const toCursor = (value: unknown) =>
    Buffer.from(JSON.stringify(value) ?? "").toString("base64url");
  const made = fc.oneof(
    fc.constantFrom("", "=", "null", "e30", "W10", "a".repeat(2000), "%"),
    fc.jsonValue({ maxDepth: 2 }).map(toCursor),
  );
  if (real === undefined) return made;
  const told: unknown = JSON.parse(Buffer.from(real, "base64url").toString());
  return fc.oneof(made, fc.constant(real), spoilt(fc.constant(told)).map(toCursor));
};

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly schema: unknown;
}

const isParameter = (value: unknown): value is Parameter =>
  isRecord(value) && typeof value["name"] === "string";

/** The parameters of an operation, those in components looked up. */
function parametersOf({ method, path }: Operation, document: unknown): readonly Parameter[] {
  const { paths, components } = Object(document);
  const listed: unknown[] = paths[path][method.toLowerCase()].parameters;
  return listed
    .map((one) => {
      const ref = isRecord(one) ? one["$ref"] : undefined;
      return typeof ref === "string" ? components.parameters[ref.split("/").at(-1) ?? ""] : one;
    })
    .filter(isParameter);
}

function query(operation: Operation, known: Known): fc.Arbitrary<string> {
  const parameters = parametersOf(operation, known.document).filter((one) => one.in === "query");
  const pairs = parameters.map(({ name, schema }) => {
    const real = known.places[name] ?? [];
    const cursor = known.cursors.get(operation.operation.id);
    const values = [
      ...(name === "cursor" ? [cursorLike(cursor)] : []),
      ...(real.length > 0 ? [fc.constantFrom(...real)] : []),
      fromSchema(schema, known.document).map(asText),
    ];
    const value = fc.oneof(
      { arbitrary: fc.oneof(...values), weight: 6 },
      { arbitrary: fc.constantFrom(...ODD_VALUES).map(asText), weight: 1 },
    );
    return value.map((one) => `${name}=${encoded(one)}`);
  });
  const noise = fc.constantFrom(
    "unheard_of=1",
    "__proto__=1",
    "constructor[prototype]=1",
    "limit=0&limit=1",
    "cursor=%",
    "%ff=%fe",
    "=",
    "&&",
    `limit=${"9".repeat(50)}`,
  );
  const given = parameters.some(({ name }) => name === "from")
    ? fc.tuple(...pairs.slice(0, 3))
    : fc.subarray(pairs).chain((taken) => fc.tuple(...taken));
  return fc
    .tuple(given, rarely(noise), fc.integer({ min: 0, max: 19 }))
    .map(([pairsGiven, odd, twice]) => {
      const [first] = pairsGiven;
      const repeated = twice === 0 && first !== undefined ? [first] : [];
      return [...pairsGiven, ...repeated, ...(odd === null ? [] : [odd])].join("&");
    });
}

/** Bodies that no serialiser writes. */
const ODD_BODIES: readonly (string | Uint8Array)[] = [
  "",
  "{",
  "null",
  '"text"',
  "1e999",
  "-",
  "\ufeff{}",
  "[".repeat(50_000),
  `${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}`,
  '{"name":"a","name":"b"}',
  '{"__proto__":{"role":"admin"},"constructor":{}}',
  "a=b&c=d",
  "<a/>",
  new Uint8Array([0xff, 0xfe, 0x00, 0xd8]),
  new Uint8Array([0x7b, 0x22, 0xc0, 0xaf, 0x22, 0x3a, 0x31, 0x7d]),
];

function body({ operation }: Operation, known: Known): fc.Arbitrary<string | Uint8Array> {
  const { document } = known;
  if (operation.body === undefined) return fc.constantFrom("", "{}", "[", "null");
  const { [operation.id]: schema } = Object(known.document)["x-bodies"];
  const shaped = fromSchema(schema, document);
  const example = fc.constant(operation.body.example);
  const values = fc.oneof(
    { arbitrary: shaped, weight: 3 },
    { arbitrary: example, weight: 4 },
    { arbitrary: spoilt(shaped), weight: 3 },
    { arbitrary: spoilt(example), weight: 4 },
    { arbitrary: spoilt(spoilt(example)), weight: 1 },
  );
  return fc.oneof(
    { arbitrary: values.map((value) => JSON.stringify(value) ?? ""), weight: 10 },
    { arbitrary: fc.constantFrom(...ODD_BODIES), weight: 1 },
  );
}

const JSON_TYPE = "application/json";
const TYPES = [
  JSON_TYPE,
  "application/json; charset=utf-16",
  "text/plain",
  "application/x-www-form-urlencoded",
  "multipart/form-data",
  "application/cloudevents+json",
  "x",
];
const BOOKMARK = "00000001-00000000-00004d5e-0123456789abcdef0123456789abcdef";

/** Nothing, most of the time. */
const rarely = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | null> =>
  fc.oneof({ arbitrary: fc.constant(null), weight: 9 }, { arbitrary: value, weight: 1 });

const some = (...values: readonly string[]) => rarely(fc.constantFrom(...values));

const headers = fc
  .record({
    "D1-Bookmark": some(
      BOOKMARK,
      "",
      "x",
      "first-primary",
      BOOKMARK.toUpperCase(),
      "0".repeat(900),
    ),
    "If-None-Match": some("*", '"x"', 'W/"', ",,,", '"'.repeat(500)),
    "Idempotency-Key": some("k1", "k2", "", '"k 3"', "x".repeat(256), "a\tb", "x".repeat(255)),
    Accept: some("text/csv", "text/html", "image/png", "*/*;q=0", ";;;", "text/event-stream"),
    "Last-Event-ID": some("0", "1", "-1", "x", "9".repeat(40)),
    "Content-Encoding": some("gzip", "br", "x"),
  })
  .map((all) =>
    Object.fromEntries(
      Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== null),
    ),
  );

const methods = (own: string) =>
  fc.oneof(
    { arbitrary: fc.constant(own), weight: 30 },
    { arbitrary: fc.constantFrom("PATCH", "OPTIONS", "HEAD", "DELETE", "QUERY"), weight: 1 },
  );

/** Requests to an operation: mostly nearly right, so that they get far, and odd in every part. */
export function requestsTo(operation: Operation, known: Known): fc.Arbitrary<Fuzzed> {
  const segments = operation.path
    .split("/")
    .map((part) => (part.startsWith("{") ? segment(part.slice(1, -1), known) : fc.constant(part)));
  const types = fc.oneof(
    { arbitrary: fc.constant(JSON_TYPE), weight: 12 },
    { arbitrary: fc.constantFrom(...TYPES), weight: 1 },
  );
  return fc
    .record({
      // A delete that was meant for something else would take away what the others need.
      method: operation.method === "DELETE" ? fc.constant("DELETE") : methods(operation.method),
      path: fc.tuple(...segments),
      query: query(operation, known),
      headers,
      token: fc.constantFrom(...known.tokens),
      type: types,
      body: body(operation, known),
    })
    .map(({ method, path, query: asked, headers: given, token, type, body: sent }) => {
      const isSafe = method === "GET" || method === "HEAD";
      return {
        method: method === "DELETE" && operation.method !== "DELETE" ? "PATCH" : method,
        target: `${path.join("/")}${asked === "" ? "" : `?${asked}`}`,
        headers: {
          ...given,
          ...(token === "" ? {} : { Authorization: `Bearer ${token}` }),
          ...(isSafe ? {} : { "Content-Type": type }),
        },
        ...(isSafe ? {} : { body: sent }),
      };
    });
}
