import type { Fault, Place } from "./poller.ts";

/** Of one round: at a hundred records a page as many as no account has. */
const PAGES_MAX = 100_000;
const EMPTY_PAGES_MAX = 20;
/** A place is kept in a row and written into an address. */
const PLACE_CHARS_MAX = 8000;

/** Why a listing cannot be gone on with from where it leads. */
export type Stray = Fault & {
  readonly kind: "failed";
  readonly code: "endless" | "circle" | "place_too_long";
};

/** A page of before: a listing that goes in a circle comes by it. */
export interface Anchor {
  readonly name: string;
  readonly pages: number;
}

interface Pages {
  readonly pages: number;
  readonly emptyPages: number;
  readonly anchor: Anchor;
}

/** A circle is found within twice its length, with one page remembered (Brent's algorithm). */
export function strayOf({ pages, emptyPages, anchor }: Pages, next: Place): Stray | undefined {
  const name = JSON.stringify(next);
  if (name.length > PLACE_CHARS_MAX)
    return stray("place_too_long", `A page's place has more than ${PLACE_CHARS_MAX} characters`);
  if (name === anchor.name)
    return stray("circle", `The listing goes in a circle, after ${pages} pages`);
  if (pages < PAGES_MAX && emptyPages < EMPTY_PAGES_MAX) return undefined;
  return stray("endless", `The listing does not end: ${pages} pages so far`);
}

const stray = (code: Stray["code"], detail: string): Stray => ({ kind: "failed", code, detail });

/** The page to be remembered from here on. */
export function anchorOf({ pages, anchor }: Pick<Pages, "pages" | "anchor">, next: Place): Anchor {
  const isTurn = pages >= 2 * anchor.pages;
  return isTurn ? { name: JSON.stringify(next), pages } : anchor;
}
