import { beforeAll, describe, expect, it } from "vitest";
import { expectMirrorEqualsObjects, type Line } from "../../support/line.ts";
import { busyLine, fileRoster } from "./busy.ts";
import { type Dump, dump, NOTHING_WRONG, OWN, REBUILT, rebuild, tamper, told } from "./support.ts";

/** Rebuilt, it is as it was: one company is enough for all that can be done to its mirror. */
let line: Line;
let tenant: string;
let before: Dump;

beforeAll(async () => {
  line = await busyLine();
  ({ tenant } = line.company);
  await fileRoster(line, "2026-11-20");
  before = await dump(tenant);
});

describe("a mirror", () => {
  it("has rows in every table, and is left as it is where it is right", async () => {
    for (const { name } of REBUILT) {
      expect([name, (before[name] ?? []).length > 0]).toEqual([name, true]);
    }
    const { state, report } = await rebuild(line);
    expect(report).toMatchObject(NOTHING_WRONG);
    expect(report.rows).toEqual({});
    expect(state).toBe("done");
    expect(await dump(tenant)).toEqual(before);
  });

  it.each(REBUILT.map(({ name }) => name))("that has lost its %s has them again", async (name) => {
    await tamper([`DELETE FROM "${name}" WHERE tenant = ? ${OWN[name] ?? ""}`, tenant]);
    expect(await dump(tenant)).not.toEqual(before);
    const { report } = await rebuild(line);
    expect(report).toMatchObject(NOTHING_WRONG);
    expect(await dump(tenant)).toEqual(before);
    await expectMirrorEqualsObjects(tenant);
  });

  it.each([0, 1])("that has lost every other row has them again (%i)", async (odd) => {
    const statements = REBUILT.map(({ name, key }) => {
      const columns = key.map((column) => `"${column}"`).join(", ");
      return told(
        tenant,
        `DELETE FROM "${name}" WHERE tenant = ?1 ${OWN[name] ?? ""} AND (${columns}) IN
          (SELECT ${columns} FROM (SELECT ${columns}, row_number() OVER (ORDER BY ${columns}) AS nth
            FROM "${name}" WHERE tenant = ?1) WHERE nth % 2 = ${odd})`,
      );
    });
    expect(await tamper(...statements)).toBeGreaterThan(REBUILT.length);
    const { report } = await rebuild(line);
    expect(report).toMatchObject(NOTHING_WRONG);
    expect(await dump(tenant)).toEqual(before);
  });
});

const CHANGES: Readonly<Record<string, readonly string[]>> = {
  transfers: ["amount_minor = amount_minor + 1", "reference = 'X'", "rule = 'P0'"],
  lines: ["amount_minor = 1", "state = 'void', due_ms = 5", "digest = NULL"],
  standings: ["value = '{}'", "effective_ms = 1"],
  edges: ["parent_id = 'Z'", "effective_ms = 7, node_kind = 'customer'"],
  orders: ["state = 'placed', paid_ms = 1", "manifest = '[]', lines = 9"],
  records: ["value = '{}'", "rev = '9'"],
  aliases: ["subject = 'order:ZZ'"],
  messages: ["about = '{}'", "subject = 'dist:ZZ'"],
  gaps: ["to_seq = 99", "stage = 'alert'"],
  events: ["outcome = 'dead', code = 'x'", "position = 77", "subject = 'dist:ZZ'", "archive = 'x'"],
  held: ["reason = 'x'", "state = 'dead'"],
  frontlines: ["distributors = 44"],
  volumes: ["pv_x100 = pv_x100 + 5, gv_x100 = 0"],
  account_days: ["amount_minor = amount_minor + 5"],
  digests: ["items = items + 1, s3 = 0"],
  subjects: ["view = '{}'", "display_name = 'X. Y.'"],
};

describe("a mirror in which somebody wrote", () => {
  it.each(Object.entries(CHANGES).flatMap(([table, all]) => all.map((set) => ({ table, set }))))(
    "$table: $set",
    async ({ table, set }) => {
      const own = table === "subjects" ? "AND view IS NOT NULL" : (OWN[table] ?? "");
      await tamper([`UPDATE "${table}" SET ${set} WHERE tenant = ? ${own}`, tenant]);
      expect(await dump(tenant)).not.toEqual(before);
      expect((await rebuild(line)).report).toMatchObject(NOTHING_WRONG);
      expect(await dump(tenant)).toEqual(before);
    },
  );

  it("has nothing left of what nobody told", async () => {
    const added = await tamper(
      ...[
        "INSERT INTO transfers SELECT tenant, subject, position, n + 99, rule, debit, credit, amount_minor, currency, reference, event_id, effective_ms, recorded_ms FROM transfers WHERE tenant = ?",
        "INSERT INTO transfers SELECT tenant, 'dist:NOBODY', position, n, rule, debit, credit, amount_minor, currency, reference, event_id, effective_ms, recorded_ms FROM transfers WHERE tenant = ? AND subject = 'dist:B'",
        "INSERT INTO lines SELECT tenant, distributor_id, line_id || 'X', order_id, component, level, depth, rate_ppm, amount_minor, reversed_minor, currency, state, period_id, effective_ms, origin, due_ms, digest FROM lines WHERE tenant = ? AND distributor_id = 'B'",
        "INSERT INTO standings VALUES (?, 'B', 'status', '', 9, '9', 1, '{}')",
        "INSERT INTO edges VALUES (?, 'sponsor', 'B', 'e9', 'distributor', 1, 'C', NULL)",
        "INSERT INTO edges VALUES (?, 'sponsor', 'B', 'm9', 'distributor', 1, 'C', NULL)",
        "INSERT INTO edges VALUES (?, 'sponsor', 'GHOST', 'e1', 'distributor', 1, 'C', NULL)",
        "INSERT INTO aliases VALUES (?, 'payment:GHOST', 'order:O1')",
        "INSERT INTO aliases VALUES (?, 'payment:GHOST2', 'order:GHOST')",
        "INSERT INTO messages VALUES (?, 'msg:ghost', 'x', 'dist:B', '{}', 1)",
        "INSERT INTO records VALUES (?, 'ticket', 'desk:GHOST', 0, '1', 1, 1, '{}')",
        "INSERT INTO gaps VALUES (?, 'dist:B', 'core', 0, 50, 60, 1, 'alert', 1)",
        "INSERT INTO events (tenant, event_id, source, sender_id, subject, outcome, position, received_ms, recorded_ms, repeated) VALUES (?, 'evt_ghost', 'core', 'ghost', 'dist:B', 'applied', 2, 1, 1, 0)",
        "INSERT INTO volumes VALUES (?, 'GHOST', '2026-07', 1, 2, 3)",
        "INSERT INTO frontlines VALUES (?, 'GHOST', 3)",
        "INSERT INTO account_days VALUES (?, 'rev:product', 'USD', '2020-01-01', '2020-01-01', 7)",
        "INSERT INTO digests VALUES (?, 'transfer', 0, 1, 'USD', 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)",
      ].map((sql) => told(tenant, sql)),
    );
    expect(added).toBeGreaterThan(17);
    expect((await rebuild(line)).report).toMatchObject(NOTHING_WRONG);
    expect(await dump(tenant)).toEqual(before);
    await expectMirrorEqualsObjects(tenant);
  });
});
