import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { isAuto } from "#src/core/genealogy/edge.ts";
import { readLineages } from "#src/edge/d1/reads/lineages.ts";
import { expectMirrorEqualsObjects, layLine, type Line } from "../support/line.ts";
import { w8Plan } from "../support/plans.ts";

const DAY_MS = 86_400_000;
const JULY_MS = Date.UTC(2026, 6, 1);
const day = (n: number) => new Date(JULY_MS + n * DAY_MS).toISOString();
const END_MS = JULY_MS + 100 * DAY_MS;

const enrolled = (
  id: string,
  sponsor: string | null,
  joined: number,
  { rev = 0, ...more }: { readonly rev?: number; readonly placement_id?: string } = {},
) => ({
  id: `enrol-${id}-${rev}`,
  type: "distributor.enrolled",
  version: 1,
  rev,
  occurred_at: day(joined),
  key: `dist:${id}`,
  data: {
    distributor_id: id,
    status: "active",
    joined_at: day(joined),
    country: "US",
    ...(sponsor === null ? {} : { sponsor_id: sponsor }),
    ...more,
  },
});

const moved = (id: string, seq: number, data: object) => ({
  id: `move-${seq}`,
  type: "distributor.moved",
  version: 1,
  occurred_at: day(20),
  seq,
  data: { distributor_id: id, tree: "placement", effective_at: day(20), ...data },
});

const paid = (id: string, source: string, at: number) => ({
  id: `pay-${id}`,
  type: "payment.confirmed",
  version: 1,
  occurred_at: day(at),
  data: {
    payment_id: id,
    order_id: `O-${id}`,
    currency: "USD",
    net_minor: 10_000,
    tax_minor: 0,
    shipping_minor: 0,
    amount_minor: 10_000,
    fee_minor: 0,
    cv_x100: 10_000,
    pv_x100: 10_000,
    source_node: source,
    order_kind: "store",
  },
});

async function companyWith(plan: object | undefined): Promise<Line> {
  const line = await layLine();
  if (plan !== undefined) await putPlan(line, plan);
  return line;
}

async function putPlan({ company: { tenant } }: Line, plan: object): Promise<void> {
  const body = JSON.stringify({ plan_id: "main", version: 1, ...plan });
  await env.MIRROR_0.prepare("INSERT INTO plans VALUES (?, 'main', 1, ?, ?, 0)")
    .bind(tenant, Date.UTC(2026, 0, 1), body)
    .run();
}

