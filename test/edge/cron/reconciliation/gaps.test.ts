import { describe, expect, it } from "vitest";
import type { GatewayEvent } from "#src/core/contracts/event.ts";
import { fillGaps, type GapPorts } from "#src/edge/cron/reconciliation/gaps.ts";

const GAP = { tenant: "acme", subject: "dist:B", source: "core", epoch: 0, fromSeq: 3, toSeq: 4 };

const released = (seq: number, more: object = {}) => ({
  id: `B-${seq}`,
  type: "commission.released",
  version: 1,
  occurred_at: "2026-07-01T10:00:00.000Z",
  seq,
  data: { line_id: `L${seq}` },
  ...more,
});

/** What is filled in where a core answers with these. */
async function filledBy(items: readonly object[], more: Partial<GapPorts> = {}) {
  const filled: GatewayEvent[] = [];
  const asked: object[] = [];
  await fillGaps({
    tenants: () => Promise.resolve(["acme"]),
    gaps: () => Promise.resolve([GAP]),
    isOnlyContract: () => Promise.resolve(true),
    core: () =>
      Promise.resolve({
        events: (of) => {
          asked.push(of);
          return Promise.resolve({ kind: "all", items, snapshot: { asOfSeq: "1", epoch: 0 } });
        },
      }),
    fill: (_gap, events) => {
      filled.push(...events);
      return Promise.resolve();
    },
    nowMs: () => 0,
    log: () => undefined,
    ...more,
  });
  return { asked, filled: filled.map(({ source, key, seq }) => ({ source, key, seq })) };
}

const OTHERS = { isOnlyContract: () => Promise.resolve(false) };

describe("a hole in a stream", () => {
  it("is asked of the core exactly, and filled under its own source", async () => {
    expect(await filledBy([released(3), released(4)])).toEqual({
      asked: [{ stream: "dist:B", epoch: 0, from: 3, to: 4 }],
      filled: [
        { source: "core", key: "dist:B", seq: 3 },
        { source: "core", key: "dist:B", seq: 4 },
      ],
    });
  });

  it("of one of several sources is filled only by events that name that source", async () => {
    const items = [released(3), released(4, { source: "core" }), released(5, { source: "bank" })];
    expect((await filledBy(items, OTHERS)).filled).toEqual([
      { source: "core", key: "dist:B", seq: 4 },
    ]);
  });

  it("is not filled by what breaks its contract", async () => {
    expect((await filledBy([released(3, { data: {} }), released(4)])).filled).toHaveLength(1);
  });

  it("stays where the core does not answer", async () => {
    const down = { kind: "failed", failure: "timeout", detail: "No answer" } as const;
    const core = () => Promise.resolve({ events: () => Promise.resolve(down) });
    expect((await filledBy([], { core })).filled).toEqual([]);
  });
});
