import { beforeAll, describe, expect, it } from "vitest";
import { expectMirrorEqualsObjects, type Line } from "../../support/line.ts";
import { busyLine, fileRoster } from "./busy.ts";
import { type Dump, dump, NOTHING_WRONG, rebuild, tamper, told } from "./support.ts";

/** Rows whose keys do not come out of D1 as they went in. */
let line: Line;
let tenant: string;
let before: Dump;

beforeAll(async () => {
  line = await busyLine();
  ({ tenant } = line.company);
  await fileRoster(line, "2026-11-20");
  before = await dump(tenant);
});

const FF = "CAST(x'ff' AS TEXT)";
const ODD = "9007199254740993";
const transfer = (subject: string, position: string, n: string) =>
  `INSERT INTO transfers SELECT tenant, ${subject}, ${position}, ${n}, rule, debit, credit, amount_minor,
    currency, reference, event_id, effective_ms, recorded_ms FROM transfers
  WHERE tenant = ? AND subject = 'dist:B' LIMIT 1`;
const lineRow = (distributor: string, id: string) =>
  `INSERT INTO lines SELECT tenant, ${distributor}, ${id}, order_id, component, level, depth, rate_ppm,
    amount_minor, reversed_minor, currency, state, period_id, effective_ms, origin, due_ms, digest
  FROM lines WHERE tenant = ? AND distributor_id = 'B' LIMIT 1`;
const event = (id: string, subject: string) =>
  `INSERT INTO events (tenant, event_id, source, sender_id, subject, outcome, position, received_ms,
    recorded_ms, repeated) VALUES (?, ${id}, 'core', 'ghost', ${subject}, 'applied', 2, 1, 1, 0)`;

const INSERTS: readonly string[] = [
  transfer("subject", ODD, "n"),
  transfer("subject", "9223372036854775807", "n"),
  transfer("subject", "position", ODD),
  transfer(`'dist:' || ${FF}`, "position", "n"),
  lineRow("distributor_id", FF),
  lineRow(FF, "line_id"),
  `INSERT INTO subjects (tenant, subject, position, head) VALUES (?, 'dist:' || ${FF}, 3, 'x')`,
  `INSERT INTO standings VALUES (?, 'B', 'status', '', ${ODD}, '9', 1, '{}')`,
  `INSERT INTO standings VALUES (?, 'B', 'status', '', 9, ${FF}, 1, '{}')`,
  `INSERT INTO standings VALUES (?, ${FF}, 'status', '', 9, '9', 1, '{}')`,
  `INSERT INTO edges VALUES (?, 'sponsor', 'B', 'e' || ${FF}, 'distributor', 1, 'C', NULL)`,
  `INSERT INTO edges VALUES (?, 'sponsor', ${FF}, 'e1', 'distributor', 1, 'C', NULL)`,
  `INSERT INTO aliases VALUES (?, ${FF}, 'order:O1')`,
  `INSERT INTO aliases VALUES (?, 'payment:X', 'order:' || ${FF})`,
  `INSERT INTO messages VALUES (?, ${FF}, 'x', 'dist:B', '{}', 1)`,
  `INSERT INTO messages VALUES (?, 'm', 'x', 'dist:' || ${FF}, '{}', 1)`,
  `INSERT INTO records VALUES (?, 'ticket', ${FF}, 0, '1', 1, 1, '{}')`,
  `INSERT INTO gaps VALUES (?, 'dist:B', 'core', 0, ${ODD}, 60, 1, 'alert', 1)`,
  `INSERT INTO gaps VALUES (?, 'dist:B', ${FF}, 0, 50, 60, 1, 'alert', 1)`,
  event(FF, "'dist:B'"),
  event("'evt_x'", `'dist:' || ${FF}`),
  `INSERT INTO volumes VALUES (?, ${FF}, '2026-07', 1, 2, 3)`,
  `INSERT INTO volumes VALUES (?, 'B', '2020-01', 9223372036854775807, -9223372036854775807 - 1, 3)`,
  `INSERT INTO frontlines VALUES (?, ${FF}, 3)`,
];

const UPDATES: readonly string[] = [
  "UPDATE lines SET amount_minor = 9223372036854775807 WHERE tenant = ?",
  `UPDATE lines SET effective_ms = ${ODD}, state = ${FF} WHERE tenant = ?`,
  "UPDATE standings SET effective_ms = 9223372036854775807 WHERE tenant = ?",
  `UPDATE orders SET net_minor = ${ODD} WHERE tenant = ?`,
  `UPDATE records SET value = ${FF} WHERE tenant = ?`,
  "UPDATE volumes SET pv_x100 = -9223372036854775807 - 1, gv_x100 = 9223372036854775807 WHERE tenant = ?",
  "UPDATE frontlines SET distributors = 9223372036854775807 WHERE tenant = ?",
];

describe("a mirror in which somebody wrote what no event can say", () => {
  it.each([...INSERTS, ...UPDATES])("%s", async (sql) => {
    expect(await tamper(told(tenant, sql))).toBeGreaterThan(0);
    expect((await rebuild(line)).report).toMatchObject(NOTHING_WRONG);
    expect(await dump(tenant)).toEqual(before);
    await expectMirrorEqualsObjects(tenant);
  });
});
