import { env } from "cloudflare:workers";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { edgeAt, edgeOfCustomer, edgeOfMove, edgesOfEnrolment } from "#src/core/genealogy/edge.ts";
import type { TreeName } from "#src/core/genealogy/lineage.ts";
import type { Edge } from "#src/core/subject/entry.ts";
import { DEPTH_MAX, readLineages } from "#src/edge/d1/reads/lineages.ts";
import { readTreeSurroundings } from "#src/edge/d1/reads/moves.ts";
import { runs } from "../../support/runs.ts";
import { planOf, putEdges, putStandings, scansOf, watched } from "./support.ts";

const tenantOf = () => `t${crypto.randomUUID()}`;

const enrolled = (node: string, sponsor: string | null, effective_ms = 0, more: object = {}) =>
  edgesOfEnrolment(
    node,
    { sponsor_id: sponsor, placement_id: null, leg: null, ...more },
    { epoch: 0, rev: "1", effective_ms, ...more },
  );

const moved = (node: string, parent: string, effective_ms: number, more: object = {}): Edge =>
  edgeOfMove({
    distributor_id: node,
    tree: "sponsor",
    parent_id: parent,
    leg: null,
    effective_ms,
    source: "core",
    epoch: 0,
    seq: 1,
    ...more,
  });

const linked = (node: string, enroller: string, effective_ms = 0) =>
  edgeOfCustomer(node, enroller, { epoch: 0, rev: "1", effective_ms });

const person = (id: string, depth: number, more: object = {}) => ({
  id,
  depth,
  leg: null,
  status: null,
  rank: null,
  pv_x100: null,
  ...more,
});

async function ask(tenant: string, node: string, at_ms: number, db: D1Database = env.MIRROR_0) {
  const [answer] = await readLineages(db, [{ tenant, node, at_ms }]);
  if (answer === undefined) throw new Error("No answer");
  return answer;
}

const idsOf = (lineage: object): unknown =>
  "upline" in lineage && Array.isArray(lineage.upline)
    ? lineage.upline.map(({ id }: { id: string }) => id)
    : lineage;

