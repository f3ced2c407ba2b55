import { runs } from "../../support/runs.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CATALOGUE, EVENT_TYPES, type EventType } from "#src/core/contracts/catalogue.ts";
import { ERRORS_MAX, readEnvelope } from "#src/core/contracts/envelope.ts";
import type { GatewayEvent } from "#src/core/contracts/event.ts";
import { formatInstant } from "#src/core/contracts/instant.ts";
import { DEPTH_MAX, MEMBERS_MAX, NAME_CHARS_MAX } from "#src/core/contracts/limits.ts";
import type { Json } from "#src/core/json.ts";
import { HERE, type Sample, SAMPLES } from "./samples.ts";

const VISA = "4111 1111 1111 1111";

/** A sample with some members replaced; undefined takes a member out. */
function bent(
  type: EventType,
  envelope: Record<string, unknown>,
  data: Record<string, unknown> = {},
) {
  const copy = structuredClone(SAMPLES[type]);
  return without({ ...copy, data: without({ ...copy.data, ...data }), ...envelope });
}

const without = (members: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));

function read(input: unknown): GatewayEvent {
  const result = readEnvelope(input, HERE);
  if (!result.ok) throw new Error(JSON.stringify(result.refusal));
  return result.value;
}

function broken(input: unknown): string[] {
  const result = readEnvelope(input, HERE);
  return result.ok ? [] : result.refusal.errors.map(({ path, rule }) => `${path} ${rule}`);
}

/** An event as the envelope that a sender could have written. */
const asEnvelope = (event: GatewayEvent): Record<string, unknown> =>
  without({
    id: event.id,
    source: event.source,
    tenant: HERE.tenant,
    type: event.type,
    version: event.version,
    occurred_at: formatInstant(event.occurredAtMs),
    key: event.key,
    epoch: event.epoch,
    seq: event.seq,
    rev: event.rev,
    correlation_id: event.correlationId,
    causation_id: event.causationId,
    data: event.data,
  });

/** The rows of DOMAIN §2.3 again: fields required by data, by class, and what the event is keyed by. */
const ROWS: Record<EventType, { required: string; key: string; place?: "seq" | "rev" }> = {
  "distributor.enrolled": { required: "distributor_id status joined_at country", key: "dist:B" },
  "distributor.status_changed": { required: "status effective_at", key: "dist:B", place: "rev" },
  "distributor.moved": {
    required: "distributor_id tree parent_id effective_at",
    key: "tree:acme",
    place: "seq",
  },
  "customer.linked": {
    required: "customer_id enroller_id effective_at",
    key: "cust:C",
    place: "rev",
  },
  "lead.upserted": { required: "crm object_id fields", key: "lead:hubspot:501", place: "rev" },
  "order.placed": {
    required:
      "order_id buyer_kind source_node order_kind currency net_minor tax_minor shipping_minor amount_minor cv_x100 pv_x100",
    key: "order:O1",
  },
  "order.cancelled": { required: "order_id reason", key: "order:O1" },
  "payment.confirmed": {
    required: "payment_id order_id currency amount_minor net_minor cv_x100 source_node order_kind",
    key: "order:O1",
  },
  "payment.failed": { required: "order_id reason attempt", key: "order:O1" },
  "refund.completed": {
    required: "refund_id payment_id currency amount_minor net_minor",
    key: "payment:P1",
  },
  "refund.failed": { required: "refund_id payment_id currency", key: "payment:P1" },
  "chargeback.opened": {
    required: "dispute_id payment_id currency amount_minor net_minor tax_minor fee_minor",
    key: "payment:P1",
  },
  "chargeback.closed": {
    required: "dispute_id outcome currency fee_refunded_minor",
    key: "payment:P1",
  },
  "volume.snapshot": { required: "pv_x100 gv_x100 legs", key: "dist:B", place: "rev" },
  "commission.posted": {
    required: "line_id distributor_id component currency amount_minor period_id run_id",
    key: "dist:B",
    place: "seq",
  },
  "commission.reversed": {
    required: "line_id reverses_line_id currency amount_minor",
    key: "dist:B",
    place: "seq",
  },
  "commission.released": { required: "line_id", key: "dist:B", place: "seq" },
  "adjustment.posted": {
    required: "line_id currency amount_minor reason_code effective_at approved_by",
    key: "dist:B",
    place: "seq",
  },
  "rank.changed": {
    required: "period_id pay_rank career_rank reason",
    key: "dist:B",
    place: "rev",
  },
  "period.closed": { required: "period_id run_id totals lines digest", key: "period:2026-07" },
  "payout.initiated": {
    required: "payout_id currency gross_minor net_minor method",
    key: "dist:B",
    place: "seq",
  },
  "payout.settled": { required: "payout_id", key: "dist:B", place: "seq" },
  "payout.failed": { required: "payout_id fee_kept reason", key: "dist:B", place: "seq" },
  "inventory.adjusted": { required: "sku on_hand reason", key: "sku:SKU-1:-", place: "rev" },
  "ticket.upserted": {
    required: "system object_id status subject_kind",
    key: "ticket:zendesk:35436",
    place: "rev",
  },
  "autoship.changed": {
    required: "autoship_id next_run status",
    key: "autoship:AS1",
    place: "rev",
  },
  "crm.field_changed": {
    required: "crm object_id field value change_source actor occurred_at",
    key: "crm:hubspot:contact:501:mlm_status",
  },
  "cdc.row": { required: "op after", key: "cdc:members:77", place: "rev" },
  "cdc.gap": { required: "table", key: "cdc:members" },
  "subject.erased": { required: "basis", key: "dist:B" },
  "recon.correction": { required: "break_id line_id currency amount_minor cause", key: "dist:B" },
};

