import * as z from "zod";
import type { Page, Snapshot } from "../../core/reconciliation/wire.ts";
import type { CoreFailure } from "./failure.ts";

/** Of one listing: at a thousand lines a page as many as no core has. */
export const PAGES_MAX = 20_000;
/** In a row: a core may filter what it pages over, but not for ever. */
export const EMPTY_PAGES_MAX = 20;

const Place = z.object({
  cursor: z.string(),
  snapshot: z.object({ asOfSeq: z.string(), epoch: z.int() }),
  /** Answered before this place. */
  pages: z.int(),
  /** Of them, without any item and in a row. */
  emptyPages: z.int(),
  /** The name of the last item, where items come in the order of their names. */
  last: z.string().nullable(),
  /** A page of before: a listing that goes in a circle comes by it. */
  anchor: z.object({ cursor: z.string(), first: z.string().nullable(), pages: z.int() }),
});

/** Where a listing goes on. Plain JSON: the caller may keep it and go on in another invocation. */
export type Place = Readonly<z.infer<typeof Place>>;

/** A place that was kept as JSON; undefined where it is none, and the listing begins anew. */
export const readPlace = (kept: unknown): Place | undefined => Place.safeParse(kept).data;

interface Named<Item> {
  readonly nameOf: (item: Item) => string;
  /** Whether items come in the order of their names. */
  readonly isSorted: boolean;
}

type Step =
  | { readonly kind: "next"; readonly place: Place | undefined }
  | Extract<CoreFailure, { readonly kind: "cursor_repeated" | "endless" }>;

/** Before the first page. No cursor is empty. */
const START = {
  cursor: "",
  pages: 0,
  emptyPages: 0,
  last: null,
  anchor: { cursor: "", first: null, pages: 0 },
};

/**
 * Where a listing goes on behind a page; nowhere on its last one. A circle is found within twice
 * its length, whatever it is, with one page remembered (Brent's algorithm): by its cursor, or by the
 * item that its page begins with where a core makes up cursors.
 */
export function nextPlace<Item>(
  { items, nextCursor, snapshot }: Page<Item>,
  place: Place | undefined,
  { nameOf, isSorted }: Named<Item>,
): Step {
  const before = place ?? START;
  const pages = before.pages + 1;
  const names = items.map(nameOf);
  const first = names[0] ?? null;
  if (isBack(before, nextCursor, first)) return { kind: "cursor_repeated", pages };
  if (nextCursor === undefined) return { kind: "next", place: undefined };

  const emptyPages = first === null ? before.emptyPages + 1 : 0;
  if (isTooLong(pages, emptyPages)) return { kind: "endless", pages };
  const here = { cursor: nextCursor, first, pages };
  // Moved on at every page whose number is a power of two: in between it stands still.
  const anchor = pages >= 2 * before.anchor.pages ? here : before.anchor;
  const last = isSorted ? (names.at(-1) ?? before.last) : null;
  return { kind: "next", place: { cursor: nextCursor, snapshot, pages, emptyPages, last, anchor } };
}

const isTooLong = (pages: number, emptyPages: number): boolean =>
  pages >= PAGES_MAX || emptyPages >= EMPTY_PAGES_MAX;

const isBack = (
  { cursor, anchor }: Pick<Place, "cursor" | "anchor">,
  nextCursor: string | undefined,
  first: string | null,
): boolean =>
  nextCursor === cursor ||
  nextCursor === anchor.cursor ||
  (first !== null && first === anchor.first);

/** Whether an answer is as of the state that was asked for; a core that goes on alone says another. */
export const isSameSnapshot = (one: Snapshot, other: Snapshot): boolean =>
  one.asOfSeq === other.asOfSeq && one.epoch === other.epoch;
