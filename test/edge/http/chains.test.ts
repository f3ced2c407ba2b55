import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { createApi } from "#src/compose/api.ts";
import { createParts, subjectStub } from "#src/compose/parts.ts";
import { readPorts } from "#src/compose/reads.ts";
import { canonicalJson } from "#src/core/canonical.ts";
import { GENESIS, link, type LogRow } from "#src/core/subject/chain.ts";
import { putAnchors } from "#src/edge/d1/anchors.ts";
import { chainReads, SEARCHED_ROWS_MAX } from "#src/edge/d1/reads/chains.ts";
import { type ChainPorts, chainRoutes } from "#src/edge/http/chains.ts";
import { readRoutes } from "#src/edge/http/reads.ts";
import { sha256 } from "#src/edge/objects/sql-store.ts";
import { CHAIN_ANSWERS } from "../../../scripts/openapi/chain-answers.ts";
import { openSource } from "../../../scripts/verify/source.ts";
import { verifyTenant } from "../../../scripts/verify/tenant.ts";
import { type Company, foundCompany, ORIGIN, w2 } from "../support/company.ts";

const parts = createParts(env);

/** The gateway with these logs in place of its objects'; without them, its objects' own. */
function gatewayOver(logs?: ReadonlyMap<string, readonly LogRow[]>) {
  const log: ChainPorts["log"] = async ({ tenant }, subject, after) => {
    if (logs !== undefined) {
      const rows = (logs.get(subject) ?? []).filter(({ position }) => position > after);
      return { rows: rows.slice(0, 2), more: rows.length > 2 };
    }
    const { rows, more } = await (
      await subjectStub(parts, "distributor", { tenant, subject })
    ).logAfter(after);
    return { rows: rows.map(({ position, hash, entry }) => ({ position, hash, entry })), more };
  };
  const chains = chainReads(() => env.MIRROR_0);
  return createApi(parts, [...chainRoutes({ chains, log }), ...readRoutes(readPorts(parts))]);
}

const gateway = gatewayOver();

const call = async (path: string, token: string = env.ADMIN_TOKEN, api = gateway) =>
  api.fetch(new Request(`${ORIGIN}/v1/${path}`, { headers: { Authorization: `Bearer ${token}` } }));

const findings = async (tenant: string, api = gateway): Promise<readonly string[]> => {
  const send = async (url: string, init: RequestInit) => api.fetch(new Request(url, init));
  const source = openSource({ url: ORIGIN, tenant, token: env.ADMIN_TOKEN, fetch: send });
  const verdict = await verifyTenant(source, { pauseMs: 1 });
  return verdict.findings.map(
    ({ subject, position, what }) => `${subject}@${String(position)}: ${what}`,
  );
};

const run = (sql: string, ...values: (string | number)[]) =>
  env.MIRROR_0.prepare(sql)
    .bind(...values)
    .run();

/** A company whose one distributor enrolled and has been through W2: six entries, six events. */
async function afterW2(): Promise<Company> {
  const company = await foundCompany();
  await company.enrol("B");
  await company.post(w2("B"));
  await company.settled(w2("B").map(({ id }) => id));
  return company;
}

let company: Company;

beforeAll(async () => {
  company = await afterW2();
});

interface Page {
  readonly items: readonly { readonly position: number; readonly hash: string }[];
  readonly next_after?: number | null;
  readonly next_cursor?: string | null;
}