const REQUIRED = EVENT_TYPES.flatMap((type) => {
  const { required, place } = ROWS[type];
  const names = required.split(" ").map((name) => ({ type, path: `data.${name}`, name }));
  const header = ["id", "version", "occurred_at", "data", ...(place ? [place] : [])];
  return [...names, ...header.map((name) => ({ type, path: name, name: undefined }))];
});

describe("readEnvelope()", () => {
  test("knows exactly the types that have a sample and a row", () => {
    expect(EVENT_TYPES.toSorted()).toEqual(Object.keys(SAMPLES).toSorted());
    expect(EVENT_TYPES).toHaveLength(31);
  });

  test.each(EVENT_TYPES.map((type) => ({ type })))("accepts $type under its key", ({ type }) => {
    const event = read(SAMPLES[type]);
    expect(event).toMatchObject({ ...HERE_SOURCE, type, key: ROWS[type].key, epoch: 0 });
    expect(event.data).toMatchObject(SAMPLES[type].data);
    expect(event.seq !== undefined).toBe(CATALOGUE[type].ordering === "strict");
    expect(event.rev !== undefined).toBe(CATALOGUE[type].ordering === "register");
  });

  test("gives the whole event", () => {
    const input = bent("commission.released", {
      source: "core",
      tenant: "acme",
      epoch: 2,
      correlation_id: "c",
      causation_id: "d",
      received_at: "ignored",
    });
    expect(read(input)).toEqual({
      id: "evt-commission.released",
      source: "core",
      type: "commission.released",
      version: 1,
      occurredAtMs: 1_785_000_000_000,
      key: "dist:B",
      epoch: 2,
      seq: 2,
      correlationId: "c",
      causationId: "d",
      data: { line_id: "L1", distributor_id: "B" },
    });
  });

  test.each(REQUIRED)("refuses $type without $path", ({ type, path, name }) => {
    const input =
      name === undefined
        ? bent(type, { [path]: undefined })
        : bent(type, {}, { [name]: undefined });
    expect(broken(input)).toEqual([`${path} required`]);
  });

  test("needs a type before it can judge data", () => {
    expect(readEnvelope(bent("order.placed", { type: undefined }), HERE)).toEqual({
      ok: false,
      refusal: {
        code: "contract_violated",
        errors: [{ path: "type", rule: "required", message: "Is required" }],
      },
    });
  });

  test.each<{ name: string; input: unknown }>([
    { name: "null", input: null },
    { name: "a list", input: [SAMPLES["order.placed"]] },
    { name: "a text", input: "order.placed" },
    { name: "nothing", input: undefined },
  ])("refuses $name for an envelope", ({ input }) => {
    expect(broken(input)).toEqual([" type"]);
  });

  test.each<{ member: string; value: Json; expected: string[] }>([
    { member: "id", value: "", expected: ["id length"] },
    { member: "id", value: "x".repeat(128), expected: [] },
    { member: "id", value: "x".repeat(129), expected: ["id length"] },
    { member: "id", value: "a\nb", expected: ["id format"] },
    { member: "id", value: "a\u0085b", expected: ["id format"] },
    { member: "id", value: "a\ud800b", expected: ["id format"] },
    { member: "id", value: "Zoë 🛒", expected: [] },
    { member: "id", value: 7, expected: ["id type"] },
    { member: "source", value: "core", expected: [] },
    { member: "source", value: "shop", expected: ["source mismatch"] },
    { member: "source", value: 1, expected: ["source type"] },
    { member: "tenant", value: "acme", expected: [] },
    { member: "tenant", value: "Acme", expected: ["tenant mismatch"] },
    { member: "version", value: 0, expected: ["version minimum"] },
    { member: "version", value: 1.5, expected: ["version integer"] },
    { member: "version", value: "1", expected: ["version type"] },
    { member: "version", value: 2, expected: ["version unsupported_version"] },
    { member: "occurred_at", value: "2026-07-25", expected: ["occurred_at format"] },
    { member: "occurred_at", value: "2026-02-30T00:00:00Z", expected: ["occurred_at format"] },
    { member: "occurred_at", value: 1_785_000_000_000, expected: ["occurred_at type"] },
    { member: "epoch", value: 0, expected: [] },
    { member: "epoch", value: -1, expected: ["epoch minimum"] },
    { member: "epoch", value: 0.5, expected: ["epoch integer"] },
    { member: "correlation_id", value: "x".repeat(129), expected: ["correlation_id length"] },
    { member: "causation_id", value: 3, expected: ["causation_id type"] },
    { member: "data", value: [], expected: ["data type"] },
    { member: "data", value: null, expected: ["data type"] },
    { member: "key", value: 5, expected: ["key type"] },
  ])("judges $member $value", ({ member, value, expected }) => {
    expect(broken(bent("order.placed", { [member]: value }))).toEqual(expected);
  });

  test.each([
    { type: "order.exploded", version: 1, code: "type_unknown" },
    { type: "constructor", version: 1, code: "type_unknown" },
    { type: "__proto__", version: 9, code: "type_unknown" },
    { type: "order.placed", version: 2, code: "version_unsupported" },
  ])("tells $code for $type $version, beside what else is wrong", ({ type, version, code }) => {
    const result = readEnvelope(bent("order.placed", { type, version, id: "" }), HERE);
    expect(result).toMatchObject({ ok: false, refusal: { code, type } });
    expect(broken(bent("order.placed", { type, version, id: "" }))).toContain("id length");
  });

  test("keeps members it does not know", () => {
    const extras = { note: { deep: [1.5, null, { x: true }] }, bonus_minor: 7 };
    expect(read(bent("order.placed", { extra: 1.5 }, extras)).data).toMatchObject(extras);
  });

  test("reports every violation of an envelope", () => {
    const data = { net_minor: 1.5, currency: "usd", leg: "M", cv_x100: -1, tax_minor: "5" };
    expect(broken(bent("order.placed", { id: "", occurred_at: "now" }, data)).toSorted()).toEqual([
      "data.currency currency",
      "data.cv_x100 minimum",
      "data.net_minor integer",
      "data.tax_minor integer",
      "id length",
      "occurred_at format",
    ]);
  });

  test.each([
    { given: ERRORS_MAX, told: ERRORS_MAX },
    { given: ERRORS_MAX + 1, told: ERRORS_MAX },
  ])("tells $told of $given violations", ({ given, told }) => {
    const floats = Array.from({ length: given }, (_, i) => [`x${i}_minor`, 0.5]);
    expect(broken(bent("order.placed", {}, Object.fromEntries(floats)))).toHaveLength(told);
  });

  test("quotes nothing that was sent", () => {
    const secret = "Zaphod-4111111111111111";
    const data = { pii: { name: 5, card: VISA }, status: secret, country: 9, joined_at: secret };
    const envelope = { id: `${secret}\n`, key: secret, source: secret, epoch: secret, rev: secret };
    const refused = JSON.stringify(
      readEnvelope(bent("distributor.enrolled", envelope, data), HERE),
    );
    expect(refused).not.toMatch(/Zaphod|1111/);
  });
});

