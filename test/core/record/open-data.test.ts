import { describe, expect, test } from "vitest";
import { EVENT_TYPES } from "#src/core/contracts/catalogue.ts";
import { kindOf, openData } from "#src/core/record/open-data.ts";
import { isRecordEvent } from "#src/core/record/rules.ts";
import { event } from "../support/events.ts";

describe("openData()", () => {
  test("is empty for every record that nobody but its owner may read", () => {
    const sealed = EVENT_TYPES.map((type) => event(type)).filter(
      (told) => isRecordEvent(told) && kindOf(told.type) === undefined,
    );
    expect(sealed.map(({ type }) => type)).toEqual([
      "lead.upserted",
      "crm.field_changed",
      "cdc.row",
    ]);
    expect(sealed.map(openData)).toEqual([{}, {}, {}]);
  });

  test("keeps what is nobody's, and seals words and what no contract knows", () => {
    const told = event(
      "inventory.adjusted",
      { rev: 1 },
      { location: "Ulm", reason: "Lent to Ann Example", owner: "Ann", low_stock_at: 5 },
    );
    expect(openData(told)).toEqual({
      sku: "SKU-1",
      location: "Ulm",
      on_hand: -2,
      low_stock_at: 5,
    });
  });

  test.each(["5", 1.5, null, { pieces: 5 }])("takes %j for no threshold", (low_stock_at) => {
    const told = event("inventory.adjusted", { rev: 1 }, { low_stock_at });
    expect(openData(told)).toEqual({ sku: "SKU-1", on_hand: -2 });
  });
});

describe("kindOf()", () => {
  test("names what the mirror shows", () => {
    const shown = EVENT_TYPES.filter((type) => kindOf(type) !== undefined);
    expect(shown.map((type) => [type, kindOf(type)])).toEqual([
      ["customer.linked", "customer"],
      ["period.closed", "period"],
      ["inventory.adjusted", "inventory"],
      ["ticket.upserted", "ticket"],
      ["autoship.changed", "autoship"],
    ]);
  });
});
