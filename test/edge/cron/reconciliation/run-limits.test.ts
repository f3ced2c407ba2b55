import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { reconcilePorts } from "#src/compose/reconcile.ts";
import { LIMITS } from "#src/core/reconciliation/judge.ts";
import { shardAt } from "#src/edge/bindings.ts";
import { dueRun } from "#src/edge/cron/reconciliation/schedule.ts";
import {
  againstCore,
  type AgainstCore,
  coreLine,
  coreLines,
  later,
  MINUTE_MS,
  onFakeDates,
} from "./against-core.ts";

onFakeDates();

const linesOfC = async ({ lines }: AgainstCore) =>
  (await lines()).filter((text) => text.startsWith("C/"));

describe("missing lines that nothing is done about", () => {
  test("keep no other from being healed once a person has accepted them", async () => {
    const found = await againstCore(["B", "C"], coreLines("B", 1, 2), {
      lines: coreLines("B", 1, 53),
    });
    const { tenant, api } = found.line.company;
    expect(await found.run()).toMatchObject({ differing: 51, healed: 0, open: 51 });
    expect(found.alerts).toEqual(["missing_local_limit"]);
    for (const { break_id } of await found.select("SELECT break_id FROM breaks WHERE tenant = ?")) {
      const path = `/v1/tenants/${tenant}/breaks/${encodeURIComponent(String(break_id))}/resolve`;
      const answer = await api(`POST ${path}`, { action: "accept", reason: "They stay there" });
      expect(answer.status).toBe(200);
    }
    found.books.lines = [...found.books.lines, coreLine("C-1")];
    later(20 * MINUTE_MS);
    expect(await found.run()).toMatchObject({ differing: 52, healed: 1, open: 0 });
    expect([await linesOfC(found), found.alerts.length]).toEqual([["C/C-1 held"], 1]);
  });

  test("nor of somebody who is frozen", async () => {
    const found = await againstCore(["B", "C"], coreLines("B", 1, 2), {
      lines: [...coreLines("B", 1, 53), coreLine("C-1")],
    });
    await found.select("UPDATE subjects SET frozen_ms = 1 WHERE tenant = ? AND subject = 'dist:B'");
    expect(await found.run()).toMatchObject({ differing: 52, healed: 1, open: 51 });
    expect([await linesOfC(found), found.alerts]).toEqual([["C/C-1 held"], []]);
  });

  test("nor of somebody whom nobody enrolled: they are brought back once somebody has", async () => {
    const found = await againstCore(["B", "C"], coreLines("B", 1, 2), {
      lines: [...coreLines("B", 1, 2), ...coreLines("N", 1, 52), coreLine("C-1")],
    });
    expect(await found.run()).toMatchObject({ differing: 52, healed: 1, open: 51 });
    expect([await linesOfC(found), found.alerts]).toEqual([["C/C-1 held"], []]);
    expect(new Set((await found.breaks()).map((text) => text.split(" ").at(-1)))).toEqual(
      new Set(["backfill", "distributor_unknown"]),
    );
    // None of them waits to be applied, whatever was made up.
    expect(await found.select("SELECT * FROM held WHERE tenant = ?")).toEqual([]);

    found.books.lines = found.books.lines.filter(({ line_id }) => line_id !== "N-51");
    await found.line.enrol("N");
    await found.line.drain();
    later(20 * MINUTE_MS);
    expect(await found.run()).toMatchObject({ differing: 50, healed: 50, open: 0 });
    expect((await found.lines()).filter((text) => text.startsWith("N/"))).toHaveLength(50);
  });
});