const HERE_SOURCE = { source: HERE.source };

describe("what a correction changes", () => {
  const at = "2026-07-01T00:00:00Z";
  test.each<{ data: Record<string, unknown>; expected: string[] }>([
    { data: { amount_minor: 0, effective_at: at }, expected: [] },
    { data: { amount_minor: 0, effective_at: at, period_id: "2026-06" }, expected: [] },
    { data: { amount_minor: 300, to: "suspense", line_amount_minor: 400 }, expected: [] },
    { data: { amount_minor: -300, to: "expense" }, expected: [] },
    { data: { amount_minor: 1, effective_at: at }, expected: ["data.amount_minor effect"] },
    { data: { amount_minor: 1, to: "expense" }, expected: ["data.amount_minor maximum"] },
    { data: { to: "bank" }, expected: ["data.to enum"] },
    { data: { period_id: "2026-06" }, expected: ["data.effective_at required"] },
    { data: { amount_minor: 0, effective_at: "soon" }, expected: ["data.effective_at format"] },
    {
      data: { amount_minor: 0, effective_at: at, to: "suspense" },
      expected: ["data.to effect"],
    },
  ])("is one thing: $data", ({ data, expected }) => {
    expect(broken(bent("recon.correction", {}, data))).toEqual(expected);
  });
});