describe("readLineages()", () => {
  test("walks up from a customer, along placements where there are some", async () => {
    const tenant = tenantOf();
    await putEdges(tenant, [
      ...enrolled("TOP", null),
      ...enrolled("S", "TOP"),
      ...enrolled("P", "S", 0, { placement_id: "S", leg: "L" }),
      ...enrolled("42", "S", 0, { placement_id: "P", leg: "R" }),
      linked("C", "42"),
    ]);
    expect(await ask(tenant, "C", 5)).toEqual({
      tenant,
      node: "C",
      at_ms: 5,
      sponsor: {
        node: "C",
        at_ms: 5,
        tree: "sponsor",
        source: person("C", 0),
        upline: [person("42", 1), person("S", 2), person("TOP", 3)],
      },
      placement: {
        node: "C",
        at_ms: 5,
        tree: "placement",
        source: person("C", 0),
        upline: [
          person("42", 1, { leg: "R" }),
          person("P", 2, { leg: "L" }),
          person("S", 3),
          person("TOP", 4),
        ],
      },
    });
  });

  test("reads standings as of the instant: highest revision in force, not latest", async () => {
    const tenant = tenantOf();
    await putEdges(tenant, [...enrolled("A", null), ...enrolled("B", "A")]);
    const rank = (rev: string, effective_ms: number, pay_rank: string, period_id: string) =>
      ({ id: "A", kind: "rank", rev, effective_ms, period_id, value: { pay_rank } }) as const;
    await putStandings(tenant, [
      { id: "A", kind: "enrolment", rev: "1", effective_ms: 50, value: { status: "active" } },
      { id: "A", kind: "status", rev: "9", effective_ms: 30, value: { status: "grace" } },
      { id: "A", kind: "status", rev: "10", effective_ms: 20, value: { status: "suspended" } },
      rank("3", 10, "gold", "p2"),
      rank("2", 20, "silver", "p3"),
      rank("1", 5, "bronze", "p1"),
      {
        id: "A",
        kind: "volume",
        rev: "1",
        effective_ms: 20,
        period_id: "p",
        value: { pv_x100: 7 },
      },
    ]);
    const at = async (ms: number) => {
      const { sponsor } = await ask(tenant, "B", ms);
      return "upline" in sponsor ? sponsor.upline : sponsor;
    };
    expect(await at(4)).toEqual([person("A", 1, { status: "active" })]);
    expect(await at(5)).toEqual([person("A", 1, { status: "active", rank: "bronze" })]);
    expect(await at(30)).toEqual([
      person("A", 1, { status: "suspended", rank: "gold", pv_x100: 7 }),
    ]);
  });

  test("follows moves from their instants on", async () => {
    const tenant = tenantOf();
    await putEdges(tenant, [
      ...enrolled("A", null),
      ...enrolled("B", "A"),
      ...enrolled("C", "A", 10),
      moved("C", "B", 20),
    ]);
    const at = async (ms: number) => idsOf((await ask(tenant, "C", ms)).sponsor);
    expect(await at(5)).toEqual(["A"]);
    expect(await at(19)).toEqual(["A"]);
    expect(await at(20)).toEqual(["B", "A"]);
  });

  test.each([
    { what: "a source that is not known", edges: [], node: "X", gap: "unknown", at: "X" },
    {
      what: "somebody above who is not enrolled",
      edges: enrolled("X", "Y"),
      node: "X",
      gap: "unknown",
      at: "Y",
    },
    {
      what: "a customer above",
      edges: [...enrolled("X", "Y"), linked("Y", "X")],
      node: "X",
      gap: "unknown",
      at: "Y",
    },
    {
      what: "a circle",
      edges: [...enrolled("X", "Y"), ...enrolled("Y", "Z"), ...enrolled("Z", "Y")],
      node: "X",
      gap: "cycle",
      at: "Y",
    },
  ])("tells of $what", async ({ edges, node, gap, at }) => {
    const tenant = tenantOf();
    await putEdges(tenant, edges);
    const expected = { kind: gap, node: at };
    const answer = await ask(tenant, node, 5);
    expect(answer).toMatchObject({ sponsor: expected, placement: expected });
  });

  test("takes who was a customer first for what the person is at the instant", async () => {
    const tenant = tenantOf();
    await putEdges(tenant, [
      ...enrolled("A", null),
      ...enrolled("B", "A"),
      linked("X", "B", 10),
      ...enrolled("X", "A", 20),
    ]);
    await putStandings(tenant, [
      { id: "X", kind: "enrolment", rev: "1", effective_ms: 20, value: { status: "active" } },
    ]);
    const at = async (ms: number) => (await ask(tenant, "X", ms)).sponsor;
    expect(await at(15)).toMatchObject({ source: { status: null }, upline: [{ id: "B" }, {}] });
    expect(await at(20)).toMatchObject({ source: { status: "active" }, upline: [{ id: "A" }] });
  });

  test("goes so far and no further", async () => {
    const tenant = tenantOf();
    const chain = Array.from({ length: DEPTH_MAX + 2 }, (_, i) =>
      enrolled(`n${i}`, i === 0 ? null : `n${i - 1}`),
    );
    await putEdges(tenant, chain.flat());
    const inside = await ask(tenant, `n${DEPTH_MAX - 1}`, 5);
    expect(inside.sponsor).toMatchObject({ upline: { length: DEPTH_MAX - 1 } });
    expect(await ask(tenant, `n${DEPTH_MAX}`, 5)).toMatchObject({
      sponsor: { kind: "cycle", node: "n0" },
    });
  });

  test("answers many asks of many tenants in one statement that looks up and never scans", async () => {
    const [one, two] = [tenantOf(), tenantOf()];
    await putEdges(one, [...enrolled("A", null), ...enrolled("B", "A")]);
    await putEdges(two, [...enrolled("Z", null), ...enrolled("B", "Z")]);
    const { db, asked } = watched();
    const asks = [
      { tenant: one, node: "B", at_ms: 5 },
      { tenant: two, node: "B", at_ms: 5 },
      { tenant: one, node: "B", at_ms: 5 },
      { tenant: two, node: "A", at_ms: 5 },
    ];
    const answers = await readLineages(db, asks);
    expect(answers.map(({ sponsor }) => idsOf(sponsor))).toEqual([
      ["A"],
      ["Z"],
      ["A"],
      { kind: "unknown", node: "A" },
    ]);
    expect(await readLineages(db, [])).toEqual([]);
    expect(asked).toHaveLength(1);
    for (const query of asked) {
      const plan = await planOf(query);
      expect(plan.some((step) => /SEARCH e USING PRIMARY KEY/.test(step))).toBe(true);
      expect(plan.some((step) => /SEARCH s USING PRIMARY KEY/.test(step))).toBe(true);
      expect(scansOf(plan)).toEqual([]);
    }
  });

  test("reads as many rows in a company of 10 000 as in one of 1 000", async () => {
    const DEPTH = 30;
    const rowsOf = async (people: number) => {
      const tenant = tenantOf();
      const all = Array.from({ length: people }, (_, i) => i);
      // A chain of thirty, and everybody else in its frontlines.
      const parent = (i: number) => (i < DEPTH ? i - 1 : i % DEPTH);
      const edges = all.flatMap((i) => enrolled(`n${i}`, i === 0 ? null : `n${parent(i)}`));
      await putEdges(tenant, edges);
      await putStandings(
        tenant,
        all.map((i) => ({
          id: `n${i}`,
          kind: "enrolment",
          rev: "1",
          effective_ms: 0,
          value: { status: "active" },
        })),
      );
      const { db, asked } = watched();
      const { sponsor } = await ask(tenant, `n${people - (people % DEPTH) - 1}`, 5, db);
      expect(sponsor).toMatchObject({ upline: { length: DEPTH } });
      return asked[0]?.rowsRead;
    };
    expect(await rowsOf(10_000)).toBe(await rowsOf(1000));
  });
});

