import { env } from "cloudflare:workers";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createApi } from "#src/compose/api.ts";
import { createParts } from "#src/compose/parts.ts";
import { edgeAt, edgeOfCustomer, edgeOfMove, edgesOfEnrolment } from "#src/core/genealogy/edge.ts";
import type { TreeName } from "#src/core/genealogy/lineage.ts";
import type { Edge } from "#src/core/subject/entry.ts";
import { QUERIES_MAX } from "#src/edge/d1/reads/descent.ts";
import { treeReads } from "#src/edge/d1/reads/trees.ts";
import { cursorAt, nameOfList } from "#src/edge/http/cursor.ts";
import { DEPTH_MAX, treeRoutes } from "#src/edge/http/trees.ts";
import { TREE_ANSWERS } from "../../../scripts/openapi/tree-answers.ts";
import { runs } from "../../support/runs.ts";
import { type Asked, planOf, putEdges, putStandings, scansOf, watched } from "../d1/support.ts";
import { foundCompany, ORIGIN } from "../support/company.ts";

const NOW_MS = Date.UTC(2026, 6, 25);
const DAY_MS = 86_400_000;

interface Item {
  readonly distributor_id: string;
  readonly depth: number;
  readonly parent_id: string | null;
}

interface Page {
  readonly items: readonly Item[];
  readonly next_cursor: string | null;
}

interface Rig {
  readonly tenant: string;
  readonly asked: Asked[];
  /** What the routes take for now. */
  readonly clock: { nowMs: number };
  readonly get: (path: string, token?: string, known?: string) => Promise<Response>;
  readonly page: (path: string) => Promise<Page>;
  /** Every item of a list, read `limit` at a time, and how many parts it had. */
  readonly walk: (path: string, limit: number) => Promise<{ items: Item[]; parts: number }>;
}

async function treeRig(settings: object = {}): Promise<Rig> {
  const { tenant } = await foundCompany(settings);
  const { db, asked } = watched();
  const clock = { nowMs: NOW_MS };
  const routes = treeRoutes({ trees: treeReads(() => db), nowMs: () => clock.nowMs });
  const api = createApi(createParts(env), routes);
  const get = async (path: string, token = env.ADMIN_TOKEN, known = '""') =>
    api.fetch(
      new Request(`${ORIGIN}/v1/tenants/${tenant}/distributors/${path}`, {
        headers: { Authorization: `Bearer ${token}`, "If-None-Match": known },
      }),
    );
  const page = async (path: string) => {
    const response = await get(path);
    if (response.status !== 200) throw new Error(await response.text());
    const body = await response.json<Page>();
    for (const item of body.items) TREE_ANSWERS.TreeNode.parse(item);
    return body;
  };
  const walk = async (path: string, limit: number) => {
    const items: Item[] = [];
    let parts = 0;
    for (let cursor: string | null = ""; cursor !== null; parts += 1) {
      if (parts > 500) throw new Error("This list does not end");
      const more = cursor === "" ? "" : `&cursor=${cursor}`;
      const part: Page = await page(`${path}&limit=${limit}${more}`);
      items.push(...part.items);
      cursor = part.next_cursor;
    }
    return { items, parts };
  };
  return { tenant, asked, clock, get, page, walk };
}