describe("amounts", () => {
  const AMOUNTS = EVENT_TYPES.flatMap((type) =>
    Object.keys(SAMPLES[type].data)
      .filter((name) => name.endsWith("_minor"))
      .map((name) => ({ type, name, signed: /adjustment|recon/.test(type) })),
  );

  test.each(AMOUNTS)(
    "of $type: $name is an integer from 0, unless signed",
    ({ type, name, signed }) => {
      const judged = (value: unknown) =>
        broken(bent(type, {}, { [name]: value })).filter((line) => !line.endsWith(" sum"));
      const path = `data.${name}`;
      expect(judged(0)).toEqual([]);
      expect(judged(-1)).toEqual(signed ? [] : [`${path} minimum`]);
      expect(judged(Number.MAX_SAFE_INTEGER)).toEqual([]);
      expect(judged(2 ** 53)).toEqual([`${path} maximum`]);
      expect(judged(400.5)).toEqual([`${path} integer`]);
      expect(judged("400")).toEqual([`${path} integer`]);
      expect(judged(null)).toEqual([`${path} integer`]);
      expect(broken(bent(type, {}, { currency: undefined }))).toContain("data.currency required");
    },
  );

  test.each<{ given: Json; expected: string[] }>([
    { given: "EUR", expected: [] },
    { given: "KWD", expected: [] },
    { given: "eur", expected: ["data.currency currency"] },
    { given: "EURO", expected: ["data.currency currency"] },
    { given: "XXX", expected: ["data.currency currency"] },
    { given: 978, expected: ["data.currency type"] },
  ])("are in a currency of ISO 4217: $given", ({ given, expected }) => {
    expect(broken(bent("commission.posted", {}, { currency: given }))).toEqual(expected);
  });

  test.each<{ name: string; data: Record<string, Json>; expected: string[] }>([
    { name: "at the top", data: { tip_minor: 0.5 }, expected: ["data.tip_minor integer"] },
    {
      name: "deep inside",
      data: { rows: [{ a: { fee_minor: "1.00" } }] },
      expected: ["data.rows[0].a.fee_minor integer"],
    },
    { name: "as an object", data: { sums_minor: {} }, expected: ["data.sums_minor integer"] },
    { name: "beyond 2^53", data: { tip_minor: -(2 ** 53) }, expected: ["data.tip_minor minimum"] },
    { name: "negative but whole", data: { tip_minor: -5 }, expected: [] },
    { name: "under another name", data: { minor: 0.5, minority: 0.5 }, expected: [] },
  ])("unknown to the contract $name are judged too", ({ data, expected }) => {
    expect(broken(bent("payout.settled", {}, data))).toEqual(expected);
  });

  test.each<{ type: EventType; data: Record<string, Json | undefined>; expected: string[] }>([
    { type: "order.placed", data: { amount_minor: 27_501 }, expected: ["data.amount_minor sum"] },
    { type: "order.placed", data: { tax_minor: 2001 }, expected: ["data.amount_minor sum"] },
    { type: "payment.confirmed", data: { shipping_minor: 0 }, expected: ["data.amount_minor sum"] },
    {
      type: "payment.confirmed",
      data: { tax_minor: undefined, shipping_minor: undefined, amount_minor: 25_000 },
      expected: [],
    },
    {
      type: "refund.completed",
      data: { amount_minor: 10_799 },
      expected: ["data.amount_minor sum"],
    },
    {
      type: "refund.completed",
      data: { net_minor: undefined, tax_minor: undefined, amount_minor: 1 },
      expected: [],
    },
    {
      type: "refund.completed",
      data: { net_minor: undefined },
      expected: ["data.net_minor required"],
    },
    { type: "chargeback.opened", data: { shipping_minor: 1 }, expected: ["data.amount_minor sum"] },
    {
      type: "payout.initiated",
      data: { fee_minor: undefined },
      expected: ["data.gross_minor sum"],
    },
    {
      type: "payout.initiated",
      data: { withholding_minor: 1 },
      expected: ["data.gross_minor sum"],
    },
    {
      type: "payout.initiated",
      data: { fee_minor: undefined, withholding_minor: 150 },
      expected: [],
    },
    {
      type: "order.placed",
      data: {
        net_minor: Number.MAX_SAFE_INTEGER,
        tax_minor: 1,
        shipping_minor: 0,
        amount_minor: Number.MAX_SAFE_INTEGER,
      },
      expected: ["data.amount_minor sum"],
    },
  ])("of $type add up: $data", ({ type, data, expected }) => {
    expect(broken(bent(type, {}, data))).toEqual(expected);
  });

  const THIN = {
    net_minor: undefined,
    tax_minor: undefined,
    shipping_minor: undefined,
    cv_x100: undefined,
    source_node: undefined,
    order_kind: undefined,
  };

  test.each<{ name: string; data: Record<string, Json>; expected: string[] }>([
    { name: "thin", data: {}, expected: [] },
    { name: "with tax alone", data: { tax_minor: 1 }, expected: ["data.net_minor required"] },
    {
      name: "with volume alone",
      data: { cv_x100: 1 },
      expected: [
        "data.net_minor required",
        "data.source_node required",
        "data.order_kind required",
      ],
    },
    {
      name: "with net alone",
      data: { net_minor: 27_500 },
      expected: ["data.cv_x100 required", "data.source_node required", "data.order_kind required"],
    },
  ])("of a payment $name", ({ data, expected }) => {
    expect(broken(bent("payment.confirmed", {}, { ...THIN, ...data }))).toEqual(expected);
  });
});

