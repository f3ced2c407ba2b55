/** Tried of each thing that is changed; every place of it in `npm run test:long`. */
const PLACES_MAX = process.env["LONG"] === "1" ? Infinity : 96;

const ALPHABETS = [
  "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
  "abcdefghijklmnopqrstuvwxyz",
  "0123456789",
  "+/",
  "-_",
] as const;

/** How base64 and base64url write the same bits. */
const ALIKE: Readonly<Record<string, string>> = { "+": "-", "/": "_", "-": "+", _: "/", "=": "." };

/** Places from 0 to `length`, evenly spread where they are too many: the first and the last always. */
export function placesIn(length: number, most = PLACES_MAX): readonly number[] {
  if (length <= most) return Array.from({ length }, (_, at) => at);
  const step = (length - 1) / (most - 1);
  return Array.from({ length: most }, (_, index) => Math.round(index * step));
}

/** Another letter of the same case, or another digit: of base64 the one that differs in its last bit. */
export function neighbourOf(character: string): string {
  const alphabet = ALPHABETS.find((letters) => letters.includes(character));
  // In the place of padding "A" would be one more byte of zeros, which a key of HMAC ends in anyway.
  if (alphabet === undefined) return "B";
  return alphabet.charAt(alphabet.indexOf(character) ^ 1);
}

/** The same letter of the other case; nothing where the character is none. */
export function flipped(character: string): string | undefined {
  const upper = character.toUpperCase();
  const other = character === upper ? character.toLowerCase() : upper;
  return other === character || other.length !== 1 ? undefined : other;
}

/** What may stand in a character's place: its neighbour, its other case, its like in base64url. */
export const othersThan = (character: string): readonly string[] => [
  ...new Set(
    [neighbourOf(character), flipped(character), ALIKE[character]].filter(
      (other) => other !== undefined,
    ),
  ),
];

export const changedAt = (text: string, at: number, other: string): string =>
  text.slice(0, at) + other + text.slice(at + 1);

/** Every text that differs in one of some places. */
export function changesOf(text: string, places = placesIn(text.length)): readonly string[] {
  return places.flatMap((at) =>
    othersThan(text.charAt(at)).map((other) => changedAt(text, at, other)),
  );
}
