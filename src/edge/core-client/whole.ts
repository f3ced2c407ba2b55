import type { CoreAnswer } from "./client.ts";
import type { OddItem } from "../../core/reconciliation/wire-sift.ts";
import { type CoreFailure, sayFailure } from "./failure.ts";
import type { Place } from "./place.ts";
import type { Snapshot } from "../../core/reconciliation/wire.ts";

/** A listing to its end, or what kept it from that. */
export type Whole<Item> =
  | {
      readonly kind: "all";
      readonly items: readonly Item[];
      readonly snapshot: Snapshot;
      /** Digests of parts: how many digits parts of this core may have; absent: one. */
      readonly partDigits?: number;
      /** Items that break the interface, left out. */
      readonly odd?: readonly OddItem[];
    }
  | { readonly kind: "spent" }
  | { readonly kind: "stale"; readonly detail: string }
  | {
      readonly kind: "failed";
      readonly failure: string;
      readonly detail: string;
      /** The first rule of the interface that the answer breaks. */
      readonly rule?: string;
      /** Of an answer that is an error. */
      readonly status?: number;
    };

/** Asks page after page; all of them are as of the first one's state. */
export async function whole<Item>(
  ask: (place: Place | undefined) => Promise<CoreAnswer<Item>>,
): Promise<Whole<Item>> {
  const items: Item[] = [];
  const odd: OddItem[] = [];
  let place: Place | undefined;
  for (;;) {
    const answer = await ask(place);
    if (answer.kind === "budget") return { kind: "spent" };
    if (answer.kind !== "page") {
      const detail = sayFailure(answer);
      if (answer.kind === "snapshot_changed") return { kind: "stale", detail };
      return failedAs(answer, detail);
    }
    items.push(...answer.items);
    odd.push(...(answer.odd ?? []));
    place = answer.next;
    if (place === undefined) {
      const { snapshot, partDigits } = answer;
      const more = partDigits === undefined ? {} : { partDigits };
      return { kind: "all", items, snapshot, ...more, ...(odd.length > 0 && { odd }) };
    }
  }
}

/** What went wrong, as a run looks at it. */
export function failedAs(
  failure: Exclude<CoreFailure, { readonly kind: "snapshot_changed" }>,
  detail: string,
): Extract<Whole<never>, { readonly kind: "failed" }> {
  const rule = failure.kind === "malformed" ? failure.errors[0]?.rule : undefined;
  return {
    kind: "failed",
    failure: failure.kind,
    detail,
    ...(rule !== undefined && { rule }),
    ...(failure.kind === "status" && { status: failure.status }),
  };
}