describe("fields", () => {
  test.each<{ type: EventType; data: Record<string, Json | undefined>; expected: string[] }>([
    { type: "distributor.enrolled", data: { status: "new" }, expected: ["data.status enum"] },
    { type: "distributor.enrolled", data: { leg: "l" }, expected: ["data.leg enum"] },
    { type: "distributor.enrolled", data: { pii: undefined }, expected: [] },
    {
      type: "distributor.enrolled",
      data: { pii: { email: 1 } },
      expected: ["data.pii.email type"],
    },
    {
      type: "distributor.enrolled",
      data: { joined_at: "2026-01-31T00:00:00+05:30" },
      expected: [],
    },
    {
      type: "distributor.enrolled",
      data: { joined_at: "2026-1-31" },
      expected: ["data.joined_at format"],
    },
    {
      type: "distributor.enrolled",
      data: { distributor_id: 7 },
      expected: ["data.distributor_id type"],
    },
    {
      type: "distributor.enrolled",
      data: { distributor_id: "" },
      expected: ["data.distributor_id length"],
    },
    { type: "distributor.moved", data: { tree: "matrix" }, expected: ["data.tree enum"] },
    { type: "order.placed", data: { order_kind: "gift" }, expected: ["data.order_kind enum"] },
    { type: "order.placed", data: { cv_x100: 0.5 }, expected: ["data.cv_x100 integer"] },
    { type: "payment.failed", data: { attempt: "1" }, expected: ["data.attempt type"] },
    { type: "volume.snapshot", data: { pv_x100: -1 }, expected: [] },
    { type: "volume.snapshot", data: { legs: [1.5] }, expected: ["data.legs[0] integer"] },
    { type: "volume.snapshot", data: { legs: [null] }, expected: ["data.legs[0] type"] },
    {
      type: "volume.snapshot",
      data: { legs: Array.from({ length: 1000 }, () => 1) },
      expected: [],
    },
    {
      type: "volume.snapshot",
      data: { legs: Array.from({ length: 1001 }, () => 1) },
      expected: ["data.legs length"],
    },
    { type: "commission.posted", data: { rate_ppm: 1_000_000 }, expected: [] },
    {
      type: "commission.posted",
      data: { rate_ppm: 1_000_001 },
      expected: ["data.rate_ppm maximum"],
    },
    { type: "commission.posted", data: { rate_ppm: -1 }, expected: ["data.rate_ppm minimum"] },
    {
      type: "commission.posted",
      data: { available_at: "2026-08-24" },
      expected: ["data.available_at format"],
    },
    { type: "commission.posted", data: { level: -1 }, expected: ["data.level minimum"] },
    { type: "period.closed", data: { totals: { usd: 1 } }, expected: ["data.totals.usd currency"] },
    {
      type: "period.closed",
      data: { totals: { USD: 1.5 } },
      expected: ["data.totals.USD integer"],
    },
    { type: "payout.failed", data: { fee_kept: "yes" }, expected: ["data.fee_kept type"] },
    { type: "inventory.adjusted", data: { on_hand: 0.5 }, expected: ["data.on_hand integer"] },
    { type: "autoship.changed", data: { next_run: null }, expected: [] },
    { type: "autoship.changed", data: { next_run: "soon" }, expected: ["data.next_run format"] },
    { type: "crm.field_changed", data: { value: { any: [1.5] } }, expected: [] },
    { type: "cdc.row", data: { op: "d", after: null }, expected: [] },
    { type: "cdc.row", data: { op: "d", after: undefined }, expected: [] },
    { type: "cdc.row", data: { op: "r", after: null }, expected: ["data.after type"] },
    { type: "cdc.row", data: { op: "x" }, expected: ["data.op enum"] },
    { type: "cdc.gap", data: { pks: undefined }, expected: [] },
  ])("of $type: $data", ({ type, data, expected }) => {
    expect(broken(bent(type, {}, data))).toEqual(expected);
  });

  test("a volume without a period is that of the UTC month it took effect in", () => {
    const envelope = { occurred_at: "2026-08-01T01:00:00+02:00" };
    expect(read(bent("volume.snapshot", envelope, { period_id: undefined })).data).toMatchObject({
      period_id: "2026-07",
    });
  });
});

