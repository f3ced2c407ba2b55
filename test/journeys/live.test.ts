import { readdirSync } from "node:fs";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type LocalGateway, makeStateDir, startLocal } from "./support/gateway.ts";
import { openBrowser } from "./support/browser.ts";
import { openTenant, type TestTenant } from "./support/tenant.ts";

const WAIT = { timeout: 20_000, interval: 25 };
const state = makeStateDir();
let gateway: LocalGateway;
let tenant: TestTenant;

beforeAll(async () => {
  gateway = await startLocal(state.stateDir);
  tenant = await openTenant(gateway.client, "acme");
  await tenant.post({
    id: "e1",
    type: "distributor.enrolled",
    version: 1,
    occurred_at: "2026-07-01T10:00:00.000Z",
    key: "dist:1001",
    rev: 1,
    data: {
      distributor_id: "1001",
      status: "active",
      joined_at: "2026-01-31",
      country: "SI",
      pii: { name: "Ann <b>Example</b>", email: "ann@example.com" },
    },
  });
  await tenant.outcomes(["e1"]);
});

afterAll(async () => {
  await gateway.stop();
  state.remove();
});

const line = (seq: number) => ({
  id: `l${seq}`,
  type: "commission.posted",
  version: 1,
  occurred_at: "2026-07-02T10:00:00.000Z",
  key: "dist:1001",
  seq,
  data: {
    line_id: `L${seq}`,
    distributor_id: "1001",
    order_id: `O${seq}`,
    component: "unilevel",
    level: 1,
    currency: "USD",
    amount_minor: 123_400,
    period_id: "2026-07",
    run_id: "r1",
  },
});

const keyOf = async (): Promise<string> => {
  const body = { role: "distributor", subject: "1001" };
  const made = await gateway.client.must("POST /v1/tenants/acme/keys", body);
  return String(Object(made)["key"]);
};

test("the page's files come with a policy that lets nothing else run", async () => {
  for (const [path, type] of [
    ["/me/acme/1001", "text/html"],
    ["/me/acme/nobody", "text/html"],
    ["/me/page.js", "text/javascript"],
    ["/me/live.js", "text/javascript"],
    ["/me/model.js", "text/javascript"],
    ["/me/page.css", "text/css"],
  ] as const) {
    const response = await fetch(new URL(path, gateway.url), { redirect: "manual" });
    expect(`${path} ${response.status}`).toBe(`${path} 200`);
    expect(response.headers.get("Content-Type")).toContain(type);
    const policy = response.headers.get("Content-Security-Policy") ?? "";
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
    expect(policy).not.toContain("unsafe");
    expect(response.headers.get("Referrer-Policy")).toBe("no-referrer");
    const text = await response.text();
    expect(text).not.toMatch(/<script(?![^>]* src=)|<style| on\w+="|style="|https?:\/\/|innerHTML/);
  }
  expect((await fetch(new URL("/me/page.html", gateway.url))).status).toBe(404);
});

test("the console and each of its files come with the same policy, and nothing else is there", async () => {
  const policyOf = async (path: string) =>
    (await fetch(new URL(path, gateway.url))).headers.get("Content-Security-Policy");
  const policy = await policyOf("/me/acme/1001");
  const files = readdirSync(new URL("../../public/console", import.meta.url)).filter(
    (file) => file !== "page.html",
  );
  expect(files.length).toBeGreaterThan(10);
  for (const path of ["/console", ...files.map((file) => `/console/${file}`)]) {
    const response = await fetch(new URL(path, gateway.url), { redirect: "manual" });
    expect(`${path} ${response.status}`).toBe(`${path} 200`);
    expect(response.headers.get("Content-Security-Policy")).toBe(policy);
    expect(response.headers.get("Cache-Control")).toBe("no-cache");
    expect(response.headers.get("Content-Type")).toMatch(/^text\/(?:html|javascript|css)/);
    expect(await response.text()).not.toMatch(
      /<script(?![^>]* src=)|<style| on\w+="|style="|https?:\/\/|innerHTML|insertAdjacentHTML/,
    );
  }
  for (const path of ["page", "page.html", "other.js", "page.js/x", "..%2fme%2fpage.js"]) {
    const response = await fetch(new URL(`/console/${path}`, gateway.url));
    expect(`${path} ${response.status}`).toBe(`${path} 404`);
  }
});

test("a distributor's page shows the status, and every change as it happens", async () => {
  const token = await keyOf();
  const browser = openBrowser(`${new URL("/me/acme/1001", gateway.url).href}#${token}`);
  await import(String(new URL("../../public/me/page.js", import.meta.url)));
  expect(browser.location.href).not.toContain(token);
  await vi.waitUntil(() => browser.text("name") !== "", WAIT);
  // As text: what a person is called is nobody's markup.
  expect(browser.text("name")).toBe("Ann <b>Example</b>");
  expect(browser.text("standing")).toContain("1001: active, since 2026-01-31");
  expect(browser.show("connection").dataset["state"]).toBe("live");

  await tenant.post(line(1));
  await vi.waitUntil(() => browser.text("lines").includes("O1"), WAIT);
  expect(browser.text("balances")).toContain("Held 1,234.00 USD");
  expect(browser.text("lines")).toContain("2026-07-02 O1 unilevel, level 1 held 1,234.00 USD");
  await tenant.post(line(2));
  await vi.waitUntil(() => browser.text("balances").includes("Held 2,468.00 USD"), WAIT);
  expect(browser.show("notice").textContent).toBe("");
});

test("a stream over real HTTP goes on where the last one ended", async () => {
  const token = await keyOf();
  const open = async (lastId?: string) => {
    const gone = new AbortController();
    const response = await fetch(new URL("/v1/tenants/acme/distributors/1001/live", gateway.url), {
      signal: gone.signal,
      headers: {
        Authorization: `Bearer ${token}`,
        Accept: "text/event-stream",
        ...(lastId === undefined ? {} : { "Last-Event-ID": lastId }),
      },
    });
    if (response.body === null) throw new Error("No stream");
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    const until = async (wanted: string) => {
      while (!text.includes(wanted)) text += (await reader.read()).value ?? "";
      return text;
    };
    return { until, leave: () => gone.abort() };
  };
  const first = await open();
  const begun = await first.until("\ndata: ");
  const lastId = /^id: (.+)$/m.exec(begun)?.[1];
  first.leave();
  await tenant.post(line(3));
  await tenant.outcomes(["l3"]);
  const second = await open(lastId);
  await tenant.post(line(4));
  const text = await second.until('"L4"');
  expect(text.match(/"line_id":"L3"/g)).toHaveLength(1);
  expect(text).not.toContain("event: status");
  second.leave();
});
