import type { SeenNode, TreeSurroundings } from "#src/core/genealogy/forest.ts";
import type { Ancestor, Lineage, LineageGap, TreeName } from "#src/core/genealogy/lineage.ts";
import type { Edge, Effects, Entry, OrderRow, Standing } from "#src/core/subject/entry.ts";
import type { Lineages, Want } from "#src/core/subject/surroundings.ts";

/** A row of the mirror's log of a subject. */
export interface MirroredRow {
  readonly subject: string;
  readonly entry: Entry;
}

interface Change {
  /** Empty for whoever is above an order. */
  readonly node: string;
  readonly at_ms: number;
}

/** What somebody has to be told of yet. */
interface Outbox {
  readonly changes: readonly Change[];
  /** Somebody hangs otherwise: a sale that waits for a way up may have one. */
  readonly isRehung: boolean;
}

/** What D1 knows, and what is read of it: by scanning, where D1 has indices. */
export class Mirror {
  readonly #edges = new Map<string, Edge[]>();
  readonly #standings = new Map<string, Standing[]>();
  readonly aliases = new Map<string, string>();
  readonly orders = new Map<string, OrderRow>();
  /** Parked events that their objects keep, by our id. */
  readonly held = new Map<string, { readonly subject: string; readonly needs: string }>();
  /** What became known of people and plans, from when it holds, and no order was told of yet. */
  outbox: Outbox = { changes: [], isRehung: false };
  /** Who could not be found when sales were priced anew; the value says whether it has bought. */
  missing = new Map<string, boolean>();
  readonly #periods = new Set<string>();

