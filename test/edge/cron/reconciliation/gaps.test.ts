import { describe, expect, it } from "vitest";
import type { GatewayEvent } from "#src/core/contracts/event.ts";
import {
  fillGaps,
  fillNamed,
  type GapPorts,
  type Turn,
} from "#src/edge/cron/reconciliation/gaps.ts";

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

const answered = (items: readonly object[], epoch = 0): Partial<GapPorts> => ({
  core: () =>
    Promise.resolve({
      name: "the core",
      events: () => Promise.resolve({ kind: "all", items, snapshot: { asOfSeq: "1", epoch } }),
    }),
});

/** What is filled in where a core answers with these. */
async function filledBy(items: readonly object[], more: Partial<GapPorts> = {}) {
  const filled: GatewayEvent[] = [];
  const asked: object[] = [];
  const did: object[] = [];
  const noted: (readonly [string, number])[] = [];
  const ports: GapPorts = {
    take: () => Promise.resolve({}),
    leave: () => Promise.resolve(),
    tenants: () => Promise.resolve(["acme"]),
    due: () => Promise.resolve([GAP]),
    isCores: () => Promise.resolve(true),
    core: () =>
      Promise.resolve({
        name: "the core",
        events: (of) => {
          asked.push(of);
          return Promise.resolve({ kind: "all", items, snapshot: { asOfSeq: "1", epoch: 0 } });
        },
      }),
    fill: (_gap, events) => {
      filled.push(...events);
      return Promise.resolve();
    },
    end: (gap, coreEpoch) => {
      did.push({ ended: gap.fromSeq, coreEpoch });
      return Promise.resolve();
    },
    noteState: (tenant, { epoch }) => {
      noted.push([tenant, epoch]);
      return Promise.resolve({ kind: "believed" });
    },
    asked: (gap) => {
      did.push({ asked: gap.fromSeq });
      return Promise.resolve();
    },
    nowMs: () => 0,
    log: () => undefined,
    ...more,
  };
  await fillGaps(ports);
  return {
    asked,
    did,
    noted,
    ports,
    filled: filled.map(({ source, key, seq }) => ({ source, key, seq })),
  };
}

const OTHERS = { isCores: () => Promise.resolve(false) };

describe("a hole in a stream", () => {
  it("is asked of the core exactly, and filled under its own source", async () => {
    expect(await filledBy([released(3), released(4)])).toMatchObject({
      did: [{ asked: 3 }],
      asked: [{ stream: "dist:B", epoch: 0, from: 3, to: 4 }],
      filled: [
        { source: "core", key: "dist:B", seq: 3 },
        { source: "core", key: "dist:B", seq: 4 },
      ],
    });
  });

  it("of one of several sources is filled only by events that name that source", async () => {
    const items = [released(3), released(4, { source: "core" }), released(5, { source: "bank" })];
    const told: unknown[] = [];
    const log: GapPorts["log"] = (...line) => told.push(line);
    expect((await filledBy(items, { ...OTHERS, log })).filled).toEqual([
      { source: "core", key: "dist:B", seq: 4 },
    ]);
    // Otherwise a core that says nothing of it looks like one that has nothing.
    expect(told).toContainEqual([
      "warn",
      "gap_not_filled",
      expect.objectContaining({ detail: expect.stringMatching(/1 name no source.*core\.source/) }),
    ]);
  });

  it("is not filled by what breaks its contract", async () => {
    expect((await filledBy([released(3, { data: {} }), released(4)])).filled).toHaveLength(1);
  });

  it("stays where the core does not answer", async () => {
    const down = { kind: "failed", failure: "timeout", detail: "No answer" } as const;
    const core = () => Promise.resolve({ name: "the core", events: () => Promise.resolve(down) });
    // Asked all the same: it is asked again after a longer pause.
    expect(await filledBy([], { core })).toMatchObject({ filled: [], did: [{ asked: 3 }] });
  });

  it("is asked for no further in a call that has used up what it may", async () => {
    const due = () => Promise.resolve([GAP, { ...GAP, subject: "dist:C" }]);
    const left = [{ kind: "all", items: [], snapshot: { asOfSeq: "1", epoch: 0 } }] as const;
    const events = () => Promise.resolve(left[asked++] ?? ({ kind: "spent" } as const));
    let asked = 0;
    const core = () => Promise.resolve({ name: "the core", events });
    // The second is not marked as asked for: the next call begins with it.
    expect((await filledBy([], { core, due })).did).toEqual([{ asked: 3 }]);
  });

  it("that alone uses up what a call may is told of, and asked for later than others", async () => {
    const told: unknown[] = [];
    const events = () => Promise.resolve({ kind: "spent" } as const);
    const core = () => Promise.resolve({ name: "the core", events });
    const due = () => Promise.resolve([GAP, { ...GAP, fromSeq: 9, toSeq: 9 }]);
    const log: GapPorts["log"] = (...line) => told.push(line);
    expect((await filledBy([], { core, due, log })).did).toEqual([{ asked: 3 }]);
    expect(told).toEqual([
      ["warn", "gap_not_filled", expect.objectContaining({ tenant: "acme", subject: "dist:B" })],
    ]);
  });

  it("is let go of where the core counts a later epoch, and has none of it", async () => {
    const over = { did: [{ ended: 3, coreEpoch: 1 }, { asked: 3 }] };
    expect(await filledBy([], answered([], 1))).toMatchObject(over);
    const kept = { did: [{ asked: 3 }] };
    expect(await filledBy([], answered([], 0))).toMatchObject(kept);
    // What is there takes its place first.
    expect(await filledBy([], answered([released(3)], 1))).toMatchObject(kept);
    // Another source counts epochs of its own.
    expect(await filledBy([], { ...answered([], 1), ...OTHERS })).toMatchObject(kept);
  });

  it("tells which epoch the core is in, and believes none that comes after a later one", async () => {
    expect((await filledBy([released(3)], answered([released(3)], 2))).noted).toEqual([
      ["acme", 2],
    ]);
    const fell = { kind: "epoch_fell", epoch: 3 } as const;
    const noteState = () => Promise.resolve(fell);
    const due = () => Promise.resolve([GAP, { ...GAP, subject: "dist:C" }]);
    const unbelieved = await filledBy([released(3)], { noteState, due });
    expect(unbelieved).toMatchObject({ filled: [], did: [{ asked: 3 }] });
  });

  it("that a message names is asked for where its tenant mirrors a core, and nowhere else", async () => {
    const { ports, filled } = await filledBy([released(3)], { due: () => Promise.resolve([]) });
    expect(filled).toEqual([]);
    const keys: string[] = [];
    const fill: GapPorts["fill"] = ({ tenant }) => {
      keys.push(tenant);
      return Promise.resolve();
    };
    await fillNamed([GAP, { ...GAP, tenant: "other" }], { ...ports, fill });
    expect(keys).toEqual(["acme"]);
    const tenants = () => Promise.reject(new Error("D1 is out"));
    await expect(fillNamed([GAP], { ...ports, tenants })).resolves.toBeUndefined();
  });
});

