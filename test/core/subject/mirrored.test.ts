import { describe, expect, it } from "vitest";
import type { Line } from "#src/core/ledger/line.ts";
import type { Transfer } from "#src/core/ledger/transfer.ts";
import type { Entry } from "#src/core/subject/entry.ts";
import { mirroredLine, mirroredTransfers, originOf } from "#src/core/subject/mirrored.ts";

const MOVED: Transfer = {
  rule: "P4",
  debit: "dist:42:held",
  credit: "dist:42:available",
  amount_minor: 400,
  currency: "USD",
  reference: "L1",
};

const CAUSE = { kind: "due", event_id: "evt_1", occurred_ms: 20 } as const;

describe("a transfer of the mirror", () => {
  it.each<{ name: string; entry: Entry; at: number; event: string | null }>([
    {
      name: "its own time",
      at: 5,
      event: "evt_1",
      entry: {
        recorded_ms: 30,
        cause: CAUSE,
        effects: { effective_ms: 10, transfers: [{ ...MOVED, effective_ms: 5 }] },
      },
    },
    {
      name: "its entry's time",
      at: 10,
      event: "evt_1",
      entry: { recorded_ms: 30, cause: CAUSE, effects: { effective_ms: 10, transfers: [MOVED] } },
    },
    {
      name: "when what brought it happened",
      at: 20,
      event: "evt_1",
      entry: { recorded_ms: 30, cause: CAUSE, effects: { transfers: [MOVED] } },
    },
    {
      name: "when it was recorded",
      at: 30,
      event: null,
      entry: { recorded_ms: 30, effects: { transfers: [MOVED] } },
    },
  ])("takes effect as of $name", ({ entry, at, event }) => {
    expect(originOf(entry).event_id ?? null).toBe(event);
    const [row] = mirroredTransfers(7, entry);
    expect(JSON.stringify(row)).toBe(
      `{"position":7,"n":0,"rule":"P4","debit":"dist:42:held","credit":"dist:42:available","amount_minor":400,"currency":"USD","reference":"L1","event_id":${JSON.stringify(event)},"effective_ms":${at},"recorded_ms":30}`,
    );
  });

  it("is numbered among those of its entry", () => {
    const rows = mirroredTransfers(7, { recorded_ms: 0, effects: { transfers: [MOVED, MOVED] } });
    expect(rows.map(({ n }) => n)).toEqual([0, 1]);
  });
});

it("a line has its members in one order, whatever order it was written in", () => {
  const line: Line = {
    effective_ms: 1,
    state: "held",
    line_id: "L1",
    distributor_id: "42",
    order_id: null,
    component: "level",
    level: 1,
    depth: 1,
    rate_ppm: null,
    amount_minor: 400,
    reversed_minor: 0,
    currency: "USD",
    period_id: "2026-11",
  };
  const text = JSON.stringify(mirroredLine(line));
  expect(text).toBe(
    '{"distributor_id":"42","line_id":"L1","order_id":null,"component":"level","level":1,"depth":1,"rate_ppm":null,"amount_minor":400,"reversed_minor":0,"currency":"USD","state":"held","period_id":"2026-11","effective_ms":1,"origin":"core","due_ms":null}',
  );
  const reversed = Object.fromEntries(Object.entries(line).toReversed());
  expect(JSON.stringify(mirroredLine({ ...line, ...reversed }))).toBe(text);
  expect(mirroredLine({ ...line, origin: "gateway", due_ms: 9 })).toMatchObject({
    origin: "gateway",
    due_ms: 9,
  });
});
