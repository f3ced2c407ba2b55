import type { CoreAnswer } from "./client.ts";
import { sayFailure } from "./failure.ts";
import { type Place, readPlace } from "./place.ts";
import { failedAs, type Whole } from "./whole.ts";

/** A page of a listing whose place its caller keeps. */
export type Paged<Item> =
  | Extract<CoreAnswer<Item>, { readonly kind: "page" }>
  | Exclude<Whole<Item>, { readonly kind: "all" }>;

/**
 * Asks for the page at a place that was kept, the first one where there is none. A place that the
 * core takes no more means that the listing begins anew: its cursors hold an hour, and runs take
 * longer.
 */
export async function paged<Item>(
  kept: object | undefined,
  ask: (place: Place | undefined) => Promise<CoreAnswer<Item>>,
): Promise<Paged<Item>> {
  const place = kept === undefined ? undefined : readPlace(kept);
  const answer = await ask(place);
  if (answer.kind === "page") return answer;
  if (answer.kind === "budget") return { kind: "spent" };
  const detail = sayFailure(answer);
  const isGone = place !== undefined && isRefused(answer);
  if (isGone || answer.kind === "snapshot_changed") return { kind: "stale", detail };
  return failedAs(answer, detail);
}

const REFUSED: ReadonlySet<number> = new Set([400, 404, 410, 422]);

const isRefused = (failure: { readonly kind: string; readonly status?: number }): boolean =>
  REFUSED.has(failure.status ?? 0);
