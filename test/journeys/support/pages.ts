import { expect } from "vitest";
import { member } from "../../../scripts/local/client.ts";
import type { PlainEvent } from "../../support/naive/event.ts";
import type { Worked } from "../../support/naive/worked.ts";
import { listOf, type Row } from "./playing.ts";
import type { TestTenant } from "./tenant.ts";

const BUCKETS = ["pending", "held", "available", "in_transit"];

/** A distributor's accounts of an example, as the status shows them: what the company owes. */
function owedTo(id: string, { balances }: Worked): Record<string, Record<string, number>> {
  const owed: Record<string, Record<string, number>> = {};
  for (const [currency, accounts] of Object.entries(balances)) {
    for (const bucket of BUCKETS) {
      const amount = accounts[`dist:${id}:${bucket}`];
      if (amount !== undefined) (owed[currency] ??= {})[bucket] = -amount;
    }
  }
  return owed;
}

/** What a status or statement shows other than zero. */
function shownIn(balances: unknown): Record<string, Record<string, number>> {
  const shown: Record<string, Record<string, number>> = {};
  for (const [currency, buckets] of Object.entries(Object(balances))) {
    for (const bucket of BUCKETS) {
      const amount = Number(member(buckets, bucket, "amount_minor"));
      if (amount !== 0) (shown[currency] ??= {})[bucket] = amount;
    }
  }
  return shown;
}

const byId = (a: Row, b: Row) => (String(a["line_id"]) < String(b["line_id"]) ? -1 : 1);

/** Lines as they are told of; nobody tells a depth or rate of the core's. */
function expectLines(rows: readonly Row[], { lines, superseded = [] }: Worked): void {
  const replaced = rows.filter(({ state }) => state === "superseded");
  expect(replaced.map(({ line_id }) => line_id)).toEqual(superseded);
  // What a later fact about the past made of a line can be nothing.
  const live = rows.filter((row) => !replaced.includes(row) && row["amount_minor"] !== 0);
  const told = lines.map(({ depth, rate_ppm, ...line }) => ({
    ...line,
    ...(depth === null ? {} : { depth }),
    ...(rate_ppm === null ? {} : { rate_ppm }),
  }));
  expect(live.toSorted(byId)).toEqual(
    told.toSorted(byId).map((line) => expect.objectContaining(line)),
  );
}

/** The lines of each order of an example. */
export async function expectOrderLines(tenant: TestTenant, worked: Worked): Promise<void> {
  const rows = await Promise.all(
    ordersIn(worked.events).map((order) =>
      listOf(tenant, `lines?order_id=${encodeURIComponent(order)}`),
    ),
  );
  expectLines(rows.flat(), worked);
}

const ordersIn = (events: readonly PlainEvent[]): readonly string[] => [
  ...new Set(events.flatMap(({ data: { order_id: id } }) => (typeof id === "string" ? [id] : []))),
];

/** What the pages of one distributor show: status, lines, way up, and two monthly statements. */
export async function expectDistributor(
  tenant: TestTenant,
  worked: Worked,
  id: string,
): Promise<void> {
  const path = `distributors/${id}`;
  const status = await tenant.get(path);
  expect(status).toMatchObject({ distributor_id: id, sponsor_id: sponsorOf(worked, id) ?? null });
  const owed = owedTo(id, worked);
  expect(shownIn(member(status, "balances"))).toEqual(owed);
  const isHis = ({ distributor_id: whose }: { distributor_id: string }) => whose === id;
  expectLines(await listOf(tenant, `${path}/lines`), {
    ...worked,
    lines: worked.lines.filter(isHis),
    superseded: (worked.superseded ?? []).filter((line) => line.endsWith(`:${id}`)),
  });
  const upline = await listOf(tenant, `${path}/upline`);
  expect(upline.map((row) => row["distributor_id"])).toEqual(uplineOf(worked, id));
  expect(upline.map(({ depth }) => depth)).toEqual(upline.map((_, i) => i + 1));
  await expectStatements(tenant, path, owed);
}

const sponsorOf = ({ events }: Worked, id: string): string | undefined => {
  const enrolment = events.find(
    ({ type, data }) => type === "distributor.enrolled" && data["distributor_id"] === id,
  );
  const sponsor = enrolment?.data["sponsor_id"];
  return typeof sponsor === "string" ? sponsor : undefined;
};

function uplineOf(worked: Worked, id: string): readonly string[] {
  const sponsor = sponsorOf(worked, id);
  return sponsor === undefined ? [] : [sponsor, ...uplineOf(worked, sponsor)];
}

const PARTS = ["adjustments", "fees", "withholding", "payouts", "other"];

const amountIn = (value: unknown): number => Number(member(value, "amount_minor") ?? 0);

const sum = (amounts: readonly number[]): number => amounts.reduce((so, one) => so + one, 0);

/** July adds up, August goes on where July ended, and ends with what the ledger has. */
async function expectStatements(
  tenant: TestTenant,
  path: string,
  owed: Record<string, Record<string, number>>,
): Promise<void> {
  const [july, august] = await Promise.all(
    ["2026-07", "2026-08"].map((month) => statementsOf(tenant, `${path}/earnings/${month}`)),
  );
  const told = [...(july?.keys() ?? []), ...(august?.keys() ?? []), ...Object.keys(owed)];
  for (const currency of new Set(told)) {
    for (const statement of [july?.get(currency), august?.get(currency)]) {
      const parts = PARTS.map((part) => amountIn(member(statement, part)));
      const opening = amountIn(member(statement, "opening"));
      const moved = [...componentsIn(statement, "lines"), ...componentsIn(statement, "reversals")];
      expect(sum([opening, ...parts, ...moved])).toBe(amountIn(member(statement, "closing")));
    }
    const ended = (of: unknown) => amountIn(member(of, "closing"));
    expect(amountIn(member(august?.get(currency), "opening"))).toBe(ended(july?.get(currency)));
    const { pending = 0, held = 0, available = 0, in_transit = 0 } = owed[currency] ?? {};
    expect({
      closing: ended(august?.get(currency)),
      pending: amountIn(member(august?.get(currency), "pending")),
      in_transit: amountIn(member(august?.get(currency), "in_transit")),
    }).toEqual({ closing: held + available, pending, in_transit });
  }
}

async function statementsOf(tenant: TestTenant, path: string): Promise<Map<string, unknown>> {
  const statements: unknown = member(await tenant.get(path), "statements");
  const list: readonly unknown[] = Array.isArray(statements) ? statements : [];
  return new Map(list.map((statement) => [String(member(statement, "currency")), statement]));
}

function componentsIn(statement: unknown, part: "lines" | "reversals"): readonly number[] {
  const sums: unknown = member(statement, part);
  return Array.isArray(sums) ? sums.map((one) => amountIn(member(one, "amount"))) : [];
}
