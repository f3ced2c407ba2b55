import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { objectsPorts } from "#src/compose/reconciliation.ts";
import { shardAt } from "#src/edge/bindings.ts";
import type { ObjectsPorts } from "#src/edge/cron/reconciliation/objects.ts";
import { w2 } from "../../support/company.ts";
import { type Line, lineOf } from "../../support/line.ts";
import { type Kept, tamper, walkOver } from "./walk.ts";

/* What is wrong with one, and the sums of all others, which are looked at all the same. */

const db = env.MIRROR_0;
const MOST = "9223372036854775807";
const LEAST = "-9223372036854775808";

let line: Line;
let tenant: string;

beforeEach(async () => {
  line = await lineOf("B", "C");
  ({ tenant } = line.company);
  await line.post(...w2("B"), ...w2("C"));
  await line.drain();
});

afterEach(() => {
  vi.restoreAllMocks();
});

const select = async (sql: string) => (await db.prepare(sql).bind(tenant).all()).results;

const days = () =>
  select(
    `SELECT account, currency, day, known_day, CAST(amount_minor AS TEXT) AS amount
     FROM account_days WHERE tenant = ? AND amount_minor <> 0`,
  );

const digests = () =>
  select(
    `SELECT kind, CAST(hour_ms AS TEXT) AS hour, shard, currency, items, amount_minor, s0, s7
     FROM digests WHERE tenant = ? AND items <> 0`,
  );

const told = () =>
  select("SELECT subject, detail FROM breaks WHERE tenant = ? AND class = 'MIRROR'");

/** Everything that is logged from now on under this name. */
function logging(event: string): readonly Record<string, unknown>[] {
  const logged: Record<string, unknown>[] = [];
  const keep = (text: string) => {
    const entry = JSON.parse(text);
    if (entry.event === event) logged.push(entry);
  };
  vi.spyOn(console, "log").mockImplementation(keep);
  vi.spyOn(console, "error").mockImplementation(keep);
  return logged;
}

describe("sums of a tenant whose name is no text", () => {
  const NAMES = ["2eff", "ff", "f4908080"] as const;
  const named = (hex: string) => `CAST(x'${hex}' AS TEXT)`;
  const rowsOf = async (hex: string) => {
    const of = `WHERE tenant = ${named(hex)}`;
    const count = `SELECT (SELECT count(*) FROM account_days ${of})
      + (SELECT count(*) FROM digests ${of}) AS n`;
    return await db.prepare(count).first<number>("n");
  };

  it.each(NAMES)("go, and those of all tenants behind it are looked at: %s", async (hex) => {
    const before = await days();
    const { tenantAfter } = objectsPorts(line.parts, shardAt(line.parts.shards, 0));
    await db.batch([
      db.prepare(`INSERT INTO account_days (tenant, account, currency, day, known_day, amount_minor)
        VALUES (${named(hex)}, 'a', 'USD', '2026-01-01', '2026-01-01', 5)`),
      db
        .prepare(
          `INSERT INTO digests SELECT ${named(hex)}, kind, hour_ms, shard, currency, items, amount_minor,
             s0, s1, s2, s3, s4, s5, s6, s7 FROM digests WHERE tenant = ?1`,
        )
        .bind(tenant),
    ]);
    await tamper(tenant, "UPDATE account_days SET amount_minor = 77 WHERE tenant = ?1");
    const logged = logging("mirror_repaired");
    const met: string[] = [];
    let at: string | undefined = "";
    while (at !== undefined && met.length < 1000) {
      at = await tenantAfter(at);
      if (at !== undefined) met.push(at);
    }
    expect(met).toContain(tenant);
    expect(met).toEqual([...new Set(met)].toSorted());
    expect(await rowsOf(hex)).toBe(0);
    expect(logged).toMatchObject([{ alert: true, subject: "sums" }]);
    await walkOver(line);
    expect(await days()).toEqual(before);
  });
});

