/** An object of JSON whose members nobody has judged yet. */
export type Loose = Readonly<Record<string, unknown>>;

export const isLoose = (value: unknown): value is Loose =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The object, or an empty one: a member of it is then simply absent. */
export const looseOf = (value: unknown): Loose => (isLoose(value) ? value : {});

/** The items of a list, or none. */
export const itemsOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Text, or the digits of an integer: ids come as either. Nothing for all else and for "". */
export function textOf(value: unknown): string | undefined {
  if (typeof value === "string" && value !== "") return value;
  return Number.isSafeInteger(value) ? String(value) : undefined;
}

/** JSON knows no `undefined`: what was not told is left out. Null counts as not told. */
export const told = (members: Loose): Loose =>
  Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== undefined && value !== null),
  );