describe("GET …/chains", () => {
  test("lists objects with their mirrored heads, page by page", async () => {
    const { tenant } = await foundCompany();
    for (const subject of ["dist:A", "dist:B", "lead:a:b"]) {
      await run(
        "INSERT INTO subjects (tenant, subject, position, head, frozen_ms) VALUES (?, ?, 2, 'h', ?)",
        tenant,
        subject,
        subject === "dist:B" ? 0 : 1,
      );
    }
    await run(
      "UPDATE subjects SET frozen_ms = NULL WHERE tenant = ? AND subject <> 'dist:B'",
      tenant,
    );
    const first = await (await call(`tenants/${tenant}/chains?limit=2`)).json<Page>();
    expect(first.items).toEqual([
      { subject: "dist:A", position: 2, head: "h", frozen_at: null },
      { subject: "dist:B", position: 2, head: "h", frozen_at: "1970-01-01T00:00:00.000Z" },
    ]);
    const path = `tenants/${tenant}/chains?limit=2&cursor=${first.next_cursor}`;
    expect(await (await call(path)).json()).toMatchObject({
      items: [{ subject: "lead:a:b" }],
      next_cursor: null,
    });
  });

  test("hands out a log from its object, as text that can be hashed again", async () => {
    const response = await call(`tenants/${company.tenant}/chains/dist:B?after=3`);
    const page = await response.json<Page>();
    expect(CHAIN_ANSWERS.LogPage.safeParse(page).error?.issues ?? []).toEqual([]);
    expect(page.items.map(({ position }) => position)).toEqual([4, 5, 6]);
    expect(page).toMatchObject({
      mirrored: { subject: "dist:B", position: 6, head: page.items.at(-1)?.hash },
      next_after: null,
    });
  });

  test("goes on behind the last entry of a page", async () => {
    const rows = chainOf([{ n: 1 }, { n: 2 }, { n: 3 }]);
    const api = gatewayOver(new Map([["dist:B", rows]]));
    const path = `tenants/${company.tenant}/chains/dist:B`;
    expect(await (await call(path, env.ADMIN_TOKEN, api)).json()).toMatchObject({
      items: [{ position: 1 }, { position: 2 }],
      next_after: 2,
    });
    expect(await (await call(`${path}?after=2`, env.ADMIN_TOKEN, api)).json()).toMatchObject({
      items: [{ position: 3 }],
      next_after: null,
    });
  });

  test("makes no object of a subject that the mirror does not know", async () => {
    const response = await call(`tenants/${company.tenant}/chains/dist:nobody`);
    expect(response.status).toBe(404);
    const stub = env.DISTRIBUTOR.getByName(`${company.tenant}/nobody`);
    const tables = await runInDurableObject(stub, (_object, { storage }) =>
      storage.sql.exec("SELECT name FROM sqlite_master WHERE name = 'log'").toArray(),
    );
    expect(tables).toEqual([]);
  });

  test("lists the mirrored transfers of an object, oldest first", async () => {
    const path = `tenants/${company.tenant}/chains/dist:B/transfers`;
    const { items } = await (await call(path)).json<Page>();
    expect(
      items.flatMap((item) => CHAIN_ANSWERS.LoggedTransfer.safeParse(item).error?.issues ?? []),
    ).toEqual([]);
    expect(items).toMatchObject([
      { position: 2, n: 0, rule: "P3" },
      { position: 3, n: 0, rule: "P4" },
      { position: 4, n: 0, rule: "P8" },
      { position: 5, n: 0, rule: "P9" },
      { position: 5, n: 1, rule: "P9" },
      { position: 6, n: 0, rule: "P10" },
    ]);
    const first = await (await call(`${path}?limit=5`)).json<Page>();
    const rest = await (await call(`${path}?limit=5&cursor=${first.next_cursor}`)).json<Page>();
    expect([...first.items, ...rest.items]).toEqual(items);
  });

  test.each([
    { path: "chains/dist:B?after=x", parameter: "after" },
    { path: "chains/dist:B?after=-1", parameter: "after" },
    { path: "chains?after=1", parameter: "after" },
    { path: "anchors?day=today", parameter: "day" },
    { path: "chains?limit=0", parameter: "limit" },
  ])("refuses $path and names $parameter", async ({ path, parameter }) => {
    const response = await call(`tenants/${company.tenant}/${path}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: [{ path: parameter }] });
  });

  test.each([
    { role: "auditor", status: 200 },
    { role: "finance", status: 403 },
    { role: "operator", status: 403 },
  ])("answers $status to the role $role", async ({ role, status }) => {
    const made = await company.api(`POST /v1/tenants/${company.tenant}/keys`, { role });
    const { key } = await made.json<{ key: string }>();
    for (const path of [
      "chains",
      "chains/dist:B",
      "chains/dist:B/transfers",
      "volumes",
      "anchors",
    ]) {
      expect((await call(`tenants/${company.tenant}/${path}`, key)).status).toBe(status);
    }
  });
});

describe("GET …/anchors", () => {
  test("lists them by object and day, or those of one day", async () => {
    const { tenant } = await foundCompany();
    const head = (subject: string, position: number) => ({
      tenant,
      subject,
      position,
      head: `${subject}#${position}`,
    });
    for (const subject of ["a", "b", "c"]) {
      await run(
        "INSERT INTO subjects (tenant, subject, position, head) VALUES (?, ?, 9, 'h')",
        tenant,
        subject,
      );
    }
    await putAnchors(env.MIRROR_0, "2026-07-01", [head("a", 1), head("b", 1)]);
    await putAnchors(env.MIRROR_0, "2026-07-02", [head("a", 1), head("b", 2), head("c", 1)]);
    const walk = async (query: string) => {
      const places: string[] = [];
      let cursor: string | null = "";
      while (cursor !== null) {
        const at: string = cursor === "" ? "" : `&cursor=${cursor}`;
        const response = await call(`tenants/${tenant}/anchors?limit=1${query}${at}`);
        const page: { items: object[]; next_cursor: string | null } = await response.json();
        for (const item of page.items) {
          const anchor = CHAIN_ANSWERS.Anchor.parse(item);
          places.push(`${anchor.subject} ${anchor.day} ${anchor.position}`);
        }
        cursor = page.next_cursor;
      }
      return places;
    };
    expect(await walk("")).toEqual([
      "a 2026-07-01 1",
      "b 2026-07-01 1",
      "b 2026-07-02 2",
      "c 2026-07-02 1",
    ]);
    expect(await walk("&day=2026-07-02")).toEqual(["b 2026-07-02 2", "c 2026-07-02 1"]);
    expect(await walk("&day=2026-07-03")).toEqual([]);
  });

  test("goes on behind a stretch of objects that did not move that day", async () => {
    const { tenant } = await foundCompany();
    const names = JSON.stringify(
      Array.from({ length: SEARCHED_ROWS_MAX + 1 }, (_, i) => `s${String(i).padStart(5, "0")}`),
    );
    await run(
      "INSERT INTO subjects (tenant, subject, position, head) SELECT ?, value, 1, 'h' FROM json_each(?)",
      tenant,
      names,
    );
    const day = "2026-07-01";
    await putAnchors(env.MIRROR_0, day, [{ tenant, subject: "s05000", position: 1, head: "h" }]);
    const reads = chainReads(() => env.MIRROR_0);
    const reader = { tenant, shard: 0 };
    const first = await reads.anchors(reader, day, { limit: 2 });
    expect(first.value).toEqual({ rows: [], searchedTo: { subject: "s04999", day } });
    const after = { subject: "s04999", day };
    const rest = await reads.anchors(reader, day, { limit: 2, after });
    expect(rest.value).toEqual({ rows: [{ subject: "s05000", day, position: 1, head: "h" }] });
  });
});

