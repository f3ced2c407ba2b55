import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, expect, test } from "vitest";
import { createApi } from "#src/compose/api.ts";
import { readPorts } from "#src/compose/reads.ts";
import { GENESIS, link } from "#src/core/subject/chain.ts";
import { readRoutes } from "#src/edge/http/reads.ts";
import { sha256 } from "#src/edge/objects/sql-store.ts";
import { openSource } from "../../../scripts/verify/source.ts";
import { verifyTenant } from "../../../scripts/verify/tenant.ts";
import { WORKED, type Worked } from "../../support/naive/worked.ts";
import { ORIGIN } from "../support/company.ts";
import { layLine, type Line } from "../support/line.ts";

let line: Line;

/** W1's sale and W3's refund of two fifths of it, or another example; as it was told, undisturbed. */
async function companyOf(name: string): Promise<Line> {
  const worked = exampleOf(name);
  const laid = await layLine({}, { mode: worked.mode });
  const { plan_id, version: _version, ...body } = worked.plan;
  const path = `/v1/tenants/${laid.company.tenant}/plans/${plan_id}`;
  // What is held stays held, however long ago the example happened.
  const put = await laid.company.api(`PUT ${path}`, { ...body, holdback_days: 3650 });
  expect(put.status).toBe(201);
  for (const event of worked.events) await laid.post(event);
  await laid.drain();
  return laid;
}

function exampleOf(name: string): Worked {
  const worked = WORKED.find((each) => each.name.startsWith(`${name} `));
  if (worked === undefined) throw new Error(`There is no ${name}`);
  return worked;
}

beforeAll(async () => {
  line = await companyOf("W3");
});

async function findings({ parts, company }: Line = line): Promise<readonly string[]> {
  const api = createApi(parts, readRoutes(readPorts(parts)));
  const send = async (url: string, init: RequestInit) => api.fetch(new Request(url, init));
  const { tenant } = company;
  const source = openSource({ url: ORIGIN, tenant, token: env.ADMIN_TOKEN, fetch: send });
  const verdict = await verifyTenant(source, { pauseMs: 1 });
  return verdict.findings.map(
    ({ subject, position, what }) => `${subject}@${String(position)}: ${what}`,
  );
}

/** Without the entry: which it is follows from how many steps an order's pricing takes. */
const unplaced = async (): Promise<readonly string[]> =>
  (await findings()).map((found) => found.replace(/@\w+: /, ": "));

interface Row {
  readonly position: number;
  readonly hash: string;
  readonly entry: string;
}

/** The log of W3's order with rows of a test's own, for as long as the test looks at it. */
async function withLog(alter: (rows: readonly Row[]) => readonly Row[], look: () => Promise<void>) {
  const stub = env.ORDER.getByName(`${line.company.tenant}/O1`);
  const swap = (rows: readonly Row[]) =>
    runInDurableObject(stub, (_object, { storage: { sql } }) => {
      const guards = sql
        .exec<{ name: string; sql: string }>(
          "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'log'",
        )
        .toArray();
      for (const { name } of guards) sql.exec(`DROP TRIGGER ${name}`);
      const before = sql
        .exec<Row & Record<string, string | number>>("SELECT position, hash, entry FROM log")
        .toArray();
      for (const { position, hash, entry } of rows) {
        sql.exec("UPDATE log SET hash = ?, entry = ? WHERE position = ?", hash, entry, position);
      }
      for (const guard of guards) sql.exec(guard.sql);
      return before;
    });
  const before = await swap([]);
  await swap(alter(before));
  try {
    await look();
  } finally {
    await swap(before);
  }
}

/** The same log with other entries, each hashed anew as if it had always been so. */
const chained = (entries: readonly string[]): readonly Row[] => {
  const rows: Row[] = [];
  for (const entry of entries) {
    const hash = link(rows.at(-1)?.hash ?? GENESIS, entry, sha256);
    rows.push({ position: rows.length + 1, hash, entry });
  }
  return rows;
};