describe("key", () => {
  test.each<{
    type: EventType;
    key?: string;
    data: Record<string, Json | undefined>;
    expected: string;
  }>([
    { type: "refund.completed", data: { order_id: "O1" }, expected: "order:O1" },
    { type: "refund.completed", key: "order:O1", data: {}, expected: "order:O1" },
    { type: "refund.completed", key: "payment:P1", data: { order_id: "O1" }, expected: "order:O1" },
    { type: "chargeback.closed", data: { payment_id: undefined }, expected: "dispute:D1" },
    { type: "chargeback.closed", data: { order_id: "O1" }, expected: "order:O1" },
    { type: "inventory.adjusted", data: { location: "UK" }, expected: "sku:SKU-1:UK" },
    { type: "inventory.adjusted", data: { sku: "a:b" }, expected: "sku:a%3Ab:-" },
    { type: "inventory.adjusted", data: { sku: "a%3Ab" }, expected: "sku:a%253Ab:-" },
    {
      type: "crm.field_changed",
      data: { object: undefined },
      expected: "crm:hubspot:-:501:mlm_status",
    },
    { type: "cdc.row", data: { pk: "a:b" }, expected: "cdc:members:a:b" },
    { type: "cdc.row", data: { pk: ["a", 1] }, expected: 'cdc:members:["a",1]' },
    { type: "cdc.row", data: { pk: { b: 1, a: "x" } }, expected: 'cdc:members:{"a":"x","b":1}' },
    {
      type: "subject.erased",
      data: { distributor_id: undefined, customer_id: "C" },
      expected: "cust:C",
    },
    { type: "commission.released", key: "dist:a:b", data: {}, expected: "dist:a:b" },
  ])("of $type reads $expected", ({ type, key, data, expected }) => {
    expect(read(bent(type, key === undefined ? {} : { key }, data)).key).toBe(expected);
  });

  test.each<{ type: EventType; key: string; data: Record<string, Json | undefined>; filled: Json }>(
    [
      { type: "payout.settled", key: "dist:X", data: {}, filled: { distributor_id: "X" } },
      {
        type: "chargeback.closed",
        key: "dispute:D9",
        data: { dispute_id: undefined, payment_id: undefined },
        filled: { dispute_id: "D9" },
      },
      { type: "refund.completed", key: "order:O9", data: {}, filled: { order_id: "O9" } },
      {
        type: "cdc.row",
        key: "cdc:shop%3Aitems:7:8",
        data: { table: undefined, pk: undefined },
        filled: { table: "shop:items", pk: "7:8" },
      },
      {
        type: "subject.erased",
        key: "cust:C9",
        data: { distributor_id: undefined },
        filled: { customer_id: "C9" },
      },
    ],
  )("$key fills the data of $type", ({ type, key, data, filled }) => {
    const event = read(bent(type, { key }, data));
    expect({ key: event.key, data: event.data }).toMatchObject({ key, data: filled });
  });

  test.each<{
    type: EventType;
    key: string | undefined;
    data: Record<string, Json | undefined>;
    expected: string[];
  }>([
    { type: "commission.released", key: undefined, data: {}, expected: ["key required"] },
    { type: "commission.released", key: undefined, data: { distributor_id: "B" }, expected: [] },
    { type: "commission.released", key: "dist:B", data: { distributor_id: "B" }, expected: [] },
    {
      type: "commission.released",
      key: "dist:B",
      data: { distributor_id: "b" },
      expected: ["key mismatch"],
    },
    {
      type: "commission.released",
      key: undefined,
      data: { distributor_id: 5 },
      expected: ["data.distributor_id type"],
    },
    { type: "commission.released", key: "B", data: {}, expected: ["key format"] },
    { type: "commission.released", key: "dist:", data: {}, expected: ["key format"] },
    { type: "commission.released", key: "cust:B", data: {}, expected: ["key format"] },
    {
      type: "commission.released",
      key: "distB:B",
      data: { distributor_id: "B" },
      expected: ["key format"],
    },
    { type: "distributor.moved", key: "tree:acme", data: {}, expected: [] },
    { type: "distributor.moved", key: "tree:other", data: {}, expected: ["key mismatch"] },
    {
      type: "customer.linked",
      key: "cust:C",
      data: { customer_id: undefined },
      expected: ["data.customer_id required"],
    },
    { type: "refund.completed", key: "payment:P2", data: {}, expected: ["key mismatch"] },
    {
      type: "refund.completed",
      key: "order:O2",
      data: { order_id: "O1" },
      expected: ["key mismatch"],
    },
    {
      type: "subject.erased",
      key: undefined,
      data: { distributor_id: undefined },
      expected: ["key required"],
    },
    { type: "cdc.row", key: "cdc:members", data: { pk: undefined }, expected: ["key format"] },
    { type: "cdc.row", key: "cdc:other:77", data: {}, expected: ["key mismatch"] },
    { type: "cdc.row", key: undefined, data: { pk: undefined }, expected: ["key required"] },
    {
      type: "recon.correction",
      key: undefined,
      data: { distributor_id: undefined },
      expected: ["key required"],
    },
    { type: "commission.released", key: `dist:${"x".repeat(128)}`, data: {}, expected: [] },
    {
      type: "commission.released",
      key: `dist:${"x".repeat(129)}`,
      data: {},
      expected: ["data.distributor_id length"],
    },
    {
      type: "cdc.row",
      key: undefined,
      data: { pk: Array.from({ length: 4 }, () => "x".repeat(128)) },
      expected: ["key length"],
    },
  ])("$key of $type with $data", ({ type, key, data, expected }) => {
    expect(broken(bent(type, { key }, data))).toEqual(expected);
  });
});

