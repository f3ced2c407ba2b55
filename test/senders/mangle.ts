import fc from "fast-check";

/**
 * What may become of a genuine body on a bad day or by a bad hand: bytes changed, cut, repeated, or
 * one value of its JSON replaced by anything.
 */
export const mangled = (body: string): fc.Arbitrary<string | Uint8Array> =>
  fc.oneof(changedBytes(body), cut(body), ...(isJson(body) ? [replacedValue(body)] : []));

const changedBytes = (body: string) => {
  const bytes = Buffer.from(body);
  const change = fc.tuple(fc.nat(Math.max(0, bytes.length - 1)), fc.nat(255));
  return fc.array(change, { minLength: 1, maxLength: 8 }).map((changes) => {
    const changed = Uint8Array.from(bytes);
    for (const [at, byte] of changes) changed[at] = byte;
    return changed;
  });
};

const cut = (body: string) =>
  fc
    .tuple(fc.nat(body.length), fc.nat(body.length), fc.nat(2))
    .map(
      ([from, to, times]) => body.slice(0, from) + body.slice(Math.min(from, to), to).repeat(times),
    );

/** JSON may name a member as JavaScript names its own; and the last moment of all is one. */
const ODD_OBJECTS = [
  { toString: 1 },
  [{ toString: 1, valueOf: 1 }],
  "9999-12-31",
  "9999-12-31T23:59:59.999Z",
  253_402_300_799_999,
];
const ODD_VALUES = [
  null,
  "",
  0,
  -1,
  1e300,
  2 ** 53,
  true,
  [],
  {},
  "9".repeat(40),
  "\u0000",
  "\uD800",
  ...ODD_OBJECTS,
];

function replacedValue(body: string): fc.Arbitrary<string> {
  const parsed: unknown = JSON.parse(body);
  const paths = pathsIn(parsed, []);
  const value = fc.oneof(fc.constantFrom(...ODD_VALUES), fc.jsonValue({ maxDepth: 2 }));
  return fc
    .tuple(fc.constantFrom(...paths), value)
    .map(([path, other]) => JSON.stringify(replace(parsed, path, other)));
}

type Path = readonly string[];

function pathsIn(value: unknown, path: Path): Path[] {
  if (typeof value !== "object" || value === null) return [path];
  const inside = Object.entries(value).flatMap(([name, member]) =>
    pathsIn(member, [...path, name]),
  );
  return [path, ...inside];
}

function replace(value: unknown, [name, ...rest]: Path, other: unknown): unknown {
  if (name === undefined) return other;
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).map(([key, member]) => [
    key,
    key === name ? replace(member, rest, other) : member,
  ]);
  return Array.isArray(value) ? members.map(([, member]) => member) : Object.fromEntries(members);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