/** Changes the mirror, looks, and puts back what was there. */
async function withMirror(
  table: string,
  { change, where }: { readonly change: string; readonly where: string },
  look: () => Promise<void>,
): Promise<void> {
  const db = env.MIRROR_0;
  const { tenant } = line.company;
  const kept = `SELECT * FROM ${table} WHERE tenant = ?1 AND ${where}`;
  const { results: triggers } = await db
    .prepare("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?")
    .bind(table)
    .all<{ name: string; sql: string }>();
  const { results } = await db.prepare(kept).bind(tenant).all<Record<string, string | number>>();
  expect(results).not.toEqual([]);
  const free = triggers.map(({ name }) => db.prepare(`DROP TRIGGER ${name}`));
  const guard = triggers.map(({ sql }) => db.prepare(sql));
  await db.batch([...free, db.prepare(`${change} WHERE tenant = ?1 AND ${where}`).bind(tenant)]);
  try {
    await look();
  } finally {
    const columns = Object.keys(results[0] ?? {});
    const put = `INSERT OR REPLACE INTO ${table} (${columns.join()}) VALUES (${columns.map(() => "?").join()})`;
    const back = results.map((row) => db.prepare(put).bind(...Object.values(row)));
    await db.batch([...back, ...guard]);
  }
}

test.each(["W1", "W3", "W5", "W12"])("finds nothing wrong with the books of %s", async (name) => {
  expect(await findings(name === "W3" ? line : await companyOf(name))).toEqual([]);
});

const HASH = /: its hash is [0-9a-f]{64}, computed [0-9a-f]{64}$/;

/** The first thing that is said of W3's order while its log is another. */
async function firstOf(alter: (rows: readonly Row[]) => readonly Row[]): Promise<string> {
  let first: string | undefined;
  await withLog(alter, async () => {
    first = (await findings()).find((found) => found.startsWith("order:O1@"));
  });
  return first ?? "nothing";
}

/** The first entry that moves money. */
const postingIn = (rows: readonly Row[]): number =>
  rows.find(({ entry }) => entry.includes('"transfers":['))?.position ?? 0;

test("names the entry whose amount was changed", async () => {
  let changed = 0;
  const first = await firstOf((rows) => {
    changed = postingIn(rows);
    return rows.map((row) =>
      row.position === changed ? { ...row, entry: row.entry.replace("25000", "25001") } : row,
    );
  });
  expect(first).toMatch(HASH);
  expect(first).toContain(`order:O1@${changed}:`);
});

test("names the first of a swapped pair", async () => {
  let swapped = 0;
  const first = await firstOf((rows) => {
    swapped = rows.length - 1;
    const others = [...rows.slice(0, -2), ...rows.slice(-2).toReversed()];
    return others.map((row, i) => ({ ...row, position: i + 1 }));
  });
  expect(first).toMatch(HASH);
  expect(first).toContain(`order:O1@${swapped}:`);
});

test("finds a swapped pair also where all of it was hashed anew", async () => {
  const first = await firstOf((rows) => {
    const entries = rows.map(({ entry }) => entry);
    return chained([...entries.slice(0, -2), ...entries.slice(-2).toReversed()]);
  });
  expect(first).toMatch(/^order:O1@\d+: (the mirror|its hash)/);
});

test("names a removed entry by the one behind it", async () => {
  const own = await companyOf("W3");
  const stub = env.ORDER.getByName(`${own.company.tenant}/O1`);
  await runInDurableObject(stub, (_object, { storage }) => {
    storage.sql.exec("DROP TRIGGER log_no_delete; DELETE FROM log WHERE position = 1");
  });
  const [first] = (await findings(own)).filter((each) => each.startsWith("order:"));
  expect(first).toBe("order:O1@2: follows position 0 in the log");
});

const LINE = "line_id = 'O1:level:2:A'";

