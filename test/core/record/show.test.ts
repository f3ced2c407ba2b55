import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { EventType } from "#src/core/contracts/catalogue.ts";
import type { Json } from "#src/core/json.ts";
import { openData } from "#src/core/record/open-data.ts";
import { recordRules } from "#src/core/record/rules.ts";
import { show } from "#src/core/record/show.ts";
import type { RecordRow } from "#src/core/subject/entry.ts";
import { settle } from "#src/core/subject/settle.ts";
import type { Arrival } from "#src/core/subject/state.ts";
import { runs } from "../../support/runs.ts";
import { arrive, NOW_MS } from "../support/events.ts";
import { MemoryStore } from "../support/memory-store.ts";

/** A revision as the consumer hands it over: only its open members stand outside the profile. */
function told(type: EventType, rev: number, data: Readonly<Record<string, Json>> = {}): Arrival {
  const occurred_at = new Date(NOW_MS + rev * 1000).toISOString();
  const arrival = arrive(type, { id: `e${rev}`, rev, occurred_at }, data);
  return { ...arrival, event: { ...arrival.event, data: openData(arrival.event) } };
}

function play(...arrivals: readonly Arrival[]): MemoryStore {
  const store = new MemoryStore();
  for (const arrival of arrivals) settle(arrival, { store, rules: recordRules, nowMs: NOW_MS });
  return store;
}

/** What the mirror ends with: it writes every row it is given over the one before. */
const mirrored = ({ entries }: MemoryStore): RecordRow | undefined =>
  entries.findLast(({ effects }) => effects.record !== undefined)?.effects.record;

const effects = ({ entries }: MemoryStore) => entries.map((entry) => entry.effects);

