import { env } from "cloudflare:workers";
import { describe, expect, test, vi } from "vitest";
import { reconcilePorts } from "#src/compose/reconcile.ts";
import { formatInstant } from "#src/core/contracts/instant.ts";
import type { CoreLine } from "#src/core/reconciliation/core-line.ts";
import { shardAt } from "#src/edge/bindings.ts";
import { expectMirrorEqualsObjects } from "../../support/line.ts";
import {
  againstCore,
  type AgainstCore,
  coreLine,
  coreLines,
  HOUR_MS,
  later,
  MINUTE_MS,
  POSTED_MS,
  onFakeDates,
} from "./against-core.ts";

onFakeDates();

/** `line amount reversed state` of each line. */
const lines = async ({ select }: AgainstCore) =>
  (
    await select(
      `SELECT line_id, amount_minor, reversed_minor, state FROM lines WHERE tenant = ?
       ORDER BY line_id`,
    )
  ).map((row) => Object.values(row).join(" "));

const balances = async ({ select }: AgainstCore) =>
  (
    await select(
      `SELECT account, sum(amount_minor) AS minor FROM account_days WHERE tenant = ?
       GROUP BY account HAVING minor <> 0 ORDER BY account`,
    )
  ).map((row) => Object.values(row).join(" "));

const reversal = (line_id: string, amount_minor: number, seq?: number) => ({
  id: `reversed-${line_id}`,
  type: "commission.reversed",
  version: 1,
  occurred_at: formatInstant(POSTED_MS + 3 * HOUR_MS),
  key: "dist:B",
  ...(seq === undefined ? {} : { seq }),
  data: {
    distributor_id: "B",
    line_id,
    reverses_line_id: "B-1",
    currency: "USD",
    amount_minor,
  },
});

const reversedBy = (...reversals: readonly (readonly [id: string, of: number])[]): CoreLine =>
  coreLine("B-1", {
    reversals: reversals.map(([line_id, amount_minor]) => ({ line_id, amount_minor })),
  });

const closed = (id: string) => ({
  id: `close-${id}`,
  type: "period.closed",
  version: 1,
  occurred_at: "2026-11-19T00:00:00.000Z",
  key: `period:${id}`,
  rev: 1,
  data: { period_id: id, run_id: "r1", totals: { USD: 400 }, lines: 1, digest: "0".repeat(32) },
});

describe("a reversal that the mirror lacks", () => {
  test.each([
    { name: "one of all, under another name", core: reversedBy(["R2", 160]) },
    { name: "the first of less, and another one", core: reversedBy(["R1", 50], ["R2", 110]) },
    { name: "by names of the ledger's own", core: reversedBy(["rev-1", 100], ["rev-2", 60]) },
  ])("is taken back as far as the core has: $name", async ({ core }) => {
    const found = await againstCore(["B"], coreLines("B", 1, 2), {
      lines: [core],
      events: [reversal("R1", 100)],
    });
    // Delivered twice.
    const { heal } = reconcilePorts(found.line.parts, shardAt(found.line.parts.shards, 0));
    const twice: typeof heal = async (run, breaks) => {
      await heal(run, breaks);
      await heal(run, breaks);
    };
    expect(await found.run("window", { heal: twice })).toMatchObject({ healed: 1, open: 0 });
    expect(await lines(found)).toEqual(["B-1 400 160 held"]);
    expect(await balances(found)).toEqual(["dist:B:held -240", "exp:commission 240"]);
    // What the core posted for it at the time, late.
    await found.line.post(reversal("R2", 60, 3));
    await found.line.drain();
    expect(await lines(found)).toEqual(["B-1 400 160 held"]);
    later(20 * MINUTE_MS);
    expect(await found.run()).toMatchObject({ differing: 0, open: 0 });
    expect(await found.breaks()).toEqual(["STATUS B-1 healed"]);
    await expectMirrorEqualsObjects(found.line.company.tenant);
  });

  test("is taken back once of a line that was put aside, and that the core has again", async () => {
    const found = await againstCore(["B"], coreLines("B", 1, 2), {
      lines: [],
      events: [reversal("R1", 100)],
    });
    await found.run();
    later(24 * HOUR_MS + MINUTE_MS);
    await found.run();
    expect(await balances(found)).toEqual(["exp:commission 300", "suspense:recon -300"]);
    found.books.lines = [reversedBy(["R2", 160])];
    later(20 * MINUTE_MS);
    await found.run();
    expect(await lines(found)).toEqual(["B-1 400 160 held"]);
    expect(await balances(found)).toEqual(["dist:B:held -240", "exp:commission 240"]);
    later(20 * MINUTE_MS);
    expect(await found.run()).toMatchObject({ differing: 0, open: 0 });
  });
});

test("a missing line that the core holds, though its date has come, is held here", async () => {
  const line = coreLine("B-1");
  const held = { ...line, status: "held", available_ms: line.effective_ms } as const;
  const found = await againstCore(["B"], [], { lines: [held] });
  expect(await found.run()).toMatchObject({ healed: 1 });
  expect(await lines(found)).toEqual(["B-1 400 0 held"]);
  later(20 * MINUTE_MS);
  expect(await found.run()).toMatchObject({ differing: 0, open: 0 });
});

