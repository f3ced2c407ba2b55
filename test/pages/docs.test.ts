import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LocalGateway, makeStateDir, startLocal } from "../journeys/support/gateway.ts";
import { findChromium, launchChromium } from "./support/chromium.ts";
import { startVisit, type Visit } from "./support/visit.ts";

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, object>>>>;
}

const METHODS = new Set(["get", "put", "post", "delete", "options", "head", "patch"]);
const EARNINGS = "/v1/tenants/{tenant}/distributors/{distributor}/earnings/{month}";

describe.skipIf(findChromium() === undefined)("/docs in Chromium", () => {
  const state = makeStateDir();
  let gateway: LocalGateway;
  let browser: Browser;
  let visit: Visit;

  beforeAll(async () => {
    [gateway, browser] = await Promise.all([startLocal(state.stateDir), launchChromium()]);
    visit = await startVisit(browser, gateway.url);
    await visit.page.goto(`${gateway.url}/docs`);
    await visit.page.locator(".opblock").first().waitFor();
  });

  afterAll(async () => {
    await browser.close();
    await gateway.stop();
    state.remove();
  });

  test("lists every operation of the document", async () => {
    const document: Document = await (await fetch(`${gateway.url}/openapi.json`)).json();
    const { paths } = document;
    const described = Object.entries(paths).flatMap(([path, item]) =>
      Object.keys(item)
        .filter((name) => METHODS.has(name))
        .map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(described.length).toBeGreaterThan(50);
    const listed = await visit.page.locator(".opblock-summary").evaluateAll((summaries) =>
      summaries.map((summary) => {
        const [method, path] = [".opblock-summary-method", ".opblock-summary-path"].map(
          (part) => summary.querySelector(part)?.textContent ?? "",
        );
        // Places where a long path may break are invisible characters in it.
        return `${method} ${path?.replaceAll(/[^\x21-\x7e]/g, "")}`;
      }),
    );
    expect(listed.toSorted()).toEqual(described.toSorted());
  });

  test("an operation opens, with its parameters and examples", async () => {
    const { page } = visit;
    const operation = page.locator(".opblock", {
      has: page.locator(`[data-path="${EARNINGS}"]`),
    });
    await operation.locator(".opblock-summary-control").click();
    await operation.getByText("A month, yyyy-mm").waitFor();
    const parameters = await operation.locator("tr[data-param-name]").evaluateAll((rows) =>
      rows.map((row) => {
        const name = row.getAttribute("data-param-name");
        return `${name} ${row.querySelector("input")?.value}`;
      }),
    );
    expect(parameters).toEqual(
      expect.arrayContaining(["tenant acme", "distributor 1001", "month 2026-07"]),
    );
    const answer = operation.locator('tr.response[data-code="200"]');
    expect(await answer.innerText()).toContain('"statements"');
    const refusal = operation.locator('tr.response[data-code="404"]');
    expect(await refusal.innerText()).toContain("urn:upline:problem:not_found");
  });

  test("all that asked no other host for anything, broke no policy and kept nothing", async () => {
    expect(visit.foreign).toEqual([]);
    expect(visit.complaints).toEqual([]);
    expect(visit.asked.length).toBeGreaterThan(5);
    expect(await visit.page.title()).toBe("Upline: HTTP interface");
    const { cookies, origins } = await visit.page.context().storageState();
    expect({ cookies, origins }).toEqual({ cookies: [], origins: [] });
  });

  test("an operation can be tried, on this very deployment", async () => {
    const { page } = visit;
    await page.getByRole("button", { name: "Execute" }).click();
    const answer = page.locator(".live-responses-table tbody .response-col_status");
    await answer.waitFor();
    expect(await answer.innerText()).toMatch(/^401/);
    expect(visit.asked.at(-1)).toBe(
      `${gateway.url}/v1/tenants/acme/distributors/1001/earnings/2026-07`,
    );
    expect(visit.foreign).toEqual([]);
  });
});