const chainOf = (entries: readonly object[]): readonly LogRow[] => {
  const rows: LogRow[] = [];
  for (const value of entries) {
    const entry = canonicalJson(value);
    const hash = link(rows.at(-1)?.hash ?? GENESIS, entry, sha256);
    rows.push({ position: rows.length + 1, hash, entry });
  }
  return rows;
};

/** Changes the mirror behind its triggers' back; other tests find them in place again. */
async function tamper(sql: string, tenant: string): Promise<void> {
  const query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'";
  const { results } = await env.MIRROR_0.prepare(query).all<{ name: string; sql: string }>();
  await env.MIRROR_0.batch([
    ...results.map(({ name }) => env.MIRROR_0.prepare(`DROP TRIGGER ${name}`)),
    env.MIRROR_0.prepare(sql).bind(tenant),
    ...results.map((trigger) => env.MIRROR_0.prepare(trigger.sql)),
  ]);
}

/** Changes a row of the object's log behind its triggers' back. */
const alterLog = (tenant: string, alter: (sql: SqlStorage) => void): Promise<void> =>
  runInDurableObject(env.DISTRIBUTOR.getByName(`${tenant}/B`), (_object, { storage }) => {
    storage.sql.exec("DROP TRIGGER log_no_update; DROP TRIGGER log_no_delete");
    alter(storage.sql);
  });

