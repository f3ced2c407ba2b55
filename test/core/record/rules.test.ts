import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CATALOGUE, EVENT_TYPES } from "#src/core/contracts/catalogue.ts";
import { isRecordEvent, recordRules } from "#src/core/record/rules.ts";
import { settle } from "#src/core/subject/settle.ts";
import type { Arrival } from "#src/core/subject/state.ts";
import { again, arrive, event, NOW_MS, retold } from "../support/events.ts";
import { MemoryStore } from "../support/memory-store.ts";

/** A lead's revision as the consumer hands it over: all it says is sealed. */
function lead(rev: string | number, epoch = 0, stage = "new"): Arrival {
  const arrival = arrive(
    "lead.upserted",
    { id: `l${epoch}/${rev}/${stage}`, rev, epoch },
    { fields: { stage } },
  );
  const profile = { sealed: `lead ${epoch}/${rev}` };
  return { ...arrival, event: { ...arrival.event, data: {} }, profile };
}

function play(...arrivals: readonly Arrival[]): MemoryStore {
  const store = new MemoryStore();
  for (const arrival of arrivals) settle(arrival, { store, rules: recordRules, nowMs: NOW_MS });
  return store;
}

const outcomes = (store: MemoryStore) => store.entries.map(({ outcome }) => outcome);

describe("isRecordEvent()", () => {
  test("is true of the registers that are no distributor's", () => {
    expect(EVENT_TYPES.filter((type) => isRecordEvent(event(type)))).toEqual([
      "customer.linked",
      "lead.upserted",
      "period.closed",
      "inventory.adjusted",
      "ticket.upserted",
      "autoship.changed",
      "crm.field_changed",
      "cdc.row",
    ]);
  });

  test("gives an object one type only: its profile is that register's", () => {
    const types = EVENT_TYPES.filter((type) => isRecordEvent(event(type)));
    const prefixes = types.flatMap((type) => CATALOGUE[type].keys.map(({ prefix }) => prefix));
    expect(new Set(prefixes).size).toBe(prefixes.length);
  });
});

describe("recordRules", () => {
  test("keeps the highest revision and its profile, whatever comes last", () => {
    const store = play(lead(9), lead(123), lead(23));
    expect(store.current("lead.upserted")).toMatchObject({ rev: "123", effectiveMs: NOW_MS });
    expect(store.profile).toEqual({ sealed: "lead 0/123" });
    expect(outcomes(store)).toEqual(["applied", "applied", "applied"]);
    expect(store.view()).toBeUndefined();
  });

  test("logs nothing of what the record says", () => {
    const { rows, registers } = play(lead(1));
    expect(JSON.stringify([rows, [...registers]])).not.toMatch(/fields|stage|sealed/);
  });

  test("finds the same revision again a duplicate, and commits no redelivery", () => {
    const store = play(lead(1), again(lead(1)), retold(lead(1), "other"));
    expect(outcomes(store)).toEqual(["applied", "duplicate"]);
    expect(store.entries[1]?.of).toBe(lead(1).eventId);
  });

  test("keeps other content under the same revision for a person", () => {
    const other = lead(1, 0, "won");
    const store = play(lead(1), other);
    expect(outcomes(store)).toEqual(["applied", "conflict"]);
    expect(store.kept(other.eventId)).toMatchObject({ code: "fact_contradicted" });
    expect(store.profile).toEqual({ sealed: "lead 0/1" });
  });

  test("ends the same in any order with repeats", () => {
    const revision = fc.record({
      epoch: fc.nat({ max: 1 }),
      rev: fc.oneof(
        fc.nat({ max: 12 }),
        fc.bigInt({ min: 0n, max: 10n ** 20n }).map((rev) => String(rev)),
      ),
    });
    const revisions = fc.array(revision, { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(revisions, (given) => {
        const arrivals = given.map(({ epoch, rev }) => lead(rev, epoch));
        const [there, back] = [play(...arrivals), play(...arrivals.toReversed(), ...arrivals)];
        expect(back.current("lead.upserted")).toEqual(there.current("lead.upserted"));
        expect(back.profile).toEqual(there.profile);
      }),
    );
  });
});