describe("with somebody who stays frozen, as a person accepted", () => {
  const freeze = async (kept: Kept) => {
    await tamper(
      tenant,
      "UPDATE subjects SET head = 'other' WHERE tenant = ?1 AND subject = 'dist:C'",
    );
    expect(await walkOver(line, undefined, [], kept)).toMatchObject({ frozen: 1 });
  };

  it.each([
    [
      "another's total",
      "UPDATE account_days SET amount_minor = 77 WHERE tenant = ?1 AND account = 'dist:B:available'",
    ],
    [
      "a total of their own",
      "UPDATE account_days SET amount_minor = 77 WHERE tenant = ?1 AND account = 'dist:C:available'",
    ],
    [
      "a total of the company",
      "UPDATE account_days SET amount_minor = 77 WHERE tenant = ?1 AND account = 'exp:commission'",
    ],
    ["digests", "UPDATE digests SET items = items + 3 WHERE tenant = ?1"],
  ])("%s is healed, and nothing is left out", async (_, sql) => {
    const kept: Kept = {};
    const before = { days: await days(), digests: await digests() };
    await freeze(kept);
    const logged = logging("sums_left_out");
    await tamper(
      tenant,
      "UPDATE breaks SET resolved_ms = 1, outcome = 'accepted' WHERE tenant = ?1 AND class = 'CHAIN'",
    );
    expect(await tamper(tenant, sql)).toBeGreaterThan(0);
    await walkOver(line, undefined, [], kept);
    expect({ days: await days(), digests: await digests() }).toEqual(before);
    expect(logged).toEqual([]);
  });
});

describe("with somebody who is frozen, and nobody has looked at it", () => {
  it("another's sums are healed, and theirs wait for a person", async () => {
    const before = await days();
    const logged = logging("sums_left_out");
    await tamper(
      tenant,
      "UPDATE subjects SET head = 'other' WHERE tenant = ?1 AND subject = 'dist:C'",
      "UPDATE transfers SET amount_minor = 9 WHERE tenant = ?1 AND subject = 'dist:C'",
      "UPDATE account_days SET amount_minor = 77 WHERE tenant = ?1 AND account = 'dist:B:available'",
    );
    const kept: Kept = {};
    expect(await walkOver(line, undefined, [], kept)).toMatchObject({ frozen: 1 });
    expect(await days()).toEqual(before);
    await walkOver(line, undefined, [], kept);
    expect(await days()).toEqual(before);
    expect(logged).toMatchObject([{ level: "warn" }, { alert: true, named: ["dist:C"] }]);
  });
});