describe("seq", () => {
  test.each<{ given: Json; expected: string[] }>([
    { given: 1, expected: [] },
    { given: 0, expected: ["seq minimum"] },
    { given: Number.MAX_SAFE_INTEGER, expected: [] },
    { given: 2 ** 53, expected: ["seq maximum"] },
    { given: 1.5, expected: ["seq integer"] },
    { given: "1", expected: ["seq type"] },
  ])("$given", ({ given, expected }) => {
    expect(broken(bent("payout.settled", { seq: given }))).toEqual(expected);
  });

  test("is dropped where it means nothing, and so is rev", () => {
    const event = read(bent("order.placed", { seq: "odd", rev: -1 }));
    expect(event).not.toHaveProperty("seq");
    expect(event).not.toHaveProperty("rev");
    expect(read(bent("payout.settled", { rev: "odd" }))).not.toHaveProperty("rev");
  });
});

describe("rev", () => {
  test.each<{ rev?: Json; inner?: Json; expected: string }>([
    { rev: 0, expected: "0" },
    { rev: "000", expected: "0" },
    { rev: "0042", expected: "42" },
    { rev: "9007199254740993", expected: "9007199254740993" },
    { rev: "9".repeat(38), expected: "9".repeat(38) },
    { inner: 7, expected: "7" },
    { inner: "07", expected: "7" },
    { rev: 7, inner: "007", expected: "7" },
  ])("$rev in the envelope and $inner in data read $expected", ({ rev, inner, expected }) => {
    expect(read(bent("rank.changed", { rev }, { rev: inner })).rev).toBe(expected);
  });

  test.each<{ rev?: Json; inner?: Json; expected: string[] }>([
    { expected: ["rev required"] },
    { rev: -1, expected: ["rev minimum"] },
    { rev: 1.5, expected: ["rev integer"] },
    { rev: "", expected: ["rev format"] },
    { rev: "1e3", expected: ["rev format"] },
    { rev: "9".repeat(39), expected: ["rev format"] },
    { rev: 2 ** 53, expected: ["rev maximum"] },
    { rev: null, expected: ["rev type"] },
    { inner: "x", expected: ["data.rev format"] },
    { rev: 7, inner: 8, expected: ["data.rev mismatch"] },
  ])("$rev in the envelope and $inner in data are refused", ({ rev, inner, expected }) => {
    expect(broken(bent("rank.changed", { rev }, { rev: inner }))).toEqual(expected);
  });

  test.each<{ type: EventType; expected: string }>([
    { type: "distributor.enrolled", expected: "0" },
    { type: "period.closed", expected: "0" },
    { type: "subject.erased", expected: "0" },
    { type: "crm.field_changed", expected: "1784999999500" },
  ])("of $type is $expected when nobody tells", ({ type, expected }) => {
    expect(read(SAMPLES[type]).rev).toBe(expected);
    expect(read(bent(type, { rev: 5 })).rev).toBe("5");
  });

  test("of a field changed before 1970 is the oldest", () => {
    const data = { occurred_at: "1969-12-31T23:59:59Z" };
    expect(read(bent("crm.field_changed", {}, data)).rev).toBe("0");
  });
});

const nested = (levels: number): Json =>
  Array.from({ length: levels }).reduce<Json>((inner) => [inner], 1);