const enrolled = (node: string, sponsor: string | null, more: object = {}) =>
  edgesOfEnrolment(
    node,
    { sponsor_id: sponsor, placement_id: null, leg: null, ...more },
    { epoch: 0, rev: "1", effective_ms: 0, ...more },
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

const linked = (node: string, enroller: string) =>
  edgeOfCustomer(node, enroller, { epoch: 0, rev: "1", effective_ms: 0 });

const idsOf = ({ items }: { readonly items: readonly Item[] }) =>
  items.map(({ distributor_id }) => distributor_id);

/** A > B > C, and D under A; C moves from B to D on the second day. */
const FAMILY = [
  ...enrolled("A", null),
  ...enrolled("B", "A"),
  ...enrolled("C", "B"),
  ...enrolled("D", "A"),
  ...enrolled("E", "C"),
  linked("CUST", "A"),
  moved("C", "D", 2 * DAY_MS),
];

describe("GET …/distributors/{id}/upline", () => {
  test("shows who is above, nearest first, with standings as of the instant", async () => {
    const { tenant, page } = await treeRig();
    await putEdges(tenant, [...FAMILY, ...enrolled("F", "E", { placement_id: "D", leg: "R" })]);
    await putStandings(tenant, [
      { id: "D", kind: "enrolment", rev: "1", effective_ms: DAY_MS, value: { status: "active" } },
      { id: "D", kind: "rank", rev: "1", effective_ms: 0, value: { pay_rank: "gold" } },
    ]);
    await env.MIRROR_0.prepare(
      "INSERT INTO subjects (tenant, subject, position, head, display_name) VALUES (?, ?, 1, 'h', ?)",
    )
      .bind(tenant, "dist:D", "D. K.")
      .run();
    const none = { leg: null, name: null, status: null, rank: null, joined_at: null };
    const d = {
      name: "D. K.",
      status: "active",
      rank: "gold",
      joined_at: "1970-01-02T00:00:00.000Z",
    };
    expect(await page("E/upline")).toEqual({
      items: [
        { distributor_id: "C", depth: 1, parent_id: "D", ...none },
        { distributor_id: "D", depth: 2, parent_id: "A", ...none, ...d },
        { distributor_id: "A", depth: 3, parent_id: null, ...none },
      ],
      next_cursor: null,
    });
    expect(idsOf(await page("E/upline?as_of=1970-01-02"))).toEqual(["C", "B", "A"]);
    expect(idsOf(await page("F/upline"))).toEqual(["E", "C", "D", "A"]);
    expect(idsOf(await page("F/upline?tree=placement"))).toEqual(["D", "A"]);
  });

  test("goes on where a part ended, as of the same instant", async () => {
    const { tenant, walk, page } = await treeRig();
    const chain = Array.from({ length: 7 }, (_, i) =>
      enrolled(`n${i}`, i === 0 ? null : `n${i - 1}`),
    );
    await putEdges(tenant, chain.flat());
    const { items, parts } = await walk("n6/upline?tree=sponsor", 2);
    expect(idsOf({ items })).toEqual(["n5", "n4", "n3", "n2", "n1", "n0"]);
    expect(parts).toBe(3);
    const { next_cursor } = await page("n6/upline?limit=2&as_of=1970-01-01");
    await putEdges(tenant, [moved("n4", "n0", DAY_MS)]);
    expect(idsOf(await page(`n6/upline?limit=2&cursor=${next_cursor}`))).toEqual(["n3", "n2"]);
  });

  test("names last whom nobody has enrolled, and ends in a circle", async () => {
    const { tenant, page } = await treeRig();
    await putEdges(tenant, [
      ...enrolled("A", "GHOST"),
      ...enrolled("X", "Y"),
      ...enrolled("Y", "X"),
    ]);
    const { items } = await page("A/upline");
    expect(items).toMatchObject([{ distributor_id: "GHOST", depth: 1, parent_id: null }]);
    expect(idsOf(await page("X/upline"))).toEqual(["Y"]);
  });
});

describe("GET …/distributors/{id}/downline", () => {
  test("shows the frontline, and deeper levels where they are asked for", async () => {
    const { tenant, page } = await treeRig();
    await putEdges(tenant, FAMILY);
    const none = { leg: null, name: null, status: null, rank: null, joined_at: null };
    expect(await page("A/downline")).toEqual({
      items: [
        { distributor_id: "B", depth: 1, parent_id: "A", ...none },
        { distributor_id: "D", depth: 1, parent_id: "A", ...none },
      ],
      next_cursor: null,
    });
    const all = await page("A/downline?depth=50");
    expect(
      all.items.map(({ distributor_id: id, depth, parent_id }) => [id, depth, parent_id]),
    ).toEqual([
      ["B", 1, "A"],
      ["D", 1, "A"],
      ["C", 2, "D"],
      ["E", 3, "C"],
    ]);
    expect(idsOf(await page("B/downline?depth=9"))).toEqual([]);
    expect(idsOf(await page("B/downline?depth=9&as_of=1970-01-02"))).toEqual(["C", "E"]);
    expect(idsOf(await page("E/downline"))).toEqual([]);
  });

  test("leaves out who had not joined, and who is enrolled again elsewhere", async () => {
    const { tenant, page } = await treeRig();
    await putEdges(tenant, [
      ...enrolled("A", null),
      ...enrolled("B", "A", { effective_ms: 5 * DAY_MS }),
      ...enrolled("C", "A"),
      ...enrolled("C", "A", { rev: "2" }),
      ...enrolled("D", "A"),
      ...enrolled("D", "C", { rev: "2" }),
    ]);
    expect(idsOf(await page("A/downline?as_of=1970-01-05"))).toEqual(["C"]);
    expect(idsOf(await page("A/downline?as_of=1970-01-06&depth=2"))).toEqual(["B", "C", "D"]);
  });

  test("shows placements with their legs, then who hangs there for want of one", async () => {
    const { tenant, page } = await treeRig();
    await putEdges(tenant, [
      ...enrolled("A", null),
      ...enrolled("B", "A"),
      ...enrolled("D", "A", { placement_id: "A", leg: "R" }),
      ...enrolled("C", "B", { placement_id: "A", leg: "L" }),
      ...enrolled("E", "A", { placement_id: "B", leg: "L" }),
    ]);
    const { items } = await page("A/downline?tree=placement&depth=2");
    expect(items).toMatchObject([
      { distributor_id: "C", depth: 1, leg: "L" },
      { distributor_id: "D", depth: 1, leg: "R" },
      { distributor_id: "B", depth: 1, leg: null },
      { distributor_id: "E", depth: 2, leg: "L", parent_id: "B" },
    ]);
    expect(idsOf(await page("A/downline?depth=2"))).toEqual(["B", "D", "E", "C"]);
  });

  test("reads little of a company of 20 000 for a page of its frontline", async () => {
    const { tenant, asked, page, walk } = await treeRig();
    const WIDE = 1000;
    const id = (i: number) => `n${String(i).padStart(5, "0")}`;
    const edges = Array.from({ length: 20_000 }, (_, i) =>
      enrolled(id(i), i === 0 ? null : i <= WIDE ? id(0) : id(1 + (i % WIDE))),
    );
    await putEdges(tenant, edges.flat());
    const first = await page(`${id(0)}/downline?limit=50`);
    expect(idsOf(first)).toEqual(Array.from({ length: 50 }, (_, i) => id(i + 1)));
    expect(asked.reduce((sum, { rowsRead }) => sum + rowsRead, 0)).toBeLessThan(1500);
    for (const query of asked) expect(scansOf(await planOf(query))).toEqual([]);

    const { items, parts } = await walk(`${id(0)}/downline?depth=1`, 200);
    expect(idsOf({ items })).toEqual(Array.from({ length: WIDE }, (_, i) => id(i + 1)));
    expect(parts).toBe(WIDE / 200);
    const cursor = await cursorAtTheEnd(page, id(0));
    asked.length = 0;
    const second = await page(`${id(0)}/downline?depth=2&limit=50&cursor=${cursor}`);
    expect(second.items).toMatchObject(Array.from({ length: 50 }, () => ({ depth: 2 })));
    expect(asked.reduce((sum, { rowsRead }) => sum + rowsRead, 0)).toBeLessThan(6000);
    asked.length = 0;
    await page(`${id(0)}/downline?depth=2&limit=50&cursor=${second.next_cursor}`);
    for (const query of asked) expect(scansOf(await planOf(query))).toEqual([]);
  }, 60_000);

  test("goes on after a part in which it found nobody", async () => {
    const { tenant, asked, walk } = await treeRig();
    const customers = Array.from({ length: 13_000 }, (_, i) => linked(`c${i}`, "HOUSE"));
    await putEdges(tenant, [
      ...enrolled("HOUSE", null),
      ...customers,
      ...enrolled("z1", "HOUSE"),
      ...enrolled("z2", "z1"),
    ]);
    const { items, parts } = await walk("HOUSE/downline?depth=2", 10);
    expect(idsOf({ items })).toEqual(["z1", "z2"]);
    expect(parts).toBeGreaterThan(1);
    expect(asked.length / parts).toBeLessThan(QUERIES_MAX + 4);
  }, 60_000);

  test("ends a chain as deep as it goes, and one that goes round", async () => {
    const { tenant, walk } = await treeRig();
    const chain = Array.from({ length: DEPTH_MAX + 5 }, (_, i) =>
      enrolled(`n${i}`, i === 0 ? null : `n${i - 1}`),
    );
    await putEdges(tenant, [...chain.flat(), ...enrolled("X", "Y"), ...enrolled("Y", "X")]);
    const all = Array.from({ length: DEPTH_MAX }, (_, i) => `n${i + 1}`);
    for (const [limit, depth] of [
      [1, 6],
      [20, DEPTH_MAX],
      [200, DEPTH_MAX],
    ] as const) {
      const { items } = await walk(`n0/downline?depth=${depth}`, limit);
      expect(idsOf({ items })).toEqual(all.slice(0, depth));
    }
    const { items } = await walk("X/downline?depth=3", 5);
    expect(idsOf({ items })).toEqual(["Y", "X", "Y"]);
  }, 60_000);

  test("finds in any tree, in parts of any size, what a naive walk finds", async () => {
    await fc.assert(
      fc.asyncProperty(
        anyTree,
        fc.integer({ min: 1, max: 7 }),
        trees,
        async (edges, limit, tree) => {
          const rig = await treeRig();
          await putEdges(rig.tenant, edges);
          const path = `n0/downline?depth=6&tree=${tree}&as_of=1970-01-04`;
          const { items } = await rig.walk(path, limit);
          const shown = items.map(({ distributor_id: id, depth, parent_id }) => [
            depth,
            parent_id,
            id,
          ]);
          expect(shown).toEqual(naiveDownline(edges, tree, 3 * DAY_MS));
        },
      ),
      { numRuns: runs(15) },
    );
  }, 60_000);
});

/** A cursor behind the last of the first level. */
async function cursorAtTheEnd(page: Rig["page"], root: string): Promise<string | null> {
  let cursor: string | null = "";
  for (let i = 0; i < 5; i += 1) {
    const more: string = cursor === "" ? "" : `&cursor=${cursor}`;
    ({ next_cursor: cursor } = await page(`${root}/downline?depth=2&limit=200${more}`));
  }
  return cursor;
}

const trees = fc.constantFrom("sponsor" as const, "placement" as const);
const parent = fc.nat(11);

/** Everybody is enrolled below somebody earlier, some are moved below somebody earlier. */
const anyTree: fc.Arbitrary<readonly Edge[]> = fc
  .array(
    fc.record({
      sponsor: parent,
      placement: fc.option(parent),
      move: fc.option(fc.record({ tree: trees, parent, day: fc.integer({ min: 1, max: 4 }) })),
      day: fc.integer({ min: 0, max: 4 }),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((people) => [
    ...enrolled("n0", null),
    ...people.flatMap(({ sponsor, placement, move, day }, i) => {
      const earlier = (n: number) => `n${n % (i + 1)}`;
      const under = {
        placement_id: placement === null ? null : earlier(placement),
        effective_ms: day * DAY_MS,
      };
      const node = `n${i + 1}`;
      const edges = enrolled(node, earlier(sponsor), under);
      if (move === null) return edges;
      return [...edges, moved(node, earlier(move.parent), move.day * DAY_MS, { tree: move.tree })];
    }),
  ]);

function naiveDownline(edges: readonly Edge[], tree: TreeName, atMs: number): unknown {
  const nodes = [...new Set(edges.map(({ node }) => node))].toSorted();
  const edgeOf = (node: string) => {
    const at = (of: TreeName) =>
      edgeAt(
        edges.filter((edge) => edge.node === node && edge.tree === of),
        atMs,
      );
    const edge = (tree === "placement" ? at("placement") : undefined) ?? at("sponsor");
    return edge !== undefined && edge.effective_ms <= atMs ? edge : undefined;
  };
  const found: [number, string, string][] = [];
  let level = ["n0"];
  for (let depth = 1; depth <= 6; depth += 1) {
    const next = level.flatMap((above) => {
      const below = nodes.filter((node) => edgeOf(node)?.parent_id === above);
      const placed = below.filter((node) => edgeOf(node)?.tree === "placement");
      const fallen = below.filter((node) => edgeOf(node)?.tree === "sponsor");
      return [...placed, ...fallen].map((node) => [above, node] as const);
    });
    for (const [above, node] of next) found.push([depth, above, node]);
    level = next.map(([, node]) => node);
  }
  return found;
}

describe("Reads of trees", () => {
  test.each([
    "A/upline?tree=other",
    "A/upline?as_of=yesterday",
    "A/upline?depth=1",
    "A/upline?cursor=bm9uZQ",
    "A/downline?depth=0",
    "A/downline?depth=51",
    "A/downline?depth=two",
    "A/downline?limit=0",
    "A/downline?cursor=bm9uZQ",
  ])("refuse %s", async (path) => {
    const { tenant, get } = await treeRig();
    await putEdges(tenant, FAMILY);
    const response = await get(path);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: "parameter_invalid" });
  });

  test.each(["E/upline", "A/downline", "A/downline?limit=1&as_of=2026-07-01"])(
    "%s is 304 for who has it, later too, until somebody moves",
    async (path) => {
      const { tenant, clock, get } = await treeRig();
      await putEdges(tenant, FAMILY);
      const first = await get(path);
      const tag = first.headers.get("ETag") ?? "";
      clock.nowMs += 5000;
      expect((await get(path, undefined, tag)).status).toBe(304);
      await putEdges(tenant, [moved("E", "A", 3 * DAY_MS), ...enrolled("AA", "A")]);
      expect((await get(path, undefined, tag)).status).toBe(200);
    },
  );

  test.each(["E/upline?limit=1", "A/downline?limit=1"])(
    "%s gives a cursor as of now to whoever asks again",
    async (path) => {
      const { tenant, clock, get, page } = await treeRig();
      await putEdges(tenant, FAMILY);
      const first = await get(path);
      const { next_cursor } = await first.json<Page>();
      clock.nowMs += 5000;
      const tag = first.headers.get("ETag") ?? "";
      expect((await get(path, undefined, tag)).status).toBe(200);
      expect((await page(path)).next_cursor).not.toBe(next_cursor);
    },
  );

  test("know nobody who is not enrolled, a customer neither", async () => {
    const { tenant, get } = await treeRig();
    await putEdges(tenant, FAMILY);
    for (const path of ["Z/upline", "Z/downline", "CUST/upline", "CUST/downline"]) {
      expect((await get(path)).status).toBe(404);
    }
  });

  test("refuse a cursor as of another instant than they are asked for", async () => {
    const { tenant, get, page } = await treeRig();
    const chain = ["A", "B", "C", "D"];
    await putEdges(
      tenant,
      chain.flatMap((node, i) => enrolled(node, chain[i - 1] ?? null)),
    );
    for (const path of ["D/upline?limit=1", "A/downline?depth=3&limit=1"]) {
      const { next_cursor } = await page(`${path}&as_of=2026-07-01`);
      const statusAt = async (asOf: string) =>
        (await get(`${path}&as_of=${asOf}&cursor=${next_cursor}`)).status;
      expect(await statusAt("2026-07-01T00:00:00Z")).toBe(200);
      expect(await statusAt("2026-07-02")).toBe(400);
    }
  });

  test("refuse a cursor that ended at somebody who is elsewhere now", async () => {
    const { tenant, get, page } = await treeRig();
    await putEdges(tenant, [...enrolled("A", null), ...enrolled("R", "A"), ...enrolled("B", "R")]);
    await putEdges(tenant, [...enrolled("C", "B"), ...enrolled("D", "B")]);
    const { next_cursor } = await page("R/downline?depth=2&limit=2");
    await putEdges(tenant, [moved("B", "A", 0)]);
    const response = await get(`R/downline?depth=2&limit=2&cursor=${next_cursor}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: [{ path: "cursor" }] });
  });

  const keyOf = async (tenant: string, subject: string): Promise<string> => {
    const keys = await createApi(createParts(env), []).fetch(
      new Request(`${ORIGIN}/v1/tenants/${tenant}/keys`, {
        method: "POST",
        headers: {
          Authorization: `Bearer ${env.ADMIN_TOKEN}`,
          "Content-Type": "application/json",
        },
        body: JSON.stringify({ role: "distributor", subject }),
      }),
    );
    return (await keys.json<{ key: string }>()).key;
  };

  test("show distributors nobody, where their tenant does not say so", async () => {
    const { tenant, get } = await treeRig();
    await putEdges(tenant, FAMILY);
    const key = await keyOf(tenant, "B");
    for (const path of ["B/upline", "B/downline", "B/downline?depth=50", "B/upline?cursor=x"]) {
      const response = await get(path, key);
      expect([path, response.status]).toEqual([path, 403]);
    }
    for (const path of ["C/upline", "C/downline", "Z/downline"]) {
      expect((await get(path, key)).status).toBe(404);
    }
  });

  test("show distributors as deep and as much as their tenant says", async () => {
    const distributors = { downline_depth: 2, downline_fields: ["status"] };
    const { tenant, get } = await treeRig({ access: { distributors } });
    const chain = ["A", "B", "C", "D", "E"];
    await putEdges(
      tenant,
      chain.flatMap((node, i) => enrolled(node, chain[i - 1] ?? null)),
    );
    const key = await keyOf(tenant, "B");
    const response = await get("B/downline?depth=2", key);
    expect(await response.json()).toEqual({
      items: [
        { distributor_id: "C", depth: 1, parent_id: "B", leg: null, status: null },
        { distributor_id: "D", depth: 2, parent_id: "C", leg: null, status: null },
      ],
      next_cursor: null,
    });
    const deeper = await get("B/downline?depth=3", key);
    expect([deeper.status, await deeper.json()]).toMatchObject([
      400,
      { errors: [{ path: "depth", message: expect.stringContaining("at most 2") }] },
    ]);
    expect((await get("B/upline", key)).status).toBe(403);
    expect((await get("B/downline?depth=3")).status).toBe(200);
  });

  test("show distributors nothing above them, whatever cursor they make up", async () => {
    const distributors = { downline_depth: 5 };
    const { tenant, get } = await treeRig({ access: { distributors } });
    const chain = ["A", "B", "C", "D"];
    await putEdges(tenant, [
      ...chain.flatMap((node, i) => enrolled(node, chain[i - 1] ?? null)),
      ...enrolled("B2", "A"),
      ...enrolled("X", "B2", { placement_id: "B2" }),
    ]);
    const key = await keyOf(tenant, "B");
    for (const tree of ["sponsor", "placement"]) {
      const url = `${ORIGIN}/v1/tenants/${tenant}/distributors/B/downline`;
      const list = nameOfList(url, { tree, depth: "5" });
      for (const under of ["A", "B2", "", "Z"]) {
        for (const depth of [1, 2, 5, 50]) {
          const place = { at: NOW_MS, depth, under, tree, node: "", version: "" };
          const cursor = cursorAt({ list }, place);
          const response = await get(`B/downline?depth=5&tree=${tree}&cursor=${cursor}`, key);
          const text = await response.text();
          expect([response.status, /"(?:A|B2|X)"/.test(text)]).toEqual([400, false]);
        }
      }
      const all = await get(`B/downline?depth=5&tree=${tree}`, key);
      expect(idsOf(await all.json<Page>())).toEqual(["C", "D"]);
    }
  });

  /** How a place that no list gave is answered, in the downline of A as deep as A may see. */
  const madeUp = async (depth: number, tree: TreeName, edges: readonly Edge[]) => {
    const distributors = { downline_depth: depth };
    const { tenant, asked, get } = await treeRig({ access: { distributors } });
    await putEdges(tenant, edges);
    const key = await keyOf(tenant, "A");
    const url = `${ORIGIN}/v1/tenants/${tenant}/distributors/A/downline`;
    const list = nameOfList(url, { tree, depth: String(depth) });
    const query = `depth=${depth}&tree=${tree}`;
    return async (under: string, place: { depth: number; tree?: TreeName }) => {
      const after = { at: NOW_MS, under, tree, node: "", version: "", ...place };
      asked.length = 0;
      const cursor = cursorAt({ list }, after);
      const response = await get(`A/downline?${query}&cursor=${cursor}`, key);
      const text = await response.text();
      const items = response.ok ? idsOf(JSON.parse(text)) : [];
      return { status: response.status, text, items, queries: asked.length };
    };
  };

  const CHAIN = ["A", "B", "C", "D"].flatMap((node, i, all) => enrolled(node, all[i - 1] ?? null));

  test("tell distributors nothing of who is deeper than they may see", async () => {
    const ask = await madeUp(1, "sponsor", [...CHAIN, ...enrolled("X", null)]);
    const none = await ask("none of all", { depth: 1 });
    expect(none.status).toBe(400);
    const answers: string[] = [];
    for (const under of ["A", "B", "C", "D", "X"]) {
      for (const depth of [2, 3, 4, 50]) {
        const { status, text, queries } = await ask(under, { depth });
        expect([status, queries]).toEqual([400, 0]);
        answers.push(text);
      }
    }
    expect(new Set(answers).size).toBe(1);
    expect(JSON.parse(answers[0] ?? "")).toMatchObject({ errors: [{ rule: "cursor" }] });
    expect(await ask("A", { depth: 1 })).toMatchObject({ status: 200, items: ["B"] });
  });

  test("tell distributors nothing of whose a customer is", async () => {
    const edges = [...CHAIN, linked("CB", "B"), linked("CX", "X"), ...enrolled("X", null)];
    // A customer who has become a distributor is one from then on.
    edges.push(linked("L", "B"), ...enrolled("L", "B", { effective_ms: NOW_MS + 1 }));
    const ask = await madeUp(3, "sponsor", edges);
    const answers = await Promise.all(["CB", "CX", "L"].map((under) => ask(under, { depth: 3 })));
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400]);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(await ask("B", { depth: 2 })).toMatchObject({ status: 200, items: ["C", "D"] });
  });

  test("show distributors one tree, whatever place of the other they make up", async () => {
    // B is placed beside A, so that Y below B is in neither of A's trees.
    const edges = [...enrolled("A", null), ...enrolled("Q", null)];
    edges.push(...enrolled("B", "A", { placement_id: "Q" }));
    edges.push(...enrolled("Y", "Q", { placement_id: "B" }));
    const ask = await madeUp(2, "sponsor", edges);
    const { status, text } = await ask("B", { depth: 2, tree: "placement" });
    expect([status, text.includes("Y")]).toEqual([400, false]);
    expect(await ask("A", { depth: 1 })).toMatchObject({ status: 200, items: ["B"] });
    const placed = await madeUp(2, "placement", CHAIN);
    expect(await placed("A", { depth: 1, tree: "sponsor" })).toMatchObject({
      status: 200,
      items: ["B", "C"],
    });
  });

  test("show distributors their upline where their tenant says so", async () => {
    const distributors = { upline: true, downline_fields: [] };
    const { tenant, get } = await treeRig({ access: { distributors } });
    await putEdges(tenant, [...enrolled("A", null), ...enrolled("B", "A")]);
    const key = await keyOf(tenant, "B");
    expect(await (await get("B/upline", key)).json()).toEqual({
      items: [{ distributor_id: "A", depth: 1, parent_id: null, leg: null }],
      next_cursor: null,
    });
    expect((await get("B/downline", key)).status).toBe(403);
  });
});