describe("a run that finds too much", () => {
  const limits = (kept_max: number) => ({ limits: { ...LIMITS, kept_max } });
  const kept = async (tenant: string) =>
    env.MIRROR_0.prepare("SELECT count(*) AS n FROM differences WHERE tenant = ?")
      .bind(tenant)
      .first<number>("n");
  const tooMany = { state: "failed", healed: 0, error: { kind: "too_many" } };

  test("is given up: nothing is healed, nothing closed, and the next one begins anew", async () => {
    const found = await againstCore(["B"], [...coreLines("B", 1, 3)], {
      lines: coreLines("B", 2, 3),
    });
    await found.run();
    expect(await found.breaks()).toEqual(["EXTRA_LOCAL B-1 none waits_a_day"]);
    found.books.lines = coreLines("B", 1, 43);
    later(20 * MINUTE_MS);
    expect(await found.run("window", limits(39))).toMatchObject(tooMany);
    expect(await found.breaks()).toEqual(["EXTRA_LOCAL B-1 none waits_a_day"]);
    expect(await kept(found.line.company.tenant)).toBe(0);
    later(20 * MINUTE_MS);
    expect(await found.run("window", limits(40))).toMatchObject({ state: "done", healed: 40 });
    expect((await found.breaks())[0]).toBe("EXTRA_LOCAL B-1 gone waits_a_day");
  });

  test("is given up against a core that makes up pages of lines for ever", async () => {
    const found = await againstCore(["B"], coreLines("B", 1, 3), { lines: coreLines("B", 1, 3) });
    found.lie.lacks = (url) => url.pathname.startsWith("/recon") || url.searchParams.has("bucket");
    let pages = 0;
    found.lie.over = (url, body) => {
      if (!url.searchParams.has("updated_since")) return body;
      pages += 1;
      const items = (body.items ?? []).map((item) => ({
        ...item,
        line_id: `x${pages}-${String(item["line_id"])}`,
      }));
      return { ...body, items, next_cursor: `c${pages}` };
    };
    expect(await found.run("lines", limits(20))).toMatchObject(tooMany);
    expect(pages).toBe(11);
  });

  test("is not given up for a core that tells the same lines again", async () => {
    const found = await againstCore(["B"], [], { lines: coreLines("B", 1, 11) });
    found.lie.lacks = (url) => url.pathname.startsWith("/recon") || url.searchParams.has("bucket");
    let pages = 0;
    found.lie.over = (url, body) => {
      if (!url.searchParams.has("updated_since")) return body;
      pages += 1;
      const all = body.items ?? [];
      const items = [...all.slice(pages), ...all.slice(0, pages)];
      return { ...body, items, ...(pages < 9 && { next_cursor: `c${pages}` }) };
    };
    expect(await found.run("lines", limits(20))).toMatchObject({ state: "done", healed: 10 });
  });

  test("is given up for balances, too, of whom nobody ever heard", async () => {
    const found = await againstCore(["B"], [], { lines: [] });
    found.lie.lacks = (url) => url.searchParams.get("level") === "balances";
    let last = 0;
    found.lie.over = (url, body) => {
      if (url.pathname !== "/recon/balances") return body;
      const items = Array.from({ length: 10 }, (_, i) => ({
        distributor_id: `Z${String(last + i).padStart(6, "0")}`,
        balances: { held: { USD: "100" } },
      }));
      last += 10;
      return { ...body, items, next_cursor: `c${last}` };
    };
    expect(await found.run("balances", limits(45))).toMatchObject(tooMany);
    expect(last).toBe(50);
  });
});

test("one line that nobody can read has all the others listed once a day, not every hour", async () => {
  const right = coreLines("B", 1, 3);
  const found = await againstCore(["B"], right, {
    lines: [...right, coreLine("B-4", { line_id: ".." })],
  });
  const { parts, company } = found.line;
  const { state } = reconcilePorts(parts, shardAt(parts.shards, 0));
  const ran: string[] = [];
  for (let quarter = 0; quarter < 48; quarter += 1) {
    const runs = (await state([company.tenant])).get(company.tenant);
    const due = dueRun(runs ?? { last: [], closes: [] }, Date.now());
    if (due !== undefined) ran.push(`${due.kind} ${(await found.run(due.kind))["state"]}`);
    later(15 * MINUTE_MS);
  }
  const counts = Object.entries(Object.groupBy(ran, (one) => one));
  expect(Object.fromEntries(counts.map(([one, runs = []]) => [one, runs.length]))).toEqual({
    "window failed": 46,
    "lines failed": 1,
    "balances failed": 1,
  });
});