/** Any edges of few people, sound or not: unknown parents, circles, customers, moves at any time. */
const anyEdges: fc.Arbitrary<readonly Edge[]> = fc
  .uniqueArray(
    fc.record({
      node: fc.nat(5),
      parent: fc.option(fc.nat(6)),
      tree: fc.constantFrom("sponsor" as const, "placement" as const),
      origin: fc.constantFrom("customer" as const, "enrolment" as const, "move" as const),
      n: fc.nat(12),
      effective_ms: fc.nat(6),
      leg: fc.constantFrom("L" as const, "R" as const, null),
    }),
    { maxLength: 16, selector: ({ node, tree, origin, n }) => `${node} ${tree} ${origin} ${n}` },
  )
  .map((drawn) =>
    drawn.flatMap(({ node: i, parent: j, tree, origin, n, effective_ms, leg }) => {
      const node = `n${i}`;
      const parent = j === null ? null : `n${j}`;
      const at = { epoch: 0, rev: String(n), effective_ms };
      if (origin === "move") {
        return [moved(node, parent ?? "n0", effective_ms, { tree, leg, seq: n })];
      }
      if (origin === "customer") return [edgeOfCustomer(node, parent ?? "n0", at)];
      const under = { sponsor_id: parent, placement_id: parent, leg };
      return edgesOfEnrolment(node, under, at).filter((edge) => edge.tree === tree);
    }),
  )
  .map((edges) => [
    ...new Map(edges.map((edge) => [`${edge.tree} ${edge.node} ${edge.version}`, edge])).values(),
  ]);

/** The same reading, step by step, by the core's own function. */
function naiveUpline(
  edges: readonly Edge[],
  tree: TreeName,
  source: string,
  atMs: number,
): unknown {
  const passed: string[] = [];
  const edgeOf = (node: string) => {
    const own = edges.filter(
      (edge) => edge.node === node && (passed.length === 0 || edge.node_kind === "distributor"),
    );
    const at = (of: TreeName) =>
      edgeAt(
        own.filter((edge) => edge.tree === of),
        atMs,
      );
    return (tree === "placement" ? at("placement") : undefined) ?? at("sponsor");
  };
  for (let node: string | null = source; node !== null;) {
    const edge = edgeOf(node);
    if (edge === undefined) return { kind: "unknown", node };
    if (passed.includes(node)) return { kind: "cycle", node };
    passed.push(node);
    node = edge.parent_id;
  }
  return passed.slice(1);
}