test.each<{ name: string; table: string; change: string; where: string; found: string[] }>([
  {
    name: "a line that D1 lacks",
    table: "lines",
    change: "DELETE FROM lines",
    where: LINE,
    found: [
      'dist:A: the mirror lacks line "O1:level:2:A"',
      'order:O1: line "O1:level:2:A" was sent and is not mirrored',
    ],
  },
  {
    name: "a line of which D1 says one unit less",
    table: "lines",
    change: "UPDATE lines SET amount_minor = amount_minor - 1",
    where: LINE,
    found: [
      'dist:A: line "O1:level:2:A" is 399 USD, 160 reversed, pending in the mirror, 400 USD, 160 reversed, pending in the log',
      'order:O1: line "O1:level:2:A" is 399 with 160 reversed, sent as 400 with 160',
    ],
  },
  {
    name: "a line of another currency",
    table: "lines",
    change: "UPDATE lines SET currency = 'EUR'",
    where: LINE,
    found: [
      'dist:A: line "O1:level:2:A" is 400 EUR, 160 reversed, pending in the mirror, 400 USD, 160 reversed, pending in the log',
      'order:O1: line "O1:level:2:A" is of currency EUR, sent as of USD',
    ],
  },
  {
    name: "a line of another period",
    table: "lines",
    change: "UPDATE lines SET period_id = '2026-08'",
    where: LINE,
    found: [
      'dist:A: line "O1:level:2:A" is of period_id "2026-08" in the mirror, period_id "2026-07" in the log',
      'order:O1: line "O1:level:2:A" is of period_id 2026-08, sent as of 2026-07',
    ],
  },
  {
    name: "a balance that is off by one",
    table: "account_days",
    change: "UPDATE account_days SET amount_minor = amount_minor + 1",
    where: "account = 'dist:A:pending' AND day = '2026-07-10'",
    found: ["ledger/balances: USD dist:A:pending is -239, the logs come to -240"],
  },
  {
    name: "a status that is off by one",
    table: "subjects",
    change: `UPDATE subjects SET view = json_set(view, '$.balances."dist:A:pending".USD', '-241')`,
    where: "subject = 'dist:A'",
    found: ["dist:A: its status shows 241 USD pending, the log comes to 240"],
  },
  {
    name: "a manifest in D1 of one line more",
    table: "orders",
    change: "UPDATE orders SET lines = lines + 1",
    where: "order_id = 'O1'",
    found: ["order:O1: its manifest is of 5 lines in the mirror, of 4 in the log"],
  },
  {
    name: "a manifest in D1 that comes to more",
    table: "orders",
    change: `UPDATE orders SET manifest = '[["USD","1601","640"]]'`,
    where: "order_id = 'O1'",
    found: [
      'order:O1: its manifest is [["USD","1601","640"]] in the mirror, [["USD","1600","640"]] in the log',
    ],
  },
])("names $name", async ({ table, change, where, found }) => {
  await withMirror(table, { change, where }, async () => {
    expect(await unplaced()).toEqual(found);
  });
  expect(await findings()).toEqual([]);
});

test("names a manifest of one line more, though every hash is right and D1 says the same", async () => {
  const more = (rows: readonly Row[]) =>
    chained(rows.map(({ entry }) => entry.replaceAll('"lines":4', '"lines":5')));
  await withLog(more, async () => {
    const { tenant } = line.company;
    const stub = env.ORDER.getByName(`${tenant}/O1`);
    const head = await runInDurableObject(
      stub,
      (_object, { storage }) =>
        storage.sql
          .exec<{ hash: string }>("SELECT hash FROM log ORDER BY position DESC LIMIT 1")
          .one().hash,
    );
    const where = "subject = 'order:O1'";
    await withMirror(
      "subjects",
      { change: `UPDATE subjects SET head = '${head}'`, where },
      async () => {
        const change = { change: "UPDATE orders SET lines = 5", where: "order_id = 'O1'" };
        await withMirror("orders", change, async () => {
          expect(await unplaced()).toEqual(["order:O1: its manifest has 5 lines, 4 were sent"]);
        });
      },
    );
  });
});
