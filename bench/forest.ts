/** How deep a company is, whatever its size. */
export const DEPTH = 30;

/** A company of numbered distributors: the top is 0, and each level is wider than the one above. */
export interface Forest {
  readonly size: number;
  /** By number; the top's is −1. */
  readonly parents: Int32Array;
  /** The number with which each level begins, the top's first; one more for the end. */
  readonly levels: readonly number[];
}

const sizeAt = (growth: number): number =>
  Array.from({ length: DEPTH + 1 }, (_, level) => growth ** level).reduce((a, b) => a + b);

/** How the levels have to widen so that so many of them hold `size`. */
function growthOf(size: number): number {
  let [low, high] = [1, size];
  for (let i = 0; i < 60; i += 1) {
    const middle = (low + high) / 2;
    if (sizeAt(middle) < size) low = middle;
    else high = middle;
  }
  return low;
}

/** Numbers that look drawn and are the same in every run. */
export function createDraw(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 3_266_489_917) >>> 0;
    return state % below;
  };
}

/** Grows a company: everybody hangs under somebody of the level above. */
export function grow(size: number): Forest {
  const growth = growthOf(size);
  const levels = [0];
  let width = 1;
  for (let level = 0; level < DEPTH; level += 1) {
    levels.push((levels.at(-1) ?? 0) + Math.max(1, Math.round(width)));
    width *= growth;
  }
  levels.push(size);
  const parents = new Int32Array(size).fill(-1);
  const draw = createDraw(size);
  for (let level = 1; level <= DEPTH; level += 1) {
    const [aboveFirst = 0, first = 0, end = 0] = levels.slice(level - 1, level + 2);
    for (let i = first; i < end; i += 1) parents[i] = aboveFirst + draw(first - aboveFirst);
  }
  return { size, parents, levels };
}

export const nameOf = (i: number): string => `D${i}`;

/** Everybody above, nearest first, by number. */
export function above({ parents }: Forest, node: number): readonly number[] {
  const path: number[] = [];
  for (let at = parents[node] ?? -1; at >= 0; at = parents[at] ?? -1) path.push(at);
  return path;
}

interface Company {
  readonly tenant: string;
  readonly forest: Forest;
  /** The pay rank of somebody, by number. */
  readonly rankOf: (i: number) => string;
}

const ROWS_AT_ONCE = 2000;
const ENROLLED_MS = Date.parse("2026-01-31T00:00:00Z");

// What the projection writes of an enrolment and a rank, but for the events and the logs behind
// them: the objects are born by their first event, so the mirror has nothing of them yet.
const EDGES = `INSERT INTO edges (tenant, tree, node, version, node_kind, effective_ms, parent_id, leg)
  SELECT ?1, 'sponsor', value ->> '$[0]', 'e0000000000000000.01.0', 'distributor', ?3, value ->> '$[1]', NULL
  FROM json_each(?2)`;
const ENROLMENTS = `INSERT INTO standings (tenant, distributor_id, kind, period_id, epoch, rev, effective_ms, value)
  SELECT ?1, value ->> '$[0]', 'enrolment', '', 0, '0', ?3, json_object('sponsor_id', value ->> '$[1]',
    'placement_id', NULL, 'leg', NULL, 'status', 'active', 'country', 'US')
  FROM json_each(?2)`;
const RANKS = `INSERT INTO standings (tenant, distributor_id, kind, period_id, epoch, rev, effective_ms, value)
  SELECT ?1, value ->> '$[0]', 'rank', '2026-11', 0, '1', ?3,
    json_object('pay_rank', value ->> '$[2]', 'career_rank', value ->> '$[2]')
  FROM json_each(?2)`;
const SUBJECTS = `INSERT INTO subjects (tenant, subject, position, head, as_of_ms)
  SELECT ?1, 'dist:' || (value ->> '$[0]'), 0, '', ?3 FROM json_each(?2)`;

/** Where a company's rows go. */
interface Database {
  prepare(sql: string): { bind(...values: unknown[]): { run(): Promise<unknown> } };
}

/** Lays a company's rows straight into a mirror, as if everybody had been enrolled long ago. */
export async function layForest(
  database: Database,
  { tenant, forest, rankOf }: Company,
): Promise<void> {
  const { size, parents } = forest;
  for (let first = 0; first < size; first += ROWS_AT_ONCE) {
    const rows = Array.from({ length: Math.min(ROWS_AT_ONCE, size - first) }, (_, k) => {
      const parent = parents[first + k] ?? -1;
      return [nameOf(first + k), parent < 0 ? null : nameOf(parent), rankOf(first + k)];
    });
    for (const sql of [EDGES, ENROLMENTS, RANKS, SUBJECTS]) {
      await database.prepare(sql).bind(tenant, JSON.stringify(rows), ENROLLED_MS).run();
    }
  }
}