describe("card numbers and limits", () => {
  test("refuses a card number anywhere, in data of a known type or not", () => {
    const data = { payment: { card_number: VISA } };
    const expected = "data.payment.card_number card_number";
    expect(broken(bent("order.placed", {}, data))).toEqual([expected]);
    expect(broken(bent("order.placed", { type: "x.y" }, data))).toContain(expected);
    expect(broken(bent("order.placed", { pan: VISA }))).toEqual(["pan card_number"]);
    expect(broken(bent("order.placed", {}, { token: VISA }))).toEqual([]);
  });

  test.each([
    // The envelope and data are two levels themselves.
    { name: "deep enough", extra: { x: nested(DEPTH_MAX - 2) }, expected: 0 },
    { name: "too deep", extra: { x: nested(DEPTH_MAX - 1) }, expected: 1 },
    { name: "far too deep", extra: { x: nested(5000) }, expected: 1 },
    { name: "long names", extra: { ["n".repeat(NAME_CHARS_MAX)]: 1 }, expected: 0 },
    { name: "longer names", extra: { ["n".repeat(NAME_CHARS_MAX + 1)]: 1 }, expected: 1 },
    { name: "too many", extra: { x: Array.from({ length: MEMBERS_MAX }, () => 1) }, expected: 1 },
  ])("$name: $expected violations", ({ extra, expected }) => {
    expect(broken(bent("order.cancelled", {}, extra))).toHaveLength(expected);
  });

  test.each([
    // 5 members of the envelope, 2 of data and the list itself.
    { items: MEMBERS_MAX - 8, expected: [] },
    { items: MEMBERS_MAX - 7, expected: ["data.x[19992] length"] },
  ])("counts $items items and their company", ({ items, expected }) => {
    const x = Array.from({ length: items }, () => 1);
    expect(broken(bent("order.cancelled", {}, { x }))).toEqual(expected);
  });

  test("takes members named like prototypes for data", () => {
    const text = '{"__proto__":{"order_id":"X"},"constructor":1,"toString":null,"reason":"r"}';
    const input: unknown = { ...SAMPLES["order.cancelled"], data: JSON.parse(text) };
    expect(broken(input)).toEqual(["data.order_id required"]);
  });
});

const anyName = fc.constantFrom(
  ..."__proto__ constructor hasOwnProperty toString card rev seq key epoch data pk table a_minor".split(
    " ",
  ),
);

/** Values that JSON.parse can give, with the names that trip code up. */
const anyJson = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<unknown>(
      null,
      true,
      0,
      -0,
      1,
      1.5,
      2 ** 53,
      -1,
      "",
      "dist:B",
      "USD",
      "1",
      VISA,
    ),
    fc.jsonValue({ maxDepth: 2 }),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(anyName, tie("value"), { maxKeys: 6 }),
  ),
})).value;
describe("properties", () => {
  test("refuses what is no envelope, and never throws", () => {
    fc.assert(
      fc.property(anyJson, (input) => {
        expect(readEnvelope(input, HERE).ok).toBe(false);
      }),
    );
  });

  test("never throws on bent samples, and what it accepts it accepts again, the same", () => {
    const members = fc.constantFrom(
      ..."id key epoch seq rev occurred_at version correlation_id data".split(" "),
    );
    const fields = fc.constantFrom(
      ...new Set(Object.values<Sample>(SAMPLES).flatMap(({ data }) => Object.keys(data))),
      "rev",
      "extra",
      "customer_id",
      "__proto__",
    );
    const bend = fc.record({
      type: fc.constantFrom(...EVENT_TYPES),
      envelope: fc.dictionary(members, fc.oneof(anyJson, fc.constant(undefined)), { maxKeys: 2 }),
      data: fc.dictionary(fields, fc.oneof(anyJson, fc.constant(undefined)), { maxKeys: 2 }),
    });
    let accepted = 0;
    fc.assert(
      fc.property(bend, ({ type, envelope, data }) => {
        const result = readEnvelope(bent(type, envelope, data), HERE);
        if (!result.ok) return result.refusal.errors.length > 0;
        accepted += 1;
        expect(readEnvelope(asEnvelope(result.value), HERE)).toEqual(result);
        return true;
      }),
      { numRuns: runs(1000) },
    );
    expect(accepted).toBeGreaterThan(100);
  });

  test("an accepted sample is accepted again through text, the same", () => {
    for (const type of EVENT_TYPES) {
      const event = read(SAMPLES[type]);
      expect(read(JSON.parse(JSON.stringify(asEnvelope(event))))).toEqual(event);
    }
  });
});

test.each([".", ".."])("an id %j is refused: no address can name it", (id) => {
  const event = bent("commission.released", {}, { line_id: id });
  expect(broken(event)).toEqual(["data.line_id format"]);
});