/** Deterministic, so that a failure comes again. */
function shuffled<Item>(items: readonly Item[], seed: number): readonly Item[] {
  let state = (seed + 1) * 2_654_435_761;
  const next = () => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 3_266_489_917) >>> 0;
    return state / 2 ** 32;
  };
  return items
    .map((item) => ({ item, at: next() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

/** Delivers a few at a time, each delivery of one event; some runs take several. */
async function play(line: Line, events: readonly object[], size: number): Promise<void> {
  for (let i = 0; i < events.length; i += size) {
    await line.post(...events.slice(i, i + size).map((event) => [event]));
    await line.drain();
  }
}

/** Who hangs under whom in the placement tree, as orders read it. */
async function parentsOf(
  { company: { tenant } }: Line,
  ids: readonly string[],
  atMs = END_MS,
): Promise<Record<string, string | undefined>> {
  const asks = ids.map((node) => ({ tenant, node, at_ms: atMs }));
  const answers = await readLineages(env.MIRROR_0, asks);
  return Object.fromEntries(
    answers.map(({ node, placement }) => [
      node,
      "upline" in placement ? placement.upline[0]?.id : placement.kind,
    ]),
  );
}

const select = async (sql: string, tenant: string) =>
  (await env.MIRROR_0.prepare(sql).bind(tenant).all<Record<string, string | number>>()).results;

const pendingOf = async ({ company: { tenant } }: Line) =>
  Object.fromEntries(
    (
      await select(
        "SELECT distributor_id AS id, amount_minor - reversed_minor AS left FROM lines WHERE tenant = ? AND state = 'pending' AND amount_minor > reversed_minor ORDER BY 1",
        tenant,
      )
    ).map(({ id, left }) => [id, left]),
  );

const autoEdges = async ({ company: { tenant } }: Line) =>
  (await select("SELECT node, version FROM edges WHERE tenant = ? AND tree = 'placement'", tenant))
    .map(({ node, version }) => ({ node: String(node), version: String(version) }))
    .filter(isAuto);

const W8 = [
  enrolled("Root", null, 1),
  ...["A", "B", "C", "D"].map((id, i) => enrolled(id, "Root", 2 + i)),
];

describe("W8, with nobody's placement told", () => {
  test.each([0, 1, 2, 3])("pays A and Root, whatever comes first (%i)", async (seed) => {
    const line = await companyWith(w8Plan());
    const events = [...W8, paid("P1", "D", 10)];
    await play(line, shuffled([...events, ...events], seed), 1 + (seed % 4));
    expect(await parentsOf(line, ["A", "B", "C", "D"])).toEqual({
      A: "Root",
      B: "Root",
      C: "Root",
      D: "A",
    });
    expect(await pendingOf(line)).toEqual({ A: 200, Root: 200 });
    await expectMirrorEqualsObjects(line.company.tenant);
  });

  test("in one batch, and in one delivery", async () => {
    const line = await companyWith(w8Plan());
    await line.post([paid("P1", "D", 10), ...W8.toReversed()]);
    await line.run();
    await line.drain();
    expect(await pendingOf(line)).toEqual({ A: 200, Root: 200 });
  });

  test("finds slots for those who were enrolled before there was a matrix", async () => {
    const line = await companyWith(undefined);
    await play(line, W8, 3);
    expect(await parentsOf(line, ["D"])).toEqual({ D: "Root" });
    await putPlan(line, w8Plan());
    await play(line, [enrolled("E", "Root", 8)], 1);
    expect(await parentsOf(line, ["C", "D", "E"])).toEqual({ C: "Root", D: "A", E: "A" });
  });

  test("finds them without a further enrolment once the tree is asked to", async () => {
    const line = await companyWith(undefined);
    await play(line, W8, 3);
    await putPlan(line, w8Plan());
    const { tenant } = line.company;
    const move = { kind: "place", recruits: [], of: "some", event_id: "plan" } as const;
    const body = { kind: "subject", tenant, subject: `tree:${tenant}`, moves: [move] } as const;
    line.queued.push({ id: "asked", body, attempts: 1 });
    await line.drain();
    expect(await parentsOf(line, ["C", "D"])).toEqual({ C: "Root", D: "A" });
  });

  test("leaves companies without a matrix alone", async () => {
    const line = await companyWith(undefined);
    await play(line, W8, 5);
    const trees = "SELECT subject FROM subjects WHERE tenant = ? AND subject LIKE 'tree:%'";
    expect(await select(trees, line.company.tenant)).toEqual([]);
  });
});

describe("who is told late", () => {
  test("and is older displaces the younger, whose orders are priced anew", async () => {
    const line = await companyWith(w8Plan());
    await play(line, [...W8, paid("P1", "D", 10)], 2);
    expect(await pendingOf(line)).toEqual({ A: 200, Root: 200 });
    // Older than all of Root's: C is displaced under it, and D with C.
    await play(line, [enrolled("Z", "Root", 1)], 1);
    expect(await parentsOf(line, ["Z", "A", "B", "C", "D"])).toEqual({
      Z: "Root",
      A: "Root",
      B: "Root",
      C: "Z",
      D: "Z",
    });
    expect(await pendingOf(line)).toEqual({ Root: 200, Z: 200 });
    await expectMirrorEqualsObjects(line.company.tenant);
  });

  test("and younger displaces nobody", async () => {
    const line = await companyWith(w8Plan());
    await play(line, W8, 2);
    const before = await autoEdges(line);
    await play(line, [enrolled("E", "Root", 9), enrolled("F", "A", 9)], 1);
    expect((await autoEdges(line)).map(({ node }) => node)).toEqual([
      ...before.map(({ node }) => node),
      "E",
    ]);
  });
});

describe("placements that the company names", () => {
  const EVENTS = [
    ...W8,
    enrolled("X", "Root", 3, { placement_id: "A" }),
    enrolled("Y", "Root", 8, { rev: 1 }),
    enrolled("Y", "Root", 8, { rev: 2, placement_id: "B" }),
    enrolled("E", "Root", 9),
    enrolled("F", "Root", 10),
    moved("D", 1, { parent_id: "C" }),
    enrolled("G", "Root", 30),
    enrolled("H", "Root", 31),
    paid("P1", "G", 40),
  ];

  test.each([0, 1, 2])("count wherever they come in between (%i)", async (seed) => {
    const line = await companyWith(w8Plan());
    await play(line, shuffled([...EVENTS, ...EVENTS], seed), 1 + (seed % 5));
    expect(await parentsOf(line, ["X", "D", "Y", "E", "F", "G", "H"])).toEqual({
      X: "A",
      D: "C",
      Y: "B",
      E: "A",
      F: "B",
      G: "A",
      H: "B",
    });
    expect(await parentsOf(line, ["D"], JULY_MS + 15 * DAY_MS)).toEqual({ D: "A" });
    expect(await pendingOf(line)).toEqual({ A: 200, Root: 200 });
    await expectMirrorEqualsObjects(line.company.tenant);
  });
});

test("a placement that is named later wins over the slot that was found", async () => {
  const line = await companyWith(w8Plan());
  await play(line, [...W8, paid("P1", "D", 10)], 1);
  expect(await parentsOf(line, ["D"])).toEqual({ D: "A" });
  await play(line, [enrolled("D", "Root", 5, { rev: 2, placement_id: "C" })], 1);
  expect(await parentsOf(line, ["D"])).toEqual({ D: "C" });
  expect(await pendingOf(line)).toEqual({ C: 200, Root: 200 });
});

describe("120 recruits of one sponsor", () => {
  const IDS = Array.from({ length: 120 }, (_, i) => `R${String(i).padStart(3, "0")}`);
  /** The heap of width 3: who is n-th, counted from 0, hangs under (n - 3) / 3. */
  const HEAP = Object.fromEntries(
    IDS.map((id, i) => [id, i < 3 ? "Root" : IDS[Math.floor(i / 3) - 1]]),
  );

  test.each([0, 1])("fill a matrix three wide, in any order (%i)", async (seed) => {
    const line = await companyWith(w8Plan());
    const enrolments = [
      enrolled("Root", null, 0),
      ...IDS.map((id, i) => enrolled(id, "Root", (1 + i) / 10)),
    ];
    const told = seed === 0 ? enrolments : shuffled(enrolments, seed);
    for (let i = 0; i < told.length; i += 40) {
      await line.post(told.slice(i, i + 40));
      await line.drain();
    }
    expect(await parentsOf(line, IDS)).toEqual(HEAP);
    await expectMirrorEqualsObjects(line.company.tenant);
  });
});

describe("a company that was enrolled before there was a matrix", () => {
  test("is placed a part at a time, until everybody has a slot", async () => {
    const line = await companyWith(w8Plan());
    const { tenant } = line.company;
    const people = Array.from({ length: 2500 }, (_, i) => `P${String(i).padStart(4, "0")}`);
    const rows = people.map((id, i) => ({
      id,
      at: JULY_MS + i,
      sponsor: i === 0 ? null : people[0],
    }));
    const put = (sql: string) => env.MIRROR_0.prepare(sql).bind(tenant, JSON.stringify(rows)).run();
    await put(`INSERT INTO standings SELECT ?1, value ->> 'id', 'enrolment', '', 0, '0', value ->> 'at',
      json_object('sponsor_id', value ->> 'sponsor', 'status', 'active') FROM json_each(?2)`);
    await put(`INSERT INTO edges SELECT ?1, 'sponsor', value ->> 'id', 'e0000000000000000.01.0',
      'distributor', value ->> 'at', value ->> 'sponsor', NULL FROM json_each(?2)`);
    await play(line, [enrolled("Last", "P0000", 90)], 1);
    expect(await autoEdges(line)).toHaveLength(2497);
    expect(await parentsOf(line, ["P0003", "P0004", "P2499", "Last"])).toEqual({
      P0003: "P0000",
      P0004: "P0001",
      P2499: "P0832",
      Last: "P0833",
    });
  });
});

describe("when something fails", () => {
  test("an enrolment comes again until its tree was told of it", async () => {
    const line = await companyWith(w8Plan());
    await line.post(...W8.map((event) => [event]));
    const failing = () => Promise.reject(new Error("D1_ERROR: Network connection lost."));
    expect(await line.run(() => ({ enrolments: failing }))).toMatchObject({ acked: 0 });
    expect(await line.run(() => ({ plans: failing }))).toMatchObject({ acked: 0 });
    const noTree = await line.run(({ subject }) => ({
      subject: (object, ...rest) => (object === "tree" ? failing() : subject(object, ...rest)),
    }));
    expect(noTree).toMatchObject({ acked: 0 });
    expect(await parentsOf(line, ["D"])).toEqual({ D: "Root" });
    await line.drain();
    expect(await parentsOf(line, ["D"])).toEqual({ D: "A" });
  });

  test("an enrolment comes again until its tree is mirrored", async () => {
    const line = await companyWith(w8Plan());
    await line.post(...W8.map((event) => [event]));
    const refused = await line.run(({ mirror }) => ({
      mirror: (tails, loose) =>
        mirror(
          tails.filter(({ subject }) => !subject.startsWith("tree:")),
          loose,
        ),
    }));
    expect(refused).toMatchObject({ acked: 0 });
    await line.drain();
    expect(await parentsOf(line, ["D"])).toEqual({ D: "A" });
  });

  test("a consumer that dies before the tree is mirrored is made good by the next", async () => {
    const line = await companyWith(w8Plan());
    await line.post(...W8.map((event) => [event]));
    let writes = 0;
    await line.run(({ mirror }) => ({
      mirror: async (tails, loose) => {
        writes += 1;
        if (writes === 2) throw new Error("The consumer dies");
        return mirror(tails, loose);
      },
    }));
    await line.drain();
    expect(await parentsOf(line, ["D"])).toEqual({ D: "A" });
    await expectMirrorEqualsObjects(line.company.tenant);
  });
});

describe("frontlines", () => {
  const EVENTS = [
    ...W8,
    enrolled("E", "A", 9),
    moved("D", 1, { tree: "sponsor", parent_id: "A" }),
    moved("E", 2, { tree: "sponsor", parent_id: "B" }),
    moved("E", 3, { tree: "sponsor", parent_id: "C", effective_at: day(5) }),
    enrolled("D", "B", 5, { rev: 2 }),
    enrolled("F", "B", 11),
  ];

  test.each([0, 1, 2])("follow moves, whatever comes first (%i)", async (seed) => {
    const line = await companyWith(undefined);
    await play(line, shuffled([...EVENTS, ...EVENTS], seed), 1 + (seed % 4));
    const rows = await select(
      "SELECT distributor_id AS id, distributors AS n FROM frontlines WHERE tenant = ? AND distributors > 0 ORDER BY 1",
      line.company.tenant,
    );
    expect(rows).toEqual([
      { id: "A", n: 1 },
      { id: "B", n: 1 },
      { id: "C", n: 1 },
      { id: "Root", n: 3 },
    ]);
  });
});