describe("verifyTenant()", () => {
  test("finds nothing where nothing was altered", async () => {
    await putAnchors(env.MIRROR_0, "2026-07-01", [
      {
        tenant: company.tenant,
        subject: "dist:B",
        ...(await env.DISTRIBUTOR.getByName(`${company.tenant}/B`).head()),
      },
    ]);
    expect(await findings(company.tenant)).toEqual([]);
  });

  test.each<{ name: string; sql: string; found: readonly string[] }>([
    {
      name: "a mirrored transfer",
      sql: "UPDATE transfers SET amount_minor = 12200 WHERE tenant = ?1 AND position = 4",
      found: [
        "dist:B@4: the mirror moves 12200 USD from dist:B:available to exp:commission, the log 12100 USD from dist:B:available to exp:commission",
      ],
    },
    {
      name: "a transfer that is gone",
      sql: "DELETE FROM transfers WHERE tenant = ?1 AND position = 3",
      found: ["dist:B@3: the mirror lacks a transfer"],
    },
    {
      name: "a transfer that nobody logged",
      sql: `INSERT INTO transfers SELECT tenant, subject, 6, 7, rule, debit, credit, 1, currency, reference,
        event_id, effective_ms, recorded_ms FROM transfers WHERE tenant = ?1 AND position = 2`,
      found: [
        "dist:B@6: the mirror moves 1 USD from dist:B:held to exp:commission, the log nothing",
      ],
    },
    {
      name: "a balance in a status",
      sql: `UPDATE subjects SET view = json_set(view, '$.balances."dist:B:available".USD', '-5')
        WHERE tenant = ?1`,
      found: ["dist:B@6: its status shows 5 USD available, the log comes to 0"],
    },
    {
      name: "a balance of the company",
      sql: "UPDATE account_days SET amount_minor = amount_minor - 1 WHERE tenant = ?1 AND account = 'cash:bank'",
      found: ["ledger/balances@null: USD cash:bank is -12351, the logs come to -12350"],
    },
    {
      name: "a line that is reversed by more than it is",
      sql: "UPDATE lines SET reversed_minor = 401 WHERE tenant = ?1",
      found: ['dist:B@3: line "B-L1" is reversed by 401, of 400'],
    },
    {
      name: "a line's state",
      sql: "UPDATE lines SET state = 'held' WHERE tenant = ?1",
      found: [
        'dist:B@3: line "B-L1" is 400 USD, 0 reversed, held in the mirror, 400 USD, 0 reversed, available in the log',
      ],
    },
    {
      name: "when a transfer took effect",
      sql: "UPDATE transfers SET effective_ms = effective_ms + 1 WHERE tenant = ?1 AND position = 4",
      found: [
        expect.stringMatching(
          /^dist:B@4: the transfer of 12100 USD from dist:B:available to exp:commission is of effective_at "[^"]*1Z" in the mirror, effective_at "[^"]*0Z" in the log$/,
        ),
      ],
    },
    {
      name: "when a transfer was recorded",
      sql: "UPDATE transfers SET recorded_ms = 0 WHERE tenant = ?1 AND position = 4",
      found: [
        expect.stringContaining(
          'is of recorded_at "1970-01-01T00:00:00.000Z" in the mirror, recorded_at "2',
        ),
      ],
    },
    {
      name: "what a transfer is about",
      sql: "UPDATE transfers SET rule = 'P1', reference = 'X', event_id = 'evt' WHERE tenant = ?1 AND position = 4",
      found: [
        expect.stringMatching(
          /is of rule "P1", reference "X", event_id "evt" in the mirror, rule "P8", reference "[^"]+", event_id "evt_[^"]+" in the log$/,
        ),
      ],
    },
    {
      name: "when a line counts",
      sql: "UPDATE lines SET period_id = '2020-01', effective_ms = 0 WHERE tenant = ?1",
      found: [
        expect.stringMatching(
          /^dist:B@3: line "B-L1" is of period_id "2020-01", effective_at "1970-01-01T00:00:00.000Z" in the mirror, period_id .*, effective_at "2\d{3}.* in the log$/,
        ),
      ],
    },
    {
      name: "what a line is made of",
      sql: "UPDATE lines SET component = 'another', rate_ppm = 7 WHERE tenant = ?1",
      found: [
        expect.stringMatching(/^dist:B@3: line "B-L1" is of component "another", rate_ppm 7 in /),
      ],
    },
    {
      name: "a line that is gone",
      sql: "DELETE FROM lines WHERE tenant = ?1",
      found: ['dist:B@3: the mirror lacks line "B-L1"'],
    },
    {
      name: "an anchor of another log",
      sql: "INSERT INTO anchors SELECT tenant, subject, '2026-07-01', 3, 'another' FROM subjects WHERE tenant = ?1",
      found: [
        expect.stringMatching(
          /^dist:B@3: its hash is [0-9a-f]{64}, the anchor of 2026-07-01 is another$/,
        ),
      ],
    },
    {
      name: "an anchor beyond the log",
      sql: "INSERT INTO anchors SELECT tenant, subject, '2026-07-01', 7, head FROM subjects WHERE tenant = ?1",
      found: ["dist:B@7: the log does not reach the anchor of 2026-07-01"],
    },
    {
      name: "an object that was anchored and is not mirrored any more",
      sql: "INSERT INTO anchors VALUES (?1, 'dist:Z', '2026-07-01', 6, 'h')",
      found: ["dist:Z@null: it was anchored, and the mirror does not know it"],
    },
  ])("names $name", async ({ sql, found }) => {
    const { tenant } = await afterW2();
    await tamper(sql, tenant);
    expect(await findings(tenant)).toEqual(found);
  });

  test("names the entry that was altered in an object's log", async () => {
    const { tenant } = await afterW2();
    await alterLog(tenant, (sql) => {
      sql.exec("UPDATE log SET entry = replace(entry, '12100', '12101') WHERE position = 4");
    });
    const [first] = await findings(tenant);
    expect(first).toMatch(/^dist:B@4: its hash is [0-9a-f]{64}, computed [0-9a-f]{64}$/);
  });

  test("names the entry behind one that was taken out", async () => {
    const { tenant } = await afterW2();
    await alterLog(tenant, (sql) => {
      sql.exec("DELETE FROM log WHERE position = 3");
    });
    const [first] = await findings(tenant);
    expect(first).toBe("dist:B@4: follows position 2 in the log");
  });

  test("names the end that a log has lost", async () => {
    const { tenant } = await afterW2();
    await alterLog(tenant, (sql) => {
      sql.exec("DELETE FROM log WHERE position = 6");
    });
    const [first] = await findings(tenant);
    expect(first).toBe("dist:B@6: the log does not reach the mirror's head");
  });

  test("finds a log that was rewritten as a whole, by the head that D1 holds", async () => {
    const { tenant } = await afterW2();
    await alterLog(tenant, (sql) => {
      const rows = sql.exec<{ entry: string }>("SELECT entry FROM log ORDER BY position").toArray();
      const altered = rows.map(({ entry }): object =>
        JSON.parse(entry.replaceAll("12100", "12200")),
      );
      for (const { position, hash, entry } of chainOf(altered)) {
        sql.exec("UPDATE log SET hash = ?, entry = ? WHERE position = ?", hash, entry, position);
      }
    });
    const all = await findings(tenant);
    expect(all.filter((found) => found.includes("the mirror's head"))).toEqual([
      expect.stringMatching(/^dist:B@6: its hash is /),
    ]);
  });

  test("compares what was known yesterday where rows never stop arriving", async () => {
    const { tenant } = await foundCompany();
    const accounts = { debit: "cash:psp", credit: "rev:product", currency: "USD" };
    const transfer = { ...accounts, amount_minor: 5, rule: "P1", reference: "r" };
    const at = (recorded_ms: number) => ({
      recorded_ms,
      cause: { event_id: "evt", occurred_ms: recorded_ms },
      effects: { transfers: [transfer] },
    });
    const [early, late] = [at(Date.UTC(2026, 6, 1)), at(Date.UTC(2026, 6, 3))];
    const logs = new Map<string, readonly LogRow[]>();
    const arrive = async (subject: string, entry: typeof early) => {
      const rows = chainOf([entry]);
      logs.set(subject, rows);
      await run(
        "INSERT INTO subjects (tenant, subject, position, head) VALUES (?, ?, 1, ?)",
        tenant,
        subject,
        rows[0]?.hash ?? "",
      );
      await run(
        `INSERT INTO transfers VALUES (?1, ?2, 1, 0, 'P1', 'cash:psp', 'rev:product', 5, 'USD', 'r', 'evt', ?3, ?3)`,
        tenant,
        subject,
        entry.recorded_ms,
      );
      await run(
        `INSERT INTO account_days SELECT ?1, value, 'USD', ?2, ?2, iif(value = 'cash:psp', 5, -5)
         FROM json_each('["cash:psp", "rev:product"]') WHERE true
         ON CONFLICT DO UPDATE SET amount_minor = amount_minor + excluded.amount_minor`,
        tenant,
        new Date(entry.recorded_ms).toISOString().slice(0, 10),
      );
    };
    await arrive("lead:0", early);
    const api = gatewayOver(logs);
    let arrived = 0;
    const source = openSource({
      url: ORIGIN,
      tenant,
      token: env.ADMIN_TOKEN,
      fetch: async (url, init) => {
        const response = await api.fetch(new Request(url, init));
        arrived += url.includes("ledger/balances") ? 1 : 0;
        if (url.includes("ledger/balances")) await arrive(`lead:${arrived}`, late);
        return response;
      },
    });
    const pace = { pauseMs: 1, nowMs: Date.UTC(2026, 6, 3, 12) };
    expect((await verifyTenant(source, pace)).findings).toEqual([]);
    expect(arrived).toBe(11);
    await run(
      "UPDATE account_days SET amount_minor = 6 WHERE tenant = ? AND day = '2026-07-01'",
      tenant,
    );
    const { findings: found } = await verifyTenant(source, pace);
    expect(found.map(({ what }) => what)).toEqual([
      "USD cash:psp is 6, the logs come to 5",
      "USD rev:product is 6, the logs come to -5",
    ]);
  });

  test.each([".", ".."])("names an object that no address can name: dist:%s", async (id) => {
    const { tenant } = await foundCompany();
    const rows = chainOf([{ effects: {} }]);
    await run(
      "INSERT INTO subjects (tenant, subject, position, head) VALUES (?, ?, 1, ?)",
      tenant,
      `dist:${id}`,
      rows[0]?.hash ?? "",
    );
    const found = await findings(tenant, gatewayOver(new Map([[`dist:${id}`, rows]])));
    expect(found).toEqual([
      `dist:${id}@null: no address can name it: its status and its lines cannot be compared`,
    ]);
  });

  test.each([
    { name: "is not canonical", entry: '{"b":1,"a":2}', fault: "its entry is not canonical JSON" },
    { name: "is no JSON", entry: "{", fault: "its entry is not canonical JSON" },
    {
      name: "moves a fraction",
      entry: canonicalJson({
        effects: { transfers: [{ debit: "a", credit: "b", currency: "USD", amount_minor: 0.5 }] },
      }),
      fault: "a transfer's amount is no integer above zero",
    },
    {
      name: "moves money to where it was",
      entry: canonicalJson({
        effects: { transfers: [{ debit: "a", credit: "a", currency: "USD", amount_minor: 5 }] },
      }),
      fault: 'a transfer moves money from "a" to itself',
    },
  ])("names an entry that $name, though its hash is right", async ({ entry, fault }) => {
    const { tenant } = await foundCompany();
    const hash = sha256(entry);
    await run(
      "INSERT INTO subjects (tenant, subject, position, head) VALUES (?, 'lead:x', 1, ?)",
      tenant,
      hash,
    );
    const logs = new Map([["lead:x", [{ position: 1, hash, entry }]]]);
    expect(await findings(tenant, gatewayOver(logs))).toEqual([`lead:x@1: ${fault}`]);
  });
});

