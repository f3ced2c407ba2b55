import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LocalGateway, makeStateDir, startLocal } from "../journeys/support/gateway.ts";
import { openTenant } from "../journeys/support/tenant.ts";
import { findChromium, launchChromium } from "./support/chromium.ts";
import { inPage } from "./support/looks.ts";
import { startVisit, type Visit } from "./support/visit.ts";

const MARKUP = `<img src=x onerror="alert(1)"><script>alert(2)</script>`;
const AT_MS = Date.UTC(2026, 6, 1, 10);

const REPORT = {
  expected: 1_018_400,
  covered: 1_018_399,
  compared: 61,
  differing: 4,
  in_flight: 1,
  healed: 2,
  open: 1,
  oldest_open_ms: AT_MS - 86_400_000,
  requests: 9,
  bytes: 41_300,
  contradicted: 0,
  by_class: {
    MISSING_LOCAL: { found: 2, added: 2, healed: 2, open: 0 },
    CURRENCY: { found: 1, added: 0, healed: 0, open: 1 },
  },
};

interface Run {
  readonly runId: string;
  readonly kind?: string;
  readonly state?: string;
  readonly cause?: string;
  readonly report?: object;
}

describe.skipIf(findChromium() === undefined)("a reconciliation's page in Chromium", () => {
  const state = makeStateDir();
  let gateway: LocalGateway;
  let browser: Browser;
  let visit: Visit;

  beforeAll(async () => {
    [gateway, browser] = await Promise.all([startLocal(state.stateDir), launchChromium()]);
    await openTenant(gateway.client, "acme");
    const key = await gateway.client.must("POST /v1/tenants/acme/keys", { role: "finance" });
    visit = await startVisit(browser, gateway.url, {
      extraHTTPHeaders: { Authorization: `Bearer ${String(Object(key)["key"])}` },
    });
    await put({ runId: "recon_1", report: REPORT });
    await put({
      runId: "recon_2",
      kind: "balances",
      state: "failed",
      cause: `${MARKUP}${"X".repeat(128)}`,
      report: { requests: 3, error: { kind: "unreachable", detail: MARKUP } },
    });
    await put({ runId: "recon_3", kind: "lines", state: "running", report: {} });
  });

  afterAll(async () => {
    await visit.leave();
    await browser.close();
    await gateway.stop();
    state.remove();
  });

  async function put({ runId, kind = "window", state: of = "done", cause = "cron", report }: Run) {
    const database = await gateway.miniflare.getD1Database("MIRROR_0");
    const range = { range: { fromMs: AT_MS - 3 * 86_400_000, toMs: AT_MS } };
    await database
      .prepare(
        `INSERT INTO reconciliation_runs (tenant, run_id, kind, state, cause, started_ms, ended_ms,
           lease_ms, cursor, report) VALUES ('acme', ?, ?, ?, ?, ?, ?, 9e15, ?, ?)`,
      )
      .bind(
        runId,
        kind,
        of,
        cause,
        AT_MS,
        of === "running" ? null : AT_MS + 64_200,
        JSON.stringify(range),
        JSON.stringify(report),
      )
      .run();
  }

  const open = async (runId: string) => {
    await visit.page.goto(`${gateway.url}/v1/tenants/acme/reconciliations/${runId}`);
    return visit.page;
  };

  /** Each fact of the page, by its name. */
  const factsOf = async (runId: string) => {
    const page = await open(runId);
    const [names, facts] = [
      await page.locator("dt").allInnerTexts(),
      await page.locator("dd").allInnerTexts(),
    ];
    const rows = (await page.locator("tbody tr").allInnerTexts()).map((row) => row.split("\t"));
    return new Map([
      ...names.map((name, i) => [name, facts[i]] as const),
      ...rows.map(([name = "", ...cells]) => [name, cells.join(" ")] as const),
    ]);
  };

  const expectNoHarm = async () => {
    expect(await visit.page.evaluate(inPage.foreignParts)).toEqual([]);
    expect(await visit.page.evaluate(inPage.faintTexts)).toEqual([]);
    expect(await visit.page.evaluate(inPage.brokenIds)).toEqual([]);
    expect([visit.foreign, visit.complaints]).toEqual([[], []]);
  };

  test("says what was looked at, what was found, and what it cost", async () => {
    const facts = await factsOf("recon_1");
    expect(Object.fromEntries(facts)).toEqual({
      Run: "recon_1",
      State: "Done",
      "Started by": "cron",
      Started: "2026-07-01T10:00:00.000Z",
      Ended: "2026-07-01T10:01:04.200Z",
      Took: "1 min 4 s",
      "Looked at from": "2026-06-28T10:00:00.000Z",
      "to before": "2026-07-01T10:00:00.000Z",
      Coverage: "99.99 %",
      "Of the core, in the range": "1,018,400",
      "Of those, held against ours": "1,018,399",
      "Compared one by one": "61",
      Differing: "4",
      "In flight": "1",
      Healed: "2",
      Open: "1",
      "Oldest open": "2026-06-30T10:00:00.000Z",
      "Told twice by the core, and not alike": "0",
      "Requests to the core": "9",
      "Bytes from the core": "41,300",
      MISSING_LOCAL: "2 2 2 0",
      CURRENCY: "1 0 0 1",
    });
    expect(await visit.page.locator("h1").innerText()).toBe(
      "Reconciliation: what took effect lately",
    );
    expect(await visit.page.evaluate(inPage.headingLevels)).toEqual([1]);
    await expectNoHarm();
  });

  test("shows why a run failed, and nothing of what others wrote acts", async () => {
    const facts = await factsOf("recon_2");
    expect(facts.get("State")).toBe("Failed: all figures are those until then");
    expect(facts.get("Coverage")).toBe("not known");
    const error = visit.page.locator(".error");
    expect(await error.innerText()).toBe(`Failed (unreachable): ${MARKUP}`);
    await visit.page.setViewportSize({ width: 320, height: 640 });
    expect(await visit.page.evaluate(inPage.overhang)).toBe(0);
    await open("recon_1");
    expect(await visit.page.evaluate(inPage.overhang)).toBe(0);
    await visit.page.setViewportSize({ width: 1280, height: 720 });
    await expectNoHarm();
  });

  test("says of a run on its way that it is", async () => {
    const facts = await factsOf("recon_3");
    expect(facts.get("State")).toBe("Running: all figures are those so far");
    expect([facts.get("Ended"), facts.get("Coverage"), facts.has("Took")]).toEqual([
      "not yet",
      "not known yet",
      false,
    ]);
    expect(await visit.page.locator("main").innerText()).toContain("No differences so far.");
    await expectNoHarm();
  });

  test("is one page on paper", async () => {
    const page = await open("recon_1");
    await page.emulateMedia({ media: "print" });
    const pdf = await page.pdf({ preferCSSPageSize: true });
    expect(pdf.toString("latin1").match(/\/Type \/Page\b/g)).toHaveLength(1);
    await page.emulateMedia({ media: "screen" });
  });
});