  take({ subject, entry }: MirroredRow): void {
    const { effects, event, needs } = entry;
    if (event !== undefined) this.held.delete(event.event_id);
    if (event !== undefined && entry.outcome === "parked" && needs !== undefined) {
      this.held.set(event.event_id, { subject, needs });
    }
    for (const edge of effects.edges ?? []) push(this.#edges, edge.node, edge);
    for (const standing of effects.standings ?? []) {
      push(this.#standings, subject.slice("dist:".length), standing);
    }
    for (const alias of effects.aliases ?? []) this.aliases.set(alias, subject);
    if (effects.order !== undefined) this.orders.set(effects.order.order_id, effects.order);
    if (effects.record?.kind === "period") this.#periods.add(effects.record.id);
    const rehung = (effects.edges ?? []).flatMap((edge) => this.#changeOf(edge));
    const restood = this.#standingChanges(subject.slice("dist:".length), effects);
    this.tell([...rehung, ...restood], rehung.length > 0);
  }

  tell(more: readonly Change[], isRehung = false): void {
    const { changes, isRehung: before } = this.outbox;
    this.outbox = { changes: [...changes, ...more], isRehung: before || isRehung };
  }

  /** Empties the outbox, with those whom somebody waits for and who are known by now. */
  takeOutbox(): Outbox {
    const { changes, isRehung } = this.outbox;
    this.outbox = { changes: [], isRehung: false };
    const found = [...this.missing].filter(([node, isSource]) =>
      this.#edges.get(node)?.some(({ node_kind }) => isSource || node_kind === "distributor"),
    );
    for (const [node] of found) this.missing.delete(node);
    return { changes: [...changes, ...found.map(([node]) => ({ node, at_ms: 0 }))], isRehung };
  }

  /** Nobody was paid by another edge than the first; the earliest one holds from ever. */
  #changeOf(edge: Edge): readonly Change[] {
    const { node, version, effective_ms } = edge;
    const others = (this.#edges.get(node) ?? []).filter((other) => other.version !== version);
    const isNews = others.some(
      ({ tree, node_kind, parent_id }) =>
        (tree === edge.tree || tree === "sponsor") &&
        (node_kind !== edge.node_kind || parent_id !== edge.parent_id),
    );
    if (!isNews) return [];
    const isMove = (each: Edge) => each.version.startsWith("m");
    const isEarliest =
      !isMove(edge) &&
      !others.some(
        (other) =>
          other.tree === edge.tree &&
          other.node_kind === edge.node_kind &&
          !isMove(other) &&
          other.effective_ms < effective_ms,
      );
    return [{ node, at_ms: isEarliest ? 0 : effective_ms }];
  }

  #standingChanges(node: string, { standings = [] }: Effects): readonly Change[] {
    const enrolments = (this.#standings.get(node) ?? []).filter(({ kind }) => kind === "enrolment");
    return standings.flatMap(({ kind, effective_ms, value }) => {
      if (kind !== "enrolment") return [{ node, at_ms: effective_ms }];
      if (enrolments.every((other) => other.value["status"] === value["status"])) return [];
      const isEarliest = enrolments.every((other) => other.effective_ms >= effective_ms);
      return [{ node, at_ms: isEarliest ? 0 : effective_ms }];
    });
  }

  /** Orders paid when these changes held, of those that somebody of them ever was above. */
  touched(changes: readonly Change[]): readonly OrderRow[] {
    return [...this.orders.values()].filter(({ source_node, paid_ms }) => {
      if (source_node === null || paid_ms === null) return false;
      const above = this.#everAbove(source_node);
      return changes.some(
        ({ node, at_ms }) => at_ms <= paid_ms && (node === "" || above.has(node)),
      );
    });
  }

  #everAbove(node: string): ReadonlySet<string> {
    const above = new Set([node]);
    for (const id of above) {
      for (const { parent_id } of this.#edges.get(id) ?? []) {
        if (parent_id !== null) above.add(parent_id);
      }
    }
    return above;
  }

  closed(): readonly string[] {
    return [...this.#periods];
  }

  /** Whether somebody is known by a name: `payment:P1`, `node:B`. */
  knows(need: string): boolean {
    return need.startsWith("node:") ? this.#edges.has(need.slice(5)) : this.aliases.has(need);
  }

  /** Every distributor there is, and these, enrolled or not. */
  tree(asked: readonly string[]): TreeSurroundings {
    const nodes = [...new Set([...asked, ...this.#edges.keys()])];
    return {
      nodes: nodes.map((node): SeenNode => ({
        node,
        edges: this.#edges.get(node)?.filter((edge) => edge.node_kind === "distributor") ?? [],
        has_legs: true,
      })),
    };
  }

  lineages(want: Want): Lineages {
    return {
      ...want,
      sponsor: this.#way("sponsor", want),
      placement: this.#way("placement", want),
    };
  }

  #way(tree: TreeName, { node, at_ms }: Want): Lineage | LineageGap {
    const passed: Ancestor[] = [];
    let at: string | null = node;
    while (at !== null) {
      const id: string = at;
      if (passed.some((each) => each.id === id)) return { kind: "cycle", node: id };
      const edge = this.#edgeAt(tree, id, { at_ms, isSource: passed.length === 0 });
      if (edge === undefined) return { kind: "unknown", node: id };
      const isCustomer = edge.node_kind === "customer";
      const standing = isCustomer ? NOBODY : this.#standingAt(id, at_ms);
      passed.push({ id, depth: passed.length, leg: edge.leg, ...standing });
      at = edge.parent_id;
    }
    const [source, ...upline] = passed;
    return source === undefined ? { kind: "unknown", node } : { node, at_ms, tree, source, upline };
  }

  #edgeAt(
    tree: TreeName,
    node: string,
    { at_ms, isSource }: { readonly at_ms: number; readonly isSource: boolean },
  ): Edge | undefined {
    const all = (this.#edges.get(node) ?? []).filter(
      (edge) => edge.tree === tree && (isSource || edge.node_kind === "distributor"),
    );
    const inForce = all.filter(({ effective_ms }) => effective_ms <= at_ms);
    const found =
      inForce.toSorted(byVersion).at(-1) ??
      all
        .filter(({ version }) => !version.startsWith("m"))
        .toSorted((a, b) => a.effective_ms - b.effective_ms || byVersion(b, a))[0];
    if (found !== undefined || tree === "sponsor") return found;
    return this.#edgeAt("sponsor", node, { at_ms, isSource });
  }

  #standingAt(node: string, at_ms: number): Omit<Ancestor, "id" | "depth" | "leg"> {
    const all = this.#standings.get(node) ?? [];
    const latest = (kind: Standing["kind"]) =>
      all
        .filter((each) => each.kind === kind && each.effective_ms <= at_ms)
        .toSorted(byRevision)
        .at(-1)?.value;
    const first = all
      .filter(({ kind }) => kind === "enrolment")
      .toSorted((a, b) => a.effective_ms - b.effective_ms || byRevision(b, a))[0]?.value;
    return {
      status: text((latest("status") ?? latest("enrolment") ?? first)?.["status"]),
      rank: text(latest("rank")?.["pay_rank"]),
      pv_x100: number(latest("volume")?.["pv_x100"]),
    };
  }
}

const NOBODY = { status: null, rank: null, pv_x100: null };

const byVersion = (a: Edge, b: Edge): number =>
  a.version === b.version ? 0 : a.version < b.version ? -1 : 1;

const byRevision = (a: Standing, b: Standing): number =>
  a.epoch - b.epoch || Number(BigInt(a.rev) - BigInt(b.rev)) || a.effective_ms - b.effective_ms;

type Value = string | number | null | undefined;
const text = (value: Value) => (typeof value === "string" ? value : null);
const number = (value: Value) => (typeof value === "number" ? value : null);

function push<Item>(lists: Map<string, Item[]>, name: string, item: Item): void {
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [item]);
  else list.push(item);
}
