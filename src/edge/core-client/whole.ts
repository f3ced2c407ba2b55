import type { CoreAnswer } from "./client.ts";
import { sayFailure } from "./failure.ts";
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
    }
  | { readonly kind: "spent" }
  | { readonly kind: "stale"; readonly detail: string }
  | {
      readonly kind: "failed";
      readonly failure: string;
      readonly detail: string;
      /** The first rule of the interface that the answer breaks. */
      readonly rule?: string;
    };

/** Asks page after page; all of them are as of the first one's state. */
export async function whole<Item>(
  ask: (place: Place | undefined) => Promise<CoreAnswer<Item>>,
): Promise<Whole<Item>> {
  const items: Item[] = [];
  let place: Place | undefined;
  for (;;) {
    const answer = await ask(place);
    if (answer.kind === "budget") return { kind: "spent" };
    if (answer.kind !== "page") {
      const detail = sayFailure(answer);
      if (answer.kind === "snapshot_changed") return { kind: "stale", detail };
      const rule = answer.kind === "malformed" ? answer.errors[0]?.rule : undefined;
      return { kind: "failed", failure: answer.kind, detail, ...(rule !== undefined && { rule }) };
    }
    items.push(...answer.items);
    place = answer.next;
    if (place === undefined) {
      const { snapshot, partDigits } = answer;
      return { kind: "all", items, snapshot, ...(partDigits !== undefined && { partDigits }) };
    }
  }
}