describe("verifyTenant() on the manifest of an order", () => {
  const sent = (distributor: string, amount: number, more: object = {}) => ({
    line_id: `O1:uni:1:${distributor}`,
    distributor_id: distributor,
    order_id: "O1",
    currency: "USD",
    amount_minor: amount,
    reversed_minor: 0,
    ver: 1,
    computation: 1,
    ...more,
  });
  const order = (lines: number, manifest: readonly (readonly string[])[]) => ({
    order_id: "O1",
    state: "paid",
    net_minor: 0,
    tax_minor: 0,
    shipping_minor: 0,
    amount_minor: 0,
    fee_minor: 0,
    returned_minor: 0,
    cv_x100: 0,
    pv_x100: 0,
    lines,
    manifest: JSON.stringify(manifest),
  });
  const first = {
    effects: { dispatch: [sent("A", 400), sent("B", 300)], order: order(2, [["USD", "700", "0"]]) },
  };
  const refunded = {
    effects: {
      dispatch: [
        sent("A", 400, { reversed_minor: 160, ver: 2 }),
        sent("B", 300, { reversed_minor: 120, ver: 2 }),
      ],
      order: order(2, [["USD", "700", "280"]]),
    },
  };

  /** An order's log, and the lines that the mirror has of it. */
  async function orderOf(
    entries: readonly (typeof first)[],
    lines: Readonly<Record<string, readonly [number, number, string?]>>,
  ) {
    const { tenant } = await foundCompany();
    const rows = chainOf(entries);
    await run(
      "INSERT INTO subjects (tenant, subject, position, head) VALUES (?, 'order:O1', ?, ?)",
      tenant,
      rows.length,
      rows.at(-1)?.hash ?? "",
    );
    const manifest = entries.at(-1)?.effects.order;
    await run(
      `INSERT INTO orders (tenant, order_id, state, net_minor, tax_minor, shipping_minor, amount_minor,
         fee_minor, returned_minor, cv_x100, pv_x100, lines, manifest)
       VALUES (?, 'O1', 'paid', 0, 0, 0, 0, 0, 0, 0, 0, ?, ?)`,
      tenant,
      manifest?.lines ?? 0,
      manifest?.manifest ?? "[]",
    );
    for (const [distributor, [amount, reversed, state = "pending"]] of Object.entries(lines)) {
      await run(
        `INSERT INTO lines (tenant, distributor_id, line_id, order_id, component, amount_minor,
           reversed_minor, currency, state, effective_ms) VALUES (?, ?, ?, 'O1', 'uni', ?, ?, 'USD', ?, 0)`,
        tenant,
        distributor,
        `O1:uni:1:${distributor}`,
        amount,
        reversed,
        state,
      );
    }
    return findings(tenant, gatewayOver(new Map([["order:O1", rows]])));
  }

  test.each<{
    name: string;
    entries: readonly (typeof first)[];
    lines: Readonly<Record<string, readonly [number, number, string?]>>;
    found: readonly string[];
  }>([
    { name: "a sale", entries: [first], lines: { A: [400, 0], B: [300, 0] }, found: [] },
    {
      name: "a sale and its return, the line superseded meanwhile",
      entries: [first, refunded],
      lines: { A: [400, 160, "superseded"], B: [300, 120] },
      found: [],
    },
    {
      name: "a line that never arrived",
      entries: [first],
      lines: { A: [400, 0] },
      found: ['order:O1@1: line "O1:uni:1:B" was sent and is not mirrored'],
    },
    {
      name: "a reversal that never arrived",
      entries: [first, refunded],
      lines: { A: [400, 160], B: [300, 0] },
      found: ['order:O1@2: line "O1:uni:1:B" is 300 with 0 reversed, sent as 300 with 120'],
    },
    {
      name: "a manifest that is not what was sent",
      entries: [{ effects: { ...first.effects, order: order(3, [["USD", "701", "0"]]) } }],
      lines: { A: [400, 0], B: [300, 0] },
      found: [
        "order:O1@1: its manifest has 3 lines, 2 were sent",
        'order:O1@1: its manifest is [["USD","701","0"]], what was sent comes to [["USD","700","0"]]',
      ],
    },
    {
      name: "what a new computation may not change any more",
      entries: [
        first,
        {
          effects: {
            dispatch: [sent("B", 0, { ver: 2, computation: 2 })],
            order: order(1, [["USD", "400", "0"]]),
          },
        },
      ],
      lines: { A: [400, 0], B: [300, 0, "available"] },
      found: [],
    },
  ])("judges $name", async ({ entries, lines, found }) => {
    expect(await orderOf(entries, lines)).toEqual(found);
  });
});