describe("show()", () => {
  test.each<{ type: EventType; kind: string; id: string; value: object }>([
    {
      type: "customer.linked",
      kind: "customer",
      id: "C",
      value: { customer_id: "C", enroller_id: "B", effective_at: "2026-02-01" },
    },
    {
      type: "period.closed",
      kind: "period",
      id: "2026-07",
      value: {
        period_id: "2026-07",
        run_id: "RUN-1",
        totals: { USD: 160_000, EUR: -368 },
        lines: 400,
        digest: "9f86d081884c7d65",
      },
    },
    { type: "inventory.adjusted", kind: "inventory", id: "SKU-1:-", value: { on_hand: -2 } },
    {
      type: "ticket.upserted",
      kind: "ticket",
      id: "zendesk:35436",
      value: { status: "open", open: true, opened_ms: NOW_MS + 1000, first_response_ms: null },
    },
    {
      type: "autoship.changed",
      kind: "autoship",
      id: "AS1",
      value: { autoship_id: "AS1", next_run: "2026-08-01", status: "active" },
    },
  ])("gives the mirror the current revision of $type", ({ type, kind, id, value }) => {
    expect(mirrored(play(told(type, 1)))).toMatchObject({
      kind,
      id,
      epoch: 0,
      rev: "1",
      occurred_ms: NOW_MS + 1000,
      value,
    });
  });

  test("gives it nothing of what is sealed", () => {
    const [lead] = effects(play(arrive("lead.upserted", { rev: 1 })));
    expect(lead).toEqual({});
    const arrival = arrive("cdc.row", { rev: 1 });
    const before = { current: undefined, isCurrent: true };
    expect(show(arrival, new MemoryStore(), before)).toEqual({
      value: "",
      effects: {},
      writes: [],
    });
  });

  test("shows no revision below the current one", () => {
    const store = play(told("autoship.changed", 9), told("autoship.changed", 2, { status: "off" }));
    expect(effects(store)[1]).toEqual({});
    expect(mirrored(store)).toMatchObject({ rev: "9", value: { status: "active" } });
  });

  test("makes every revision of a customer's link an edge, whichever is current", () => {
    const store = play(
      told("customer.linked", 12, { enroller_id: "D" }),
      told("customer.linked", 3, { effective_at: "2026-01-01" }),
    );
    const edge = {
      tree: "sponsor",
      node: "C",
      node_kind: "customer",
      leg: null,
      effective_ms: Date.UTC(2026, 1, 1),
    };
    expect(effects(store).map(({ edges }) => edges)).toEqual([
      [{ ...edge, parent_id: "D", version: "c0000000000000000.02.12" }],
      [
        {
          ...edge,
          parent_id: "B",
          version: "c0000000000000000.01.3",
          effective_ms: Date.UTC(2026, 0, 1),
        },
      ],
    ]);
    expect(mirrored(store)).toMatchObject({ rev: "12" });
  });

  test("alerts where stock runs low, once until it is filled up", () => {
    const counts = [9, 4, 3, 8, -1];
    const store = play(
      ...counts.map((on_hand, i) =>
        told("inventory.adjusted", i + 1, { on_hand, low_stock_at: 4, location: "a:b" }),
      ),
    );
    const alerts = effects(store).flatMap(({ breaks = [] }) => breaks);
    expect(alerts.map(({ break_id, detail }) => [break_id, detail])).toEqual([
      ["LOW_STOCK:SKU-1:a:b:0.2", "4 on hand, low at 4"],
      ["LOW_STOCK:SKU-1:a:b:0.5", "-1 on hand, low at 4"],
    ]);
  });

  test("does not alert of what is history already", () => {
    const store = play(
      told("inventory.adjusted", 9, { on_hand: 5 }),
      told("inventory.adjusted", 2, { on_hand: 0 }),
    );
    expect(effects(store)[1]).toEqual({});
  });

  test("puts a ticket's times right when its first revisions come late", () => {
    const store = play(
      told("ticket.upserted", 9, { status: "solved" }),
      told("ticket.upserted", 4, { status: "new" }),
      told("ticket.upserted", 5, { status: "open" }),
      told("ticket.upserted", 6, { status: "pending" }),
    );
    const times = effects(store).map(({ record }) => [
      record?.value["opened_ms"],
      record?.value["first_response_ms"],
    ]);
    expect(times).toEqual([
      [NOW_MS + 9000, null],
      [NOW_MS + 4000, NOW_MS + 9000],
      [NOW_MS + 4000, NOW_MS + 5000],
      // Neither the first nor the answer: nothing to show.
      [undefined, undefined],
    ]);
    expect(mirrored(store)).toMatchObject({
      rev: "9",
      occurred_ms: NOW_MS + 9000,
      value: { status: "solved", open: false },
    });
  });

  test("goes on from a register that kept nothing to show", () => {
    const old: Arrival = { ...told("ticket.upserted", 9), payloadSha256: "old" };
    const store = play({ ...old, event: { ...old.event, type: "lead.upserted" } });
    const [revision] = store.registers.get("lead.upserted") ?? [];
    expect(revision?.value).toBe("");
    if (revision !== undefined) store.registers.set("ticket.upserted", [revision]);
    settle(told("ticket.upserted", 4), { store, rules: recordRules, nowMs: NOW_MS });
    expect(effects(store)[1]).toEqual({});
  });

  test("ends with the same row in any order with repeats", () => {
    const revisions = fc.array(
      fc.record({
        status: fc.constantFrom("new", "open", "pending", "closed"),
        on_hand: fc.integer({ min: -2, max: 2 }),
      }),
      { minLength: 1, maxLength: 8 },
    );
    const types = fc.constantFrom<EventType>("ticket.upserted", "inventory.adjusted");
    const shuffled = fc.tuple(types, revisions).chain(([type, list]) => {
      const all = list.map(({ status, on_hand }, i) =>
        told(type, i + 1, type === "ticket.upserted" ? { status } : { on_hand }),
      );
      const twice = [...all, ...all];
      return fc.record({
        all: fc.constant(all),
        given: fc.shuffledSubarray(twice, { minLength: twice.length }),
      });
    });
    fc.assert(
      fc.property(shuffled, ({ all, given }) => {
        expect(mirrored(play(...given))).toEqual(mirrored(play(...all)));
      }),
      { numRuns: runs(200) },
    );
  });
});