describe("a date that crosses a closed period", () => {
  test.each([
    { name: "out of a week", id: "2026-W46", from: "2026-11-15", to: "2026-11-17" },
    { name: "into a month", id: "2026-10", from: "2026-11-17", to: "2026-10-20" },
  ])("is a person's, whatever the line's period is named: $name", async ({ id, from, to }) => {
    const at = (day: string): CoreLine =>
      coreLine("B-1", { effective_ms: Date.parse(`${day}T10:00:00Z`) });
    const found = await againstCore(["B"], [at(from)], { lines: [at(to)] });
    await found.line.post(closed(id));
    await found.line.drain();
    expect(await found.run("lines")).toMatchObject({ healed: 0, open: 1 });
    expect(await found.breaks()).toEqual(["TIMING B-1 none closed_period"]);
  });
});

describe("what is sent to heal a break, and has no effect", () => {
  test("leaves it open, and is sent again after pauses", async () => {
    const found = await againstCore(["B"], coreLines("B", 1, 2), { lines: coreLines("B", 1, 3) });
    let sent = 0;
    const lost = {
      heal: (_run: unknown, breaks: readonly unknown[]) => {
        sent += breaks.length;
        return Promise.resolve();
      },
    };
    expect(await found.run("window", lost)).toMatchObject({ healed: 1, open: 0 });
    for (const _ of [1, 2]) {
      later(20 * MINUTE_MS);
      expect(await found.run("window", lost)).toMatchObject({
        healed: 0,
        open: 1,
        by_class: { MISSING_LOCAL: { found: 1, added: 0, healed: 0, open: 1 } },
      });
      expect(await found.breaks()).toEqual(["MISSING_LOCAL B-2 backfill not_effective"]);
    }
    expect(sent).toBe(1);
    later(20 * MINUTE_MS);
    expect(await found.run()).toMatchObject({ healed: 0, open: 1 });
    expect(await lines(found)).toEqual(["B-1 400 0 held", "B-2 400 0 held"]);
    later(20 * MINUTE_MS);
    expect(await found.run()).toMatchObject({ differing: 0, open: 0 });
    expect(await found.breaks()).toEqual(["MISSING_LOCAL B-2 healed"]);
  });

  test("is not sent to a distributor that is frozen, nor keeps others waiting", async () => {
    const ours = [...coreLines("B", 1, 2), ...coreLines("C", 1, 2)];
    const found = await againstCore(["B", "C"], ours, {
      lines: [...coreLines("B", 1, 3), ...coreLines("C", 1, 3)],
    });
    const freeze = (ms: number | null) =>
      env.MIRROR_0.prepare(
        "UPDATE subjects SET frozen_ms = ? WHERE tenant = ? AND subject = 'dist:B'",
      )
        .bind(ms, found.line.company.tenant)
        .run();
    await freeze(1);
    expect(await found.run()).toMatchObject({ healed: 1, open: 1 });
    later(20 * MINUTE_MS);
    expect(await found.run()).toMatchObject({ healed: 0, open: 1 });
    expect(await found.breaks()).toEqual([
      "MISSING_LOCAL B-2 none frozen",
      "MISSING_LOCAL C-2 healed",
    ]);
    await freeze(null);
    later(20 * MINUTE_MS);
    expect(await found.run()).toMatchObject({ healed: 1, open: 0 });
    later(20 * MINUTE_MS);
    expect(await found.run()).toMatchObject({ differing: 0, open: 0 });
  });
});

test("a line that a person took back for good is that person's where the core has it again", async () => {
  const found = await againstCore(["B"], coreLines("B", 1, 3), { lines: coreLines("B", 1, 2) });
  const { tenant, api } = found.line.company;
  await found.run();
  later(24 * HOUR_MS + MINUTE_MS);
  await found.run();
  const [row] = await found.select("SELECT break_id FROM breaks WHERE tenant = ?");
  const id = encodeURIComponent(String(row?.["break_id"]));
  const decision = { action: "resolve", decision: "reverse", reason: "Ticket 4711" };
  const decided = await api(`POST /v1/tenants/${tenant}/breaks/${id}/resolve`, decision);
  expect(decided.status).toBe(200);
  const taken = ["dist:B:held -400", "exp:commission 400"];
  await vi.waitFor(async () => expect(await balances(found)).toEqual(taken), { timeout: 10_000 });
  found.books.lines = coreLines("B", 1, 3);
  for (const _ of [1, 2]) {
    later(20 * MINUTE_MS);
    expect(await found.run()).toMatchObject({ healed: 0, open: 1 });
  }
  expect(await found.breaks()).toEqual([
    "EXTRA_LOCAL B-2 resolved",
    "MISSING_LOCAL B-2 none reversed_for_good",
  ]);
  expect(await balances(found)).toEqual(taken);
});

test.each([
  ["the row of his enrolment", ["standings WHERE tenant = ? AND kind = 'enrolment'"]],
  ["that, and all that he had", ["standings WHERE tenant = ?", "lines WHERE tenant = ?"]],
])(
  "a missing line of somebody enrolled is brought back, though the mirror lost %s",
  async (_, of) => {
    const found = await againstCore(["B"], coreLines("B", 1, 3), { lines: coreLines("B", 1, 4) });
    for (const rows of of) await found.select(`DELETE FROM ${rows}`);
    expect(await found.run()).toMatchObject({ state: "done", open: 0 });
    later(20 * MINUTE_MS);
    await found.run();
    expect(await found.breaks()).toContain("MISSING_LOCAL B-3 healed");
    expect(await found.lines()).toContain("B/B-3 held");
  },
);
