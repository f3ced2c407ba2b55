import type { JsonObject } from "../json.ts";

/** As many initials as a mirror may show; a longer name has more parts than it needs. */
const INITIALS_MAX = 3;

/**
 * The masked form of a person's name, `A. K.`: enough to tell a row from its neighbour, too little
 * to be somebody. Absent where the sender gave no name.
 */
export function displayName(pii: JsonObject): string | undefined {
  const { name, given_name, family_name } = pii;
  const full =
    typeof name === "string" && name !== ""
      ? name
      : [given_name, family_name].filter(isText).join(" ");
  const initials = full
    .split(/[\s-]+/u)
    .flatMap((part) => /^\p{L}/u.exec(part) ?? [])
    .slice(0, INITIALS_MAX);
  if (initials.length === 0) return undefined;
  return initials.map((letter) => `${letter.toUpperCase()}.`).join(" ");
}

const isText = (value: unknown): value is string => typeof value === "string";
