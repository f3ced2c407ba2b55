import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { vi } from "vitest";
import { GAP_HYDRATE_MS } from "#src/core/ordering/gap.ts";
import type { Plan } from "#src/core/plans/plan.ts";
import { putRoster, partRoster } from "#src/edge/archive/roster.ts";
import { headsAfter } from "#src/edge/d1/anchors.ts";
import { WORKED } from "../../../support/naive/worked.ts";
import { enrolled, linked, moved, statusChanged } from "../../../support/naive/told.ts";
import { w2 } from "../../support/company.ts";
import { layLine, type Line } from "../../support/line.ts";

const AT = "2026-07-02T10:00:00.000Z";

const released = (id: string, line_id: string, seq: number) => ({
  id,
  type: "commission.released",
  version: 1,
  occurred_at: AT,
  key: "dist:F",
  seq,
  data: { line_id },
});

const ticket = (rev: number, status: string) => ({
  id: `ticket-${rev}`,
  type: "ticket.upserted",
  version: 1,
  occurred_at: AT,
  rev,
  data: { system: "desk", object_id: "T1", status, subject_kind: "return", distributor_id: "B" },
});

const stock = (rev: number, on_hand: number) => ({
  id: `stock-${rev}`,
  type: "inventory.adjusted",
  version: 1,
  occurred_at: AT,
  rev,
  data: { sku: "S1", on_hand, reason: "count", low_stock_at: 5 },
});

/** What a company does that has a row in every table of the mirror. */
export const busyEvents = (): readonly (readonly object[])[] => [
  [enrolled("B"), enrolled("C", { sponsor_id: "B" }), enrolled("E", { sponsor_id: "B" })],
  [linked("K1", "C"), enrolled("F", { sponsor_id: "C" })],
  w2("B"),
  // Its second is missing: what follows waits.
  w2("C").filter(({ seq }) => seq !== 2),
  [moved("E", { tree: "sponsor", parent_id: "C", effective_at: "2026-06-01" }, { seq: 1 })],
  [statusChanged("C", { status: "suspended", effective_at: "2026-07-01", rev: 2 })],
  [ticket(1, "open"), ticket(2, "answered"), stock(1, 50), stock(2, 3)],
  // Of a line nobody knows; and the same event again.
  [released("F-1", "nobody's", 1)],
  w2("B").slice(0, 2),
  // The same sender's id for another subject.
  [{ ...stock(1, 9), id: "B-1", data: { sku: "S2", on_hand: 9, reason: "count" } }],
  // Of a payment that nobody has confirmed.
  [
    {
      id: "refund-unknown",
      type: "refund.completed",
      version: 1,
      occurred_at: AT,
      data: { refund_id: "RX", payment_id: "PX", amount_minor: 100, currency: "USD" },
    },
  ],
];

export async function putPlan(tenant: string, plan: Plan): Promise<void> {
  const { plan_id, version, effective_from } = plan;
  await env.MIRROR_0.prepare("INSERT INTO plans VALUES (?, ?, ?, ?, ?, ?)")
    .bind(tenant, plan_id, version, Date.parse(effective_from), JSON.stringify(plan), 0)
    .run();
}

export async function busyLine(): Promise<Line> {
  const worked = WORKED.find(({ name }) => name.startsWith("W3 "));
  if (worked === undefined) throw new Error("There is no W3");
  const { mode, plan, events } = worked;
  const line = await layLine({}, { mode });
  const { tenant } = line.company;
  await putPlan(tenant, plan);
  for (const delivery of [events, ...busyEvents()]) {
    await line.post(delivery);
    await line.drain();
  }
  await tellGap(line);
  return line;
}

/** The alarm finds that what C waits for does not come. */
async function tellGap(line: Line): Promise<void> {
  const { tenant } = line.company;
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + GAP_HYDRATE_MS + 1 });
  await runDurableObjectAlarm(env.DISTRIBUTOR.getByName(`${tenant}/C`));
  const body = { kind: "subject", tenant, subject: "dist:C" } as const;
  line.queued.push({ id: `alarm-${tenant}`, body, attempts: 1 });
  await line.drain();
  vi.useRealTimers();
}

/** What the anchoring of a day files. */
export async function fileRoster({ company: { tenant } }: Line, day: string): Promise<void> {
  const { items } = await headsAfter(env.MIRROR_0, JSON.stringify([tenant, ""]), 2000);
  const own = items.filter((head) => head.tenant === tenant);
  for (const part of partRoster(own, { day, page: 0 })) await putRoster(env.ARCHIVE_0, part);
}