describe("verifyTenant() on orders and volumes", () => {
  const step = (distributor_id: string, points: number) => ({
    distributor_id,
    period_id: "2026-07",
    pv_x100: points,
    cv_x100: 2 * points,
    gv_x100: 3 * points,
  });
  const order = {
    order_id: "O1",
    state: "paid",
    payment_id: "P1",
    source_node: "B",
    order_kind: "store",
    currency: "USD",
    net_minor: 25_000,
    tax_minor: 2000,
    shipping_minor: 500,
    amount_minor: 27_500,
    fee_minor: 828,
    returned_minor: 0,
    cv_x100: 20_000,
    pv_x100: 20_000,
    paid_ms: Date.UTC(2026, 6, 1),
    period_id: "2026-07",
    lines: 0,
    manifest: "[]",
  };
  const entries = [
    { effects: { order, volumes: [step("B", 200), step("A", 200), step("Z", 100)] } },
    { effects: { volumes: [step("A", -50), step("Z", -100)] } },
  ];

  const subject = (tenant: string, name: string, rows: readonly LogRow[]) =>
    run(
      "INSERT INTO subjects (tenant, subject, position, head) VALUES (?, ?, ?, ?)",
      tenant,
      name,
      rows.length,
      rows.at(-1)?.hash ?? "",
    );

  const count = (tenant: string, distributor: string, points: number) =>
    run(
      `INSERT INTO volumes VALUES (?1, ?2, '2026-07', ?3, 2 * ?3, 3 * ?3) ON CONFLICT DO UPDATE SET
        pv_x100 = pv_x100 + ?3, cv_x100 = cv_x100 + 2 * ?3, gv_x100 = gv_x100 + 3 * ?3`,
      tenant,
      distributor,
      points,
    );

  /** An order that was sold and returned in part, all of it mirrored. */
  async function sold() {
    const { tenant } = await foundCompany();
    const rows = chainOf(entries);
    await subject(tenant, "order:O1", rows);
    const names = Object.keys(order);
    await run(
      `INSERT INTO orders (tenant, ${names.join()}) VALUES (?, ${names.map(() => "?").join()})`,
      tenant,
      ...Object.values(order),
    );
    for (const [id, points] of Object.entries({ A: 150, B: 200, Z: 0 })) {
      await count(tenant, id, points);
    }
    return { tenant, logs: new Map([["order:O1", rows]]) };
  }

  test("shows an order and what was counted as the mirror has them", async () => {
    const { tenant, logs } = await sold();
    const api = gatewayOver(logs);
    const read = async (path: string) =>
      (await call(`tenants/${tenant}/${path}`, env.ADMIN_TOKEN, api)).json<Page>();
    const page = await read("chains/order:O1");
    expect(CHAIN_ANSWERS.LogPage.safeParse(page).error?.issues ?? []).toEqual([]);
    const { order_id: _id, lines: _lines, manifest: _sent, paid_ms: _ms, ...shown } = order;
    expect(page).toMatchObject({ order: { ...shown, paid_at: "2026-07-01T00:00:00.000Z" } });
    const first = await read("volumes?limit=2");
    const rest = await read(`volumes?limit=2&cursor=${first.next_cursor}`);
    const all = [...first.items, ...rest.items];
    expect(
      all.flatMap((row) => CHAIN_ANSWERS.CountedVolume.safeParse(row).error?.issues ?? []),
    ).toEqual([]);
    expect(all).toEqual([step("A", 150), step("B", 200), step("Z", 0)]);
  });

  test.each<{ sql: string; found: readonly string[] }>([
    { sql: "DELETE FROM breaks WHERE tenant = ?1", found: [] },
    {
      sql: "UPDATE orders SET net_minor = 1, returned_minor = 5 WHERE tenant = ?1",
      found: [
        "order:O1@1: the order is net_minor 1, returned_minor 5 in the mirror, net_minor 25000, returned_minor 0 in the log",
      ],
    },
    {
      sql: "UPDATE orders SET paid_ms = NULL, fee_minor = 0 WHERE tenant = ?1",
      found: [
        'order:O1@1: the order is fee_minor 0, paid_at null in the mirror, fee_minor 828, paid_at "2026-07-01T00:00:00.000Z" in the log',
      ],
    },
    {
      sql: "DELETE FROM orders WHERE tenant = ?1",
      found: ["order:O1@1: the mirror lacks the order"],
    },
    {
      sql: "UPDATE volumes SET gv_x100 = gv_x100 + 1 WHERE tenant = ?1 AND distributor_id = 'A'",
      found: [
        'volumes@null: of "A" in 2026-07 they are PV 150, CV 300, GV 451, the logs come to PV 150, CV 300, GV 450',
      ],
    },
    {
      sql: "DELETE FROM volumes WHERE tenant = ?1 AND distributor_id <> 'A'",
      found: [
        'volumes@null: of "B" in 2026-07 they are PV 0, CV 0, GV 0, the logs come to PV 200, CV 400, GV 600',
      ],
    },
    {
      sql: "INSERT INTO volumes VALUES (?1, 'A', '2026-08', 1, 0, 0)",
      found: [
        'volumes@null: of "A" in 2026-08 they are PV 1, CV 0, GV 0, the logs come to PV 0, CV 0, GV 0',
      ],
    },
  ])("finds what '$sql' did", async ({ sql, found }) => {
    const { tenant, logs } = await sold();
    await run(sql, tenant);
    expect(await findings(tenant, gatewayOver(logs))).toEqual(found);
  });

  test("counts each step once where rows never stop arriving", async () => {
    const { tenant, logs } = await sold();
    const own: Map<string, readonly LogRow[]> = logs;
    await count(tenant, "B", 7);
    const api = gatewayOver(own);
    let arrived = 0;
    const source = openSource({
      url: ORIGIN,
      tenant,
      token: env.ADMIN_TOKEN,
      fetch: async (url, init) => {
        // Between the look at the logs and the reading of what they come to.
        if (url.includes("/volumes")) {
          arrived += 1;
          const rows = chainOf([
            ...entries,
            ...Array.from({ length: arrived }, () => ({ effects: { volumes: [step("A", 1)] } })),
          ]);
          own.set("order:O1", rows);
          await run("DELETE FROM subjects WHERE tenant = ?", tenant);
          await subject(tenant, "order:O1", rows);
          await count(tenant, "A", 1);
        }
        return api.fetch(new Request(url, init));
      },
    });
    const { findings: found } = await verifyTenant(source, { pauseMs: 1 });
    expect(arrived).toBe(10);
    expect(found.map(({ what }) => what)).toEqual([
      'of "B" in 2026-07 they are PV 207, CV 414, GV 621, the logs come to PV 200, CV 400, GV 600',
    ]);
  });
});