describe("readLineages() with any edges at all", () => {
  test("finds what a walk by the core's own reading finds", async () => {
    const nodes = [0, 1, 2, 3, 4, 5, 6].map((i) => `n${i}`);
    const instants = [0, 2, 3, 5, 9];
    await fc.assert(
      fc.asyncProperty(anyEdges, async (edges) => {
        const tenant = tenantOf();
        await putEdges(tenant, edges);
        const asks = nodes.flatMap((node) => instants.map((at_ms) => ({ tenant, node, at_ms })));
        const answers = await readLineages(env.MIRROR_0, asks);
        const found = answers.map(({ sponsor, placement }) => [idsOf(sponsor), idsOf(placement)]);
        const walked = asks.map(({ node, at_ms }) => [
          naiveUpline(edges, "sponsor", node, at_ms),
          naiveUpline(edges, "placement", node, at_ms),
        ]);
        expect(found).toEqual(walked);
      }),
      { numRuns: runs(40) },
    );
  });
});

describe("readTreeSurroundings()", () => {
  test("tells of all who were or will be above, and of who hangs in the legs", async () => {
    const tenant = tenantOf();
    const edges = [
      ...enrolled("A", null),
      ...enrolled("B", "A"),
      ...enrolled("C", "B"),
      ...enrolled("D", "A"),
      moved("C", "D", 99),
      ...enrolled("E", "A", 0, { placement_id: "C", leg: "L" }),
      ...enrolled("F", "C", 0, { placement_id: "C" }),
      ...enrolled("G", "C"),
      linked("C", "G"),
    ];
    await putEdges(tenant, edges);
    const { db, asked } = watched();
    const asks = [
      { tenant, node: "C" },
      { tenant, node: "NEW" },
    ];
    const seen = (await readTreeSurroundings(db, asks)).get(tenant)?.nodes ?? [];
    const known = Object.fromEntries(seen.map(({ node, ...more }) => [node, more]));
    const of = (node: string, has_legs = false) => ({
      edges: edges
        .filter((edge) => edge.node === node && edge.node_kind === "distributor")
        .toSorted((a, b) => (a.tree + a.version < b.tree + b.version ? -1 : 1)),
      has_legs,
    });
    expect(known).toEqual({
      A: of("A"),
      B: of("B"),
      C: of("C", true),
      D: of("D"),
      E: of("E"),
      NEW: { edges: [], has_legs: true },
    });
    expect(asked).toHaveLength(1);
    for (const query of asked) expect(scansOf(await planOf(query))).toEqual([]);
  });

  test("ends where edges run in a circle, keeps tenants apart, and asks nothing for nothing", async () => {
    const [one, two] = [tenantOf(), tenantOf()];
    await putEdges(one, [...enrolled("A", "B"), ...enrolled("B", "A")]);
    await putEdges(two, enrolled("A", null));
    const asks = [one, two].map((tenant) => ({ tenant, node: "A" }));
    const found = await readTreeSurroundings(env.MIRROR_0, asks);
    expect(found.get(one)?.nodes.map(({ node }) => node)).toEqual(["A", "B"]);
    expect(found.get(two)?.nodes.map(({ node }) => node)).toEqual(["A"]);
    const { db, asked } = watched();
    expect(await readTreeSurroundings(db, [])).toEqual(new Map());
    expect(asked).toEqual([]);
  });

  test("leaves the sponsors of who has a placement out of the placement tree", async () => {
    const tenant = tenantOf();
    await putEdges(tenant, [
      ...enrolled("A", null),
      ...enrolled("S", "A"),
      ...enrolled("P", "A", 0, { placement_id: "A" }),
      ...enrolled("N", "S", 0, { placement_id: "P" }),
    ]);
    const found = await readTreeSurroundings(env.MIRROR_0, [{ tenant, node: "P" }]);
    expect(found.get(tenant)?.nodes.map(({ node }) => node)).toEqual(["A", "P"]);
  });
});