describe("with somebody who cannot be looked at", () => {
  const failing = (ports: ObjectsPorts): ObjectsPorts => ({
    ...ports,
    check: (place, upTo) =>
      place.subject === "dist:C" ? Promise.reject(new Error("out")) : ports.check(place, upTo),
  });

  /** Another day of effect, which only this one has moved on. */
  const later = (distributor: string) => ({
    id: `later-${distributor}`,
    type: "adjustment.posted",
    version: 1,
    key: `dist:${distributor}`,
    seq: 6,
    occurred_at: "2026-07-09T10:00:00.000Z",
    data: {
      distributor_id: distributor,
      line_id: "Z-6",
      currency: "USD",
      amount_minor: 5,
      reason_code: "test",
      effective_at: "2026-08-09T10:00:00.000Z",
      approved_by: "cfo",
    },
  });

  const everySum = async () => ({ days: await days(), digests: await digests() });

  it("all sums are looked at but those that only these rows prove", async () => {
    await line.post(later("B"));
    await line.drain();
    const before = await everySum();
    await tamper(
      tenant,
      "UPDATE account_days SET amount_minor = 77 WHERE tenant = ?1 AND account LIKE 'dist:B:%'",
      "UPDATE account_days SET amount_minor = 78 WHERE tenant = ?1 AND account = 'exp:commission' AND day = '2026-08-09'",
    );
    expect(await walkOver(line, failing)).toMatchObject({ failed: 1 });
    expect(await everySum()).toEqual(before);
  });

  it.each([
    ["is gone", "DELETE FROM transfers WHERE tenant = ?1 AND subject = 'dist:C'"],
    [
      "is changed",
      "UPDATE transfers SET amount_minor = 9 WHERE tenant = ?1 AND subject = 'dist:C'",
    ],
    [
      "moves another's money",
      "UPDATE transfers SET credit = 'dist:B:available' WHERE tenant = ?1 AND subject = 'dist:C'",
    ],
    [
      "is of another day",
      "UPDATE transfers SET effective_ms = effective_ms - 864000000 WHERE tenant = ?1 AND subject = 'dist:C'",
    ],
    ["is gone, a line", "DELETE FROM lines WHERE tenant = ?1 AND distributor_id = 'C'"],
  ])("no sum is made anew of a row of theirs that %s", async (_, sql) => {
    const before = await everySum();
    expect(await tamper(tenant, sql)).toBeGreaterThan(0);
    expect(await walkOver(line, failing)).toMatchObject({ failed: 1 });
    expect(await everySum()).toEqual(before);
    expect(await walkOver(line)).toMatchObject({ failed: 0, repaired: 1 });
    expect(await everySum()).toEqual(before);
  });

  it("is told of, and a person once it was so in two walks", async () => {
    const kept: Kept = {};
    const logged = logging("sums_left_out");
    await walkOver(line, failing, [], kept);
    expect(logged).toMatchObject([{ level: "warn", tenant, subjects: 1, named: ["dist:C"] }]);
    await walkOver(line, failing, [], kept);
    expect(logged.slice(1)).toMatchObject([{ level: "error", alert: true, tenant }]);
    await walkOver(line, undefined, [], kept);
    expect(logged).toHaveLength(2);
  });

  it("all of a tenant's wait where there are too many of those", async () => {
    const before = await days();
    const names = Array.from({ length: 501 }, (_, i) => `'dist:N${i}'`);
    await tamper(
      tenant,
      `INSERT INTO subjects (tenant, subject, position, head)
       SELECT ?1, value, 1, 'x' FROM json_each('[${names.join(",").replaceAll("'", '"')}]')`,
    );
    const out = (ports: ObjectsPorts): ObjectsPorts => ({
      ...ports,
      check: () => Promise.reject(new Error("out")),
    });
    expect(await walkOver(line, out)).toMatchObject({ unsettled: [tenant] });
    expect(await days()).toEqual(before);
  });
});

describe("digests that no event can have made", () => {
  const like = (from: string, kind: string, hour: string, currency = "currency") =>
    `INSERT INTO digests SELECT tenant, '${kind}', ${hour}, shard, ${currency}, 7, 7, s0, s1, s2, s3, s4, s5,
       s6, s7 FROM digests WHERE tenant = ?1 AND kind = '${from}' LIMIT 1`;

  it.each([
    ["transfer", MOST],
    ["transfer", LEAST],
    ["transfer", "9007199254740993"],
    ["line", MOST],
    ["line", LEAST],
    ["other", "0"],
    ["transfer", "0", "CAST(x'ff' AS TEXT)"],
    ["line", "0", "CAST(x'ff' AS TEXT)"],
  ])("go, and all others are healed: of kind %s, at %s", async (kind, hour, currency?: string) => {
    const before = await digests();
    const from = kind === "other" ? "line" : kind;
    await tamper(
      tenant,
      "UPDATE digests SET items = items + 3, s0 = s0 - 1 WHERE tenant = ?1",
      like(from, kind, hour, currency),
    );
    await walkOver(line);
    expect(await digests()).toEqual(before);
    expect(await told()).toContainEqual({
      subject: "digests",
      detail: "Digests that no event can have made: taken away",
    });
    const count = (await told()).length;
    await walkOver(line);
    expect(await told()).toHaveLength(count);
  });
});