const TENANTS = Array.from({ length: 30 }, (_, n) => `t${String(n).padStart(2, "0")}`);

/** Calls of the job, one after the other, where the cores of these tenants never answer. */
function shard(hanging: ReadonlySet<string>) {
  let nowMs = 0;
  let turn: Turn = {};
  let begun = new Set<string>();
  let [asking, most] = [0, 0];
  const events = async (tenant: string) => {
    asking += 1;
    most = Math.max(most, asking);
    const startMs = nowMs;
    // Lanes take turns: those that begin together end together.
    for (let tick = 0; tick < 10; tick += 1) await Promise.resolve();
    begun.add(tenant);
    if (hanging.has(tenant)) nowMs = Math.max(nowMs, startMs + 20_000);
    asking -= 1;
    return hanging.has(tenant)
      ? ({ kind: "spent" } as const)
      : ({ kind: "all", items: [], snapshot: { asOfSeq: "1", epoch: 0 } } as const);
  };
  const more: Partial<GapPorts> = {
    take: () => Promise.resolve(turn),
    leave: (next) => {
      turn = next;
      return Promise.resolve();
    },
    tenants: () => Promise.resolve(TENANTS),
    due: (tenants) => Promise.resolve(tenants.map((tenant) => ({ ...GAP, tenant }))),
    core: (tenant) => Promise.resolve({ name: "the core", events: () => events(tenant) }),
    nowMs: () => nowMs,
  };
  return async () => {
    begun = new Set();
    const startMs = nowMs;
    await filledBy([], more);
    return { begun: [...begun], tookMs: nowMs - startMs, most };
  };
}

describe("tenants", () => {
  it("are all asked for in one call where their cores answer", async () => {
    expect((await shard(new Set())()).begun).toEqual(TENANTS);
  });

  it("have their turn, whosever core never answers, in calls that end", async () => {
    const call = shard(new Set(TENANTS.filter((tenant) => tenant !== "t29")));
    const calls = [await call(), await call(), await call()];
    expect(new Set(calls.flatMap(({ begun }) => begun))).toEqual(new Set(TENANTS));
    for (const { tookMs, most } of calls) {
      expect(tookMs).toBeLessThanOrEqual(60_000);
      expect(most).toBeLessThan(6);
    }
  });

  it("are left alone by a call while another one is at it", async () => {
    const left: Turn[] = [];
    const leave = (turn: Turn) => Promise.resolve(void left.push(turn));
    const { asked } = await filledBy([released(3)], {
      take: () => Promise.resolve(undefined),
      leave,
    });
    expect({ asked, left }).toEqual({ asked: [], left: [] });
    const due = () => Promise.reject(new Error("D1 is out"));
    await expect(
      filledBy([], { take: () => Promise.resolve({ after: "b" }), leave, due }),
    ).rejects.toThrow("D1 is out");
    expect(left).toEqual([{ after: "b" }]);
  });
});
