import { describe, expect, expectTypeOf, test } from "vitest";
import {
  CATALOGUE,
  type CatalogueEvent,
  type EventOf,
  EVENT_TYPES,
  isEventType,
  narrow,
  orderingOf,
} from "#src/core/contracts/catalogue.ts";
import { readEnvelope } from "#src/core/contracts/envelope.ts";
import type { GatewayEvent } from "#src/core/contracts/event.ts";
import type { JsonObject } from "#src/core/json.ts";
import { HERE, SAMPLES } from "./samples.ts";

const CLASSES = {
  strict:
    "distributor.moved commission.posted commission.reversed commission.released adjustment.posted payout.initiated payout.settled payout.failed",
  register:
    "distributor.enrolled distributor.status_changed customer.linked lead.upserted volume.snapshot rank.changed period.closed inventory.adjusted ticket.upserted autoship.changed crm.field_changed cdc.row subject.erased",
  commutative:
    "order.placed order.cancelled payment.confirmed payment.failed refund.completed refund.failed chargeback.opened chargeback.closed recon.correction",
  notice: "cdc.gap",
};

describe("CATALOGUE", () => {
  test.each(Object.entries(CLASSES).map(([name, types]) => ({ name, types })))(
    "orders $name: $types",
    ({ name, types }) => {
      const ofClass = EVENT_TYPES.filter((type) => orderingOf(type) === name);
      expect(ofClass).toEqual(types.split(" "));
    },
  );

  test("tells the key that data names, or nothing", () => {
    const { key } = CATALOGUE["commission.released"];
    expect(key({ distributor_id: "B" }, "acme")).toBe("dist:B");
    expect(key({}, "acme")).toBeUndefined();
    expect(CATALOGUE["distributor.moved"].key({}, "acme")).toBe("tree:acme");
  });

  test("knows no names of prototypes", () => {
    expect(["constructor", "__proto__", "toString", 1, null].filter(isEventType)).toEqual([]);
  });
});

function amountOf(event: CatalogueEvent): number | undefined {
  if (event.type === "commission.posted") return event.data.amount_minor;
  return event.type === "payout.initiated" ? event.data.gross_minor : undefined;
}

describe("narrow()", () => {
  test("lets the compiler see data's members by type", () => {
    const result = readEnvelope(SAMPLES["commission.posted"], HERE);
    expect(result.ok && amountOf(narrow(result.value))).toBe(400);
  });

  test("keeps an event a GatewayEvent", () => {
    expectTypeOf<(event: GatewayEvent) => void>().toExtend<(event: CatalogueEvent) => void>();
    expectTypeOf<EventOf<"lead.upserted">["data"]["fields"]>().toExtend<JsonObject>();
    expectTypeOf<EventOf<"payment.confirmed">["data"]>().toExtend<{
      readonly fee_minor?: number;
    }>();
  });
});
