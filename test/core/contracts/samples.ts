import type { EventType } from "#src/core/contracts/catalogue.ts";
import type { Json } from "#src/core/json.ts";

/** An envelope as a sender writes it, open to tests that bend it. */
export interface Sample {
  [member: string]: Json;
  data: Record<string, Json>;
}

/** The place every sample arrives by. */
export const HERE = { tenant: "acme", source: "core" };

const sample = (
  type: EventType,
  data: Record<string, Json>,
  place: Record<string, Json> = {},
): Sample => ({
  id: `evt-${type}`,
  type,
  version: 1,
  occurred_at: "2026-07-25T17:20:00.000Z",
  ...place,
  data,
});

const B = { key: "dist:B" };

/** One valid envelope of each type, with the amounts of DOMAIN §5 where it has some. */
export const SAMPLES: Record<EventType, Sample> = {
  "distributor.enrolled": sample("distributor.enrolled", {
    distributor_id: "B",
    sponsor_id: "A",
    placement_id: "A",
    leg: "L",
    status: "active",
    joined_at: "2026-01-31",
    country: "US",
    pii: { name: "Ann Example", email: "ann@example.com", shoe_size: 38 },
  }),
  "distributor.status_changed": sample(
    "distributor.status_changed",
    { status: "grace", effective_at: "2026-07-01T00:00:00Z" },
    { ...B, rev: 3 },
  ),
  "distributor.moved": sample(
    "distributor.moved",
    {
      distributor_id: "B",
      tree: "placement",
      parent_id: "S",
      leg: "R",
      effective_at: "2026-07-01",
    },
    { seq: 1 },
  ),
  "customer.linked": sample(
    "customer.linked",
    { customer_id: "C", enroller_id: "B", effective_at: "2026-02-01" },
    { rev: "1" },
  ),
  "lead.upserted": sample(
    "lead.upserted",
    { crm: "hubspot", object_id: "501", owner_id: "7", fields: { stage: "new", score: 1.5 } },
    { rev: 1_785_000_000_000 },
  ),
  "order.placed": sample("order.placed", {
    order_id: "O1",
    buyer_kind: "customer",
    source_node: "B",
    order_kind: "store",
    currency: "USD",
    net_minor: 25_000,
    tax_minor: 2000,
    shipping_minor: 500,
    amount_minor: 27_500,
    cv_x100: 20_000,
    pv_x100: 20_000,
  }),
  "order.cancelled": sample("order.cancelled", { order_id: "O1", reason: "buyer" }),
  "payment.confirmed": sample("payment.confirmed", {
    payment_id: "P1",
    order_id: "O1",
    currency: "USD",
    amount_minor: 27_500,
    net_minor: 25_000,
    tax_minor: 2000,
    shipping_minor: 500,
    fee_minor: 828,
    cv_x100: 20_000,
    source_node: "B",
    order_kind: "store",
  }),
  "payment.failed": sample("payment.failed", {
    order_id: "O1",
    payment_id: "P0",
    reason: "insufficient_funds",
    attempt: 1,
  }),
  "refund.completed": sample("refund.completed", {
    refund_id: "R1",
    payment_id: "P1",
    currency: "USD",
    amount_minor: 10_800,
    net_minor: 10_000,
    tax_minor: 800,
  }),
  "refund.failed": sample("refund.failed", {
    refund_id: "R1",
    payment_id: "P1",
    currency: "USD",
    reason: "account_closed",
  }),
  "chargeback.opened": sample("chargeback.opened", {
    dispute_id: "D1",
    payment_id: "P1",
    currency: "USD",
    amount_minor: 10_825,
    net_minor: 10_000,
    tax_minor: 825,
    fee_minor: 1500,
  }),
  "chargeback.closed": sample("chargeback.closed", {
    dispute_id: "D1",
    payment_id: "P1",
    outcome: "lost",
    currency: "USD",
    fee_refunded_minor: 0,
  }),
  "volume.snapshot": sample(
    "volume.snapshot",
    {
      distributor_id: "B",
      period_id: "2026-07",
      pv_x100: 10_000,
      gv_x100: -50_000,
      legs: [{ leg: "L", gv_x100: 20_000 }, "R", 30_000],
    },
    { rev: "00012345678901234567890" },
  ),
  "commission.posted": sample(
    "commission.posted",
    {
      line_id: "L1",
      distributor_id: "B",
      order_id: "O1",
      component: "unilevel",
      level: 1,
      paid_level: 1,
      cv_x100: 20_000,
      rate_ppm: 50_000,
      currency: "USD",
      amount_minor: 400,
      period_id: "2026-07",
      run_id: "RUN-1",
      available_at: "2026-08-24T00:00:00Z",
    },
    { ...B, seq: 1 },
  ),
  "commission.reversed": sample(
    "commission.reversed",
    { line_id: "L1-R", reverses_line_id: "L1", currency: "USD", amount_minor: 160 },
    { ...B, seq: 6 },
  ),
  "commission.released": sample("commission.released", { line_id: "L1" }, { ...B, seq: 2 }),
  "adjustment.posted": sample(
    "adjustment.posted",
    {
      line_id: "ADJ1",
      currency: "USD",
      amount_minor: 12_100,
      reason_code: "promotion",
      effective_at: "2026-07-25",
      approved_by: "user:7",
    },
    { ...B, seq: 3 },
  ),
  "rank.changed": sample(
    "rank.changed",
    {
      period_id: "2026-07",
      pay_rank: "Silver",
      career_rank: "Gold",
      reason: "volume",
    },
    { ...B, rev: 2 },
  ),
  "period.closed": sample("period.closed", {
    period_id: "2026-07",
    run_id: "RUN-1",
    totals: { USD: 160_000, EUR: -368 },
    lines: 400,
    digest: "9f86d081884c7d65",
  }),
  "payout.initiated": sample(
    "payout.initiated",
    {
      payout_id: "PO1",
      currency: "USD",
      gross_minor: 12_500,
      net_minor: 12_350,
      fee_minor: 150,
      method: "ach",
    },
    { ...B, seq: 4 },
  ),
  "payout.settled": sample("payout.settled", { payout_id: "PO1" }, { ...B, seq: 5 }),
  "payout.failed": sample(
    "payout.failed",
    { payout_id: "PO1", fee_kept: true, reason: "account_closed" },
    { ...B, seq: 5 },
  ),
  "inventory.adjusted": sample(
    "inventory.adjusted",
    { sku: "SKU-1", on_hand: -2, reason: "sold" },
    { rev: 9 },
  ),
  "ticket.upserted": sample(
    "ticket.upserted",
    { system: "zendesk", object_id: "35436", status: "open", subject_kind: "payout" },
    { rev: 4 },
  ),
  "autoship.changed": sample(
    "autoship.changed",
    { autoship_id: "AS1", next_run: "2026-08-01", status: "active" },
    { rev: 1 },
  ),
  "crm.field_changed": sample("crm.field_changed", {
    crm: "hubspot",
    object: "contact",
    object_id: "501",
    field: "mlm_status",
    value: null,
    change_source: "CRM_UI",
    actor: "user:12",
    occurred_at: "2026-07-25T17:19:59.500Z",
  }),
  "cdc.row": sample(
    "cdc.row",
    { table: "members", pk: 77, op: "u", after: { id: 77, city: "Ulm" } },
    { rev: "23872168" },
  ),
  "cdc.gap": sample("cdc.gap", { table: "members", pks: [77, "78", { id: 79, part: "a" }] }),
  "subject.erased": sample("subject.erased", { distributor_id: "B", basis: "GDPR art. 17" }),
  "recon.correction": sample("recon.correction", {
    distributor_id: "B",
    break_id: "BRK1",
    line_id: "L1",
    currency: "USD",
    amount_minor: -25,
    cause: "AMOUNT",
  }),
};
