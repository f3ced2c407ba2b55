import * as z from "zod";
import { FORMS, shape } from "./shapes.ts";
import type { Loose } from "./loose.ts";
import { along, at, parsePath, scalarText, type Segment } from "./path.ts";

export { decimalText, instantText } from "./shapes.ts";

const Path = z
  .string()
  .refine((text) => parsePath(text.replace(/^\$/, "")) !== undefined, "Is no path");

const Scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);

const Found = z.strictObject({
  /** Where it stands; of several paths the first that finds something. */
  path: z.union([Path, z.array(Path).min(1).max(8)]),
  /** As it is, where absent. */
  as: z.enum(FORMS).exactOptional(),
  scale: z.int().min(0).max(20).exactOptional(),
  /** What the product's words are in ours; `default` for others, or they stay as they are. */
  values: z.record(z.string(), Scalar).exactOptional(),
  default: Scalar.exactOptional(),
});

/**
 * Where a field of our event is found in what the product told: a path (`customer.id`,
 * `lines[0].sku`, `meta_data[key=rep_id].value`, `$type`, `$before.status`), the same with a form
 * and words, or a value that is always the same.
 */
export const Pick = z.union([Path, Found, z.strictObject({ value: z.json() })]);
export type Pick = z.output<typeof Pick>;

export const Picks = z.record(z.string().min(1).max(128), Pick);
export type Picks = z.output<typeof Picks>;

/** What is told, and what is told of it: `$type`, `$id`, `$table`, `$op`, `$rev`, …. */
export interface Told {
  readonly payload: unknown;
  readonly about: Readonly<Record<string, unknown>>;
}

/** What a path finds; a member that is null counts as not told. */
export function findAt(told: Told, path: string): unknown {
  const value = path.startsWith("$") ? at(told.about, path.slice(1)) : at(told.payload, path);
  return value ?? undefined;
}

/** The members that some picks make of what is told, those that find nothing left out. */
export function pickAll(picks: Picks, told: Told, known: Readonly<Record<string, unknown>> = {}) {
  // Money needs its currency, so that is found first.
  const names = Object.keys(picks).toSorted(
    (a, b) => Number(b === "currency") - Number(a === "currency"),
  );
  const picked: Record<string, unknown> = {};
  for (const name of names) {
    const pick = picks[name];
    const currency = picked["currency"] ?? known["currency"];
    const value = pick === undefined ? undefined : pickOne(pick, told, currency);
    if (value !== undefined) picked[name] = value;
  }
  return picked;
}

/**
 * What one pick finds. What does not take the form asked for is handed on as it is: the contract
 * then says which field is wrong, and the delivery is kept.
 */
export function pickOne(pick: Pick, told: Told, currency?: unknown): unknown {
  if (typeof pick === "string") return findAt(told, pick);
  if ("value" in pick) return pick.value;

  const paths = typeof pick.path === "string" ? [pick.path] : pick.path;
  const raw = paths.map((path) => findAt(told, path)).find((value) => value !== undefined);
  return raw === undefined ? pick.default : formed(raw, pick, currency);
}

function formed(raw: unknown, pick: z.output<typeof Found>, currency: unknown): unknown {
  if (pick.values !== undefined) return wordFor(raw, pick.values, pick.default);
  if (pick.as === undefined) return raw;
  return shape(raw, pick.as, { scale: pick.scale ?? 0, currency }) ?? raw;
}

function wordFor(raw: unknown, words: Loose, otherwise: unknown): unknown {
  const word = scalarText(raw);
  if (word !== undefined && Object.hasOwn(words, word)) return words[word];
  return otherwise === undefined ? raw : otherwise;
}

/** Whether every condition holds: the text of what stands at a path is one of some texts. */
export function holds(conditions: Conditions, told: Told): boolean {
  return testsOf(conditions).every(({ from, segments, texts, mayLack }) => {
    const value = along(from === "about" ? told.about : told.payload, segments) ?? undefined;
    if (value === undefined) return mayLack;
    const text = scalarText(value);
    return text !== undefined && texts.has(text);
  });
}

/** A condition taken apart. */
interface Test {
  readonly from: "about" | "payload";
  readonly segments: readonly Segment[];
  readonly texts: ReadonlySet<string>;
  /** Whether null is among what is wanted: it counts as not told. */
  readonly mayLack: boolean;
}

/** Kept by identity: the same few conditions are asked of everything that their source tells. */
const tests = new WeakMap<Conditions, readonly Test[]>();

function testsOf(conditions: Conditions): readonly Test[] {
  const known = tests.get(conditions);
  if (known !== undefined) return known;
  const made = Object.entries(conditions).map(([path, wanted]) => testOf(path, [wanted].flat()));
  tests.set(conditions, made);
  return made;
}

const testOf = (path: string, wanted: readonly z.output<typeof Scalar>[]): Test => ({
  from: path.startsWith("$") ? "about" : "payload",
  segments: parsePath(path.replace(/^\$/, "")) ?? NOWHERE,
  texts: new Set(wanted.filter((one) => one !== null).map(String)),
  mayLack: wanted.includes(null),
});

const NOWHERE: readonly Segment[] = [{ place: -1 }];

export const Conditions = z.record(Path, z.union([Scalar, z.array(Scalar).min(1).max(50)]));
export type Conditions = z.output<typeof Conditions>;
