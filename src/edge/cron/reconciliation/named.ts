import type { CoreLine } from "../../../core/reconciliation/core-line.ts";
import type { LineName } from "../../../core/reconciliation/differ.ts";
import { shardOf } from "../../../core/reconciliation/shard.ts";
import { type Going, type Stop, stopOf } from "./going.ts";
import type { Snapshot } from "./ports.ts";
import {
  believe,
  doubtOrPass,
  isDoubted,
  isDoubtful,
  type NotTold,
  passOver,
  stopBefore,
} from "./unread.ts";

type Named =
  | {
      readonly kind: "named";
      readonly items: readonly CoreLine[];
      /** Ids that the core tells twice, or in no way that can be used. */
      readonly unread: ReadonlySet<string>;
    }
  | { readonly kind: "unsupported" }
  | { readonly kind: "stop"; readonly stop: Stop };

/**
 * The core's lines of these names, wherever they are. One of them that it tells twice, or not at all,
 * keeps nobody from the others: they are asked for in ever smaller parts.
 */
export async function linesNamed(
  going: Going,
  names: readonly LineName[],
  snapshot: Snapshot | undefined,
): Promise<Named> {
  const asked = { what: whatOf(names), shards: [] };
  const stop = await stopBefore(going, asked);
  if (stop !== undefined) return { kind: "stop", stop };
  const isAgain = isDoubted(going, asked);
  const told = await ask(
    going,
    { whole: names, snapshot, isAgain, ended: { isSpent: false } },
    names,
  );
  if (told.kind === "named") believe(going, asked);
  return told;
}

/** What a lookup is known by until it is answered. */
function whatOf(names: readonly LineName[]): string {
  const [first, ...more] = idsOf(names);
  return `line ${JSON.stringify(first)}${more.length > 0 ? ` and ${more.length} more` : ""}`;
}

const idsOf = (names: readonly LineName[]): readonly string[] => [
  ...new Set(names.map(({ line_id }) => line_id)),
];

interface Lookup {
  /** All that were to be looked up. */
  readonly whole: readonly LineName[];
  readonly snapshot: Snapshot | undefined;
  /** It failed in the call before: now its parts are asked for apart. */
  readonly isAgain: boolean;
  /** Nothing is left to ask with: the rest of it is not asked for. */
  readonly ended: { isSpent: boolean };
}

async function ask(going: Going, lookup: Lookup, names: readonly LineName[]): Promise<Named> {
  const ids = idsOf(names);
  if (ids.length === 0 || lookup.ended.isSpent) return unreadOf(ids);
  const told = await going.core.named(ids, lookup.snapshot);
  if (told.kind === "all") return { kind: "named", items: told.items, unread: new Set() };
  if (isFailed(told, { failure: "unsupported" })) return { kind: "unsupported" };
  // Told twice: that is a question of the line alone, and known at once.
  if (isFailed(told, { rule: "unique" })) {
    return ids.length === 1 ? unreadOf(ids) : askApart(going, lookup, names);
  }
  return lookup.isAgain ? again(going, lookup, { names, told }) : doubt(going, names, told);
}

const isFailed = (
  told: NotTold,
  by: { readonly failure?: string; readonly rule?: string },
): boolean =>
  told.kind === "failed" &&
  told.failure === (by.failure ?? told.failure) &&
  told.rule === (by.rule ?? told.rule);

const unreadOf = (ids: readonly string[]): Named => ({
  kind: "named",
  items: [],
  unread: new Set(ids),
});

function doubt(going: Going, names: readonly LineName[], told: NotTold): Named {
  const stop = isDoubtful(going, told)
    ? doubtOrPass(going, { what: whatOf(names), shards: [] }, told)
    : stopOf(told);
  return stop === undefined ? unreadOf(idsOf(names)) : { kind: "stop", stop };
}

async function again(
  going: Going,
  lookup: Lookup,
  { names, told }: { readonly names: readonly LineName[]; readonly told: NotTold },
): Promise<Named> {
  if (told.kind === "spent") {
    lookup.ended.isSpent = true;
    const detail = "The answers take more than a whole call may use up";
    return passed(going, lookup.whole, { detail, isLong: true });
  }
  if (!isDoubtful(going, told)) return { kind: "stop", stop: stopOf(told) };
  if (idsOf(names).length > 1) return askApart(going, lookup, names);
  return passed(going, names, { detail: told.kind === "failed" ? told.detail : "" });
}

function passed(
  going: Going,
  names: readonly LineName[],
  why: { readonly detail: string; readonly isLong?: true },
): Named {
  const { sha256 } = going.ports;
  const shards = new Set(names.map(({ distributor_id }) => shardOf(distributor_id, sha256)));
  const stop = passOver(going, { what: whatOf(names), shards: [...shards], ...why });
  return stop === undefined ? unreadOf(idsOf(names)) : { kind: "stop", stop };
}

async function askApart(going: Going, lookup: Lookup, names: readonly LineName[]): Promise<Named> {
  const byId = [...Map.groupBy(names, ({ line_id }) => line_id).values()];
  const middle = Math.ceil(byId.length / 2);
  const first = await ask(going, lookup, byId.slice(0, middle).flat());
  if (first.kind !== "named") return first;
  const second = await ask(going, lookup, byId.slice(middle).flat());
  if (second.kind !== "named") return second;
  return {
    kind: "named",
    items: [...first.items, ...second.items],
    unread: new Set([...first.unread, ...second.unread]),
  };
}
