import { env } from "cloudflare:workers";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { objectsJob } from "#src/compose/reconciliation.ts";
import type { ObjectsPorts } from "#src/edge/cron/reconciliation/objects.ts";
import { largeReads } from "#src/edge/d1/reconciliation/large-rows.ts";
import { w2 } from "../../support/company.ts";
import { expectMirrorEqualsObjects, type Line, lineOf } from "../../support/line.ts";
import { tamper, walkOver } from "./walk.ts";

const db = env.MIRROR_0;
let line: Line;
let tenant: string;

beforeEach(async () => {
  line = await lineOf("B");
  ({ tenant } = line.company);
  await line.enrol("C");
  await line.post(...w2("B"), ...w2("C"));
  await line.drain();
});

afterAll(() =>
  db
    .prepare("DELETE FROM jobs WHERE job = ?")
    .bind(objectsJob({ index: 0 }))
    .run(),
);

const select = async (sql: string) => (await db.prepare(sql).bind(tenant).all()).results;

const everything = async () => ({
  transfers: await select("SELECT * FROM transfers WHERE tenant = ?"),
  lines: await select("SELECT * FROM lines WHERE tenant = ?"),
  subjects: await select(
    "SELECT tenant, subject, position, head, frozen_ms FROM subjects WHERE tenant = ?",
  ),
  days: await select("SELECT * FROM account_days WHERE tenant = ? AND amount_minor <> 0"),
});

const told = () => select("SELECT subject, detail FROM breaks WHERE tenant = ? ORDER BY found_ms");

const transfer = (subject: string, position: string, n: string) =>
  `INSERT INTO transfers SELECT tenant, ${subject}, ${position}, ${n}, rule, debit, credit, amount_minor,
    currency, reference, event_id, effective_ms, recorded_ms FROM transfers
  WHERE tenant = ?1 AND subject = 'dist:B' AND position = 2`;
const lineRow = (distributor: string, id: string) =>
  `INSERT INTO lines SELECT tenant, ${distributor}, ${id}, order_id, component, level, depth, rate_ppm,
    amount_minor, reversed_minor, currency, state, period_id, effective_ms, origin, due_ms, digest
  FROM lines WHERE tenant = ?1 AND distributor_id = 'B'`;
const change = (table: string, set: string) =>
  `UPDATE ${table} SET ${set} WHERE tenant = ?1 AND ${
    table === "lines" ? "distributor_id = 'B'" : "subject = 'dist:B' AND position = 2"
  }`;

/** No text, and numbers that JSON's doubles do not name. */
const FF = "CAST(x'ff' AS TEXT)";
const ODD = "9007199254740993";
const MAX = "9223372036854775807";

const TAMPERED: readonly string[] = [
  transfer("subject", ODD, "n"),
  transfer("subject", MAX, "n"),
  transfer("subject", `-${MAX}`, "n"),
  transfer("subject", "position", ODD),
  transfer("subject", "position", MAX),
  transfer(`'dist:' || ${FF}`, "position", "n"),
  transfer(FF, "position", "n"),
  change("transfers", `reference = ${FF}`),
  change("lines", `effective_ms = ${MAX}`),
  change("lines", `effective_ms = -${ODD}`),
  change("lines", `amount_minor = ${MAX}`),
  change("lines", `amount_minor = ${ODD}`),
  change("lines", `state = ${FF}`),
  lineRow("distributor_id", FF),
  lineRow("distributor_id", `line_id || ${FF}`),
  lineRow("distributor_id", "'a' || char(0) || 'b'"),
  lineRow(FF, "line_id"),
  `INSERT INTO subjects (tenant, subject, position, head) VALUES (?1, 'dist:' || ${FF}, 3, 'x')`,
];

/** Subjects are looked at as a whole, and a part at a time. */
const SIZES = {
  whole: {},
  large: { ...largeReads(db, 2), rowsOfOneMax: 3 },
} as const satisfies Record<string, Partial<ObjectsPorts>>;

const walk = (size: keyof typeof SIZES, over: Partial<ObjectsPorts> = {}) =>
  walkOver(line, (ports) => ({ ...ports, ...SIZES[size], ...over }));

describe.each(["whole", "large"] as const)("a mirror with what no event can say (%s)", (size) => {
  it.each(TAMPERED)("is healed in one walk: %s", async (sql) => {
    const before = await everything();
    expect(await tamper(tenant, sql)).toBeGreaterThan(0);
    expect(await walk(size)).toMatchObject({ repaired: 1, frozen: 0, failed: 0 });
    expect(await everything()).toEqual(before);
    // Totals were right, and stay as they are.
    expect(await told()).toEqual([
      expect.not.objectContaining({ detail: expect.stringContaining("Totals") }),
    ]);
    expect(await walk(size)).toMatchObject({ repaired: 0, frozen: 0, failed: 0 });
    expect(await told()).toHaveLength(1);
    await expectMirrorEqualsObjects(tenant);
  });

  it("has no totals made anew of rows that a repair left as they were", async () => {
    const days = (await everything()).days;
    await tamper(tenant, transfer("subject", "99", "n"));
    const nothing = () => Promise.resolve();
    const left = await walk(size, { repair: nothing, repairPart: nothing });
    expect(left).toMatchObject({ repaired: 0, failed: 1 });
    expect((await everything()).days).toEqual(days);
    expect(await walk(size)).toMatchObject({ repaired: 1, failed: 0 });
    expect((await everything()).days).toEqual(days);
  });
});
