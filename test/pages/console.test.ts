import type { Browser, BrowserContextOptions } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { member } from "../../scripts/local/client.ts";
import { signStandard } from "../../scripts/signing.ts";
import { type LocalGateway, makeStateDir, startLocal } from "../journeys/support/gateway.ts";
import { openTenant, SECRET, type TestTenant } from "../journeys/support/tenant.ts";
import { payload } from "../senders/samples/payload.ts";
import { enrolled } from "../support/naive/told.ts";
import { findChromium, launchChromium } from "./support/chromium.ts";
import { inPage } from "./support/looks.ts";
import { startVisit, type Visit } from "./support/visit.ts";

const MARKUP = `<img src=x onerror="alert(1)"><script>alert(2)</script>`;
/** As long as an id can be, with no place to break. */
const LONG = "D".repeat(128);
const SECTIONS = [
  "Overview",
  "Held",
  "Events",
  "Breaks",
  "Reconciliations",
  "Sources",
  "Deliveries",
  "Audit trail",
];
const FORBIDDEN = "Your role, or the scopes of your key, do not allow this.";
const REFUSED = "This key does not hold, or no longer: it is unknown, expired or revoked.";
const WAIT = { timeout: 20_000, interval: 50 };

describe.skipIf(findChromium() === undefined)("/console in Chromium", () => {
  const state = makeStateDir();
  let gateway: LocalGateway;
  let browser: Browser;
  let tenant: TestTenant;
  let operator: string;
  let auditor: string;

  beforeAll(async () => {
    [gateway, browser] = await Promise.all([startLocal(state.stateDir), launchChromium()]);
    tenant = await openTenant(gateway.client, "acme", "mirror", ["core", "billing"]);
    await gateway.client.must("POST /v1/tenants/acme/sources/billing/pause");
    await gateway.client.must("PUT /v1/tenants/acme/sources/cdc", {
      sender: "debezium",
      auth: { scheme: "standard-webhooks-v1", secrets: [SECRET] },
    });
    ({ key: operator } = await makeKey("operator"));
    ({ key: auditor } = await makeKey("auditor"));
    await tenant.post([
      { ...enrolled("ann", {}, { rev: 1 }), id: "enrol-ann" },
      { ...enrolled(MARKUP, {}, { rev: 1 }), id: MARKUP },
      { ...line("ann", 1), id: "line-ann" },
      // Nobody has enrolled these.
      { ...line(`${MARKUP}?`, 1), id: "line-markup" },
      { ...line(LONG, 1), id: "line-long" },
    ]);
    await tenant.outcomes(["enrol-ann", MARKUP, "line-ann"]);
    await tenant.outcomes(["line-markup", "line-long"], (outcome) => outcome === "parked");
  });

  afterAll(async () => {
    await browser.close();
    await gateway.stop();
    state.remove();
  });

  async function makeKey(role: string): Promise<{ key: string; id: string }> {
    const made = await gateway.client.must("POST /v1/tenants/acme/keys", { role });
    return { key: String(member(made, "key")), id: String(member(made, "key_id")) };
  }

  /** The core's nth commission for somebody. */
  const line = (id: string, seq: number) => ({
    type: "commission.posted",
    version: 1,
    occurred_at: "2026-07-02T10:00:00.000Z",
    key: `dist:${id}`,
    seq,
    data: {
      line_id: `${seq}-${id}`.slice(0, 64),
      distributor_id: id,
      order_id: "O1",
      component: "unilevel",
      level: 1,
      currency: "USD",
      amount_minor: 123_400,
      period_id: "2026-07",
      run_id: "r1",
    },
  });

  let rows = 0;

  /** A row of a table that no mapping knows: it is quarantined, and our id of it given back. */
  async function quarantine(): Promise<string> {
    rows += 1;
    const body = payload("debezium-insert.json").replaceAll("24023128", String(24_023_128 + rows));
    const timestampS = Math.floor(Date.now() / 1000);
    const headers = await signStandard({ secret: SECRET, id: `row_${rows}`, timestampS, body });
    const url = `${gateway.url}/in/acme/cdc`;
    const answer: unknown = await (await fetch(url, { method: "POST", headers, body })).json();
    const told = [member(answer, "accepted"), member(answer, "quarantined")].flat();
    const id = String(member(told[0], "event_id"));
    await vi.waitUntil(async () => (await outcomeOf(id)) === "quarantined", WAIT);
    return id;
  }

  async function outcomeOf(id: string): Promise<unknown> {
    const { body } = await gateway.client.call(`GET /v1/tenants/acme/events/${id}`);
    return member(body, "outcome");
  }

  async function open(place = "", options: BrowserContextOptions = {}): Promise<Visit> {
    const visit = await startVisit(browser, gateway.url, options);
    await visit.page.goto(`${gateway.url}/console${place}`);
    return visit;
  }

  async function signIn({ page }: Visit, key: string, name = "acme"): Promise<void> {
    await page.getByLabel("Tenant").fill(name);
    await page.getByLabel("API key").fill(key);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("button", { name: "Sign out" }).waitFor();
  }

  /** Signed in, at a place. */
  async function visitAs(key: string, place = "", options: BrowserContextOptions = {}) {
    const visit = await open(place, options);
    await signIn(visit, key);
    return visit;
  }

  const shows = ({ page }: Visit, text: string | RegExp) =>
    page.locator("#room").filter({ hasText: text }).waitFor();

  const goTo = async ({ page }: Visit, hash: string) => {
    await page.evaluate(`document.getElementById("title").dataset.old = "";
      location.hash = ${JSON.stringify(hash)}`);
    await page.locator("#title:not([data-old])").waitFor();
  };

  const rowOf = ({ page }: Visit, id: string) => page.getByRole("row").filter({ hasText: id });

  const tableOf = async ({ page }: Visit, caption: string) => {
    const table = page.getByRole("table", { name: caption });
    await table.waitFor();
    return (await table.locator("tbody tr").allInnerTexts()).map((row) => row.split("\t"));
  };

  const expectNoHarm = ({ foreign, complaints }: Visit) =>
    expect({ foreign, complaints }).toEqual({ foreign: [], complaints: [] });

  test("signs in with the keyboard alone, and shows pipeline, alerts and speed", async () => {
    const visit = await open();
    const { page } = visit;
    // The focus is where the first thing is to be typed.
    await page.keyboard.type("acme");
    await page.keyboard.press("Tab");
    await page.keyboard.type(operator);
    await page.keyboard.press("Enter");
    await shows(visit, /In flight\s*\d+\s*Parked\s*2\s*Buffered\s*0\s*Not mirrored yet\s*0/);
    const [alert = []] = await tableOf(visit, "Alerts");
    expect([alert[0], alert[1], alert[3]]).toEqual(["source_paused", "info", "billing"]);
    const shares = await tableOf(visit, "Commission lines that were visible in time");
    expect(shares.map(([within]) => within)).toEqual(["5 s", "30 s"]);
    expect(shares.map((cells) => cells[2])).toEqual(["95.00 %", "99.00 %"]);
    expect(shares.map((cells) => cells[6])).toEqual(["no", "no"]);

    // From the title on: the parked ones, and back by the navigation.
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.textContent")).toBe("2");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Held", level: 2 }).waitFor();
    expect(new URL(page.url()).hash).toBe("#acme/held?state=parked");
    await shows(visit, "commission.posted");
    expect(await page.evaluate("document.activeElement.id")).toBe("title");
    await page.keyboard.press("Shift+Tab");
    expect(await page.evaluate("document.activeElement.textContent")).toBe("Audit trail");
    expectNoHarm(visit);
    await visit.leave();
  });

  test("the key is kept nowhere: not in address, history, or what else a browser remembers", async () => {
    const visit = await visitAs(operator, "#/held?state=dead");
    const { page } = visit;
    await shows(visit, "Nothing");
    expect(await page.getByLabel("API key").inputValue()).toBe("");
    expect(await page.evaluate(inPage.storage)).toEqual({
      session: {},
      local: {},
      cookies: "",
      databases: [],
      caches: [],
      state: expect.stringMatching(/^\{"visit":"\d+(?:-\d+){3}"\}$/),
      referrer: "",
      name: "",
    });
    // A reload asks again, and knows where it was.
    await page.reload();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    expect(new URL(page.url()).hash).toBe("#acme/held?state=dead");
    expect(await page.getByLabel("Tenant").inputValue()).toBe("acme");
    await page.keyboard.type(operator);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Held", level: 2 }).waitFor();
    await shows(visit, "Nothing");
    for (const request of visit.requests) {
      const { authorization, ...headers } = await request.allHeaders();
      expect(JSON.stringify([request.url(), headers])).not.toContain(operator.slice(4));
      expect([undefined, `Bearer ${operator}`]).toContain(authorization);
    }
    // A tab that a signed-in one opens gets a copy of what that one has in its session storage.
    const [elsewhere] = await Promise.all([
      page.waitForEvent("popup"),
      page.evaluate("void window.open('/console#acme/held')"),
    ]);
    await elsewhere.getByRole("heading", { name: "Sign in" }).waitFor();
    expect(JSON.stringify(await elsewhere.evaluate(inPage.storage))).not.toContain("upl_");

    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    expect(await page.locator("#room").innerText()).toBe("");
    const asked = visit.asked.length;
    await page.reload();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    expect(visit.asked.slice(asked).filter((url) => url.includes("/v1/"))).toEqual([]);
    expectNoHarm(visit);
    await visit.leave();
  });

  test("who leaves the page has left, although a browser could bring it back as it was", async () => {
    const visit = await visitAs(operator, "#/sources");
    await rowOf(visit, "billing").first().waitFor();
    await visit.page.evaluate("void dispatchEvent(new PageTransitionEvent('pagehide'))");
    await visit.page.getByRole("heading", { name: "Sign in" }).waitFor();
    expect(await visit.page.locator("#room").innerText()).toBe("");
    await visit.leave();
  });

  test("where somebody was who has signed out is not shown to the next one", async () => {
    const visit = await visitAs(operator, "#/held?state=parked");
    const { page } = visit;
    await shows(visit, LONG);
    await goTo(visit, "#/events?subject=dist%3Aann");
    await shows(visit, "commission.posted");
    // Whoever is still there finds the way back, also after a reload.
    await page.goBack();
    await shows(visit, LONG);
    await page.goForward();
    await shows(visit, "commission.posted");
    await page.reload();
    await signIn(visit, operator);
    await page.goBack();
    await shows(visit, LONG);
    await page.goForward();
    await shows(visit, "commission.posted");

    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    expect(page.url()).toBe(`${gateway.url}/console`);
    await signIn(visit, auditor);
    await shows(visit, "In flight");
    const asked = visit.asked.length;
    await page.goBack();
    await page.waitForURL((url) => url.hash === "#acme");
    await shows(visit, "In flight");
    expect(visit.asked.slice(asked).filter((url) => /\/held|\/events/.test(url))).toEqual([]);
    await visit.leave();
  });

  test("signs in once, however often that is asked for", async () => {
    const visit = await open("#acme");
    const { page } = visit;
    const asks = () => visit.asked.filter((url) => url.includes("/sources?"));
    let answer = () => {};
    const held = new Promise<void>((resolve) => {
      answer = resolve;
    });
    await page.route("**/sources?*", async (route) => {
      await held;
      await route.continue();
    });
    await page.getByLabel("API key").fill(operator);
    await page.keyboard.press("Enter");
    await vi.waitUntil(() => asks().length === 1, WAIT);
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Sign in" }).click();
    answer();
    await shows(visit, "In flight");
    expect(asks()).toHaveLength(1);
    await visit.leave();
  });

  test("an address names a tenant and a place, and never lets one tenant's be another's", async () => {
    const visit = await open("#acme/held?state=dead");
    const { page } = visit;
    expect(await page.getByLabel("Tenant").inputValue()).toBe("acme");
    await page.getByLabel("API key").fill(operator);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Held", level: 2 }).waitFor();
    expect(await page.getByLabel("State").inputValue()).toBe("dead");
    await shows(visit, "Nothing");
    await page.evaluate("location.hash = '#other/held'");
    await page.getByRole("alert").filter({ hasText: "of tenant other" }).waitFor();
    expect(await page.getByLabel("Tenant").inputValue()).toBe("other");
    expect(await page.locator("#room").innerText()).toBe("");
    await visit.leave();
  });

  test.each([
    { name: "a key that is none", key: "upl_nothing_of_the_kind", said: REFUSED },
    { name: "a key that no header can carry", key: "Schlüssel", said: "This is no API key." },
    { name: "no key", key: "", said: "A tenant and an API key are needed." },
  ])("$name does not sign in", async ({ key, said }) => {
    const visit = await open("#acme");
    await visit.page.getByLabel("API key").fill(key);
    await visit.page.getByRole("button", { name: "Sign in" }).click();
    await visit.page.getByRole("alert").filter({ hasText: said }).waitFor();
    expect(member(await visit.page.evaluate(inPage.storage), "session")).toEqual({});
    expect(await visit.page.getByRole("navigation").count()).toBe(0);
    await visit.leave();
  });

  test("a key of another tenant does not sign in", async () => {
    await openTenant(gateway.client, "other");
    const visit = await open("#other");
    await visit.page.getByLabel("API key").fill(operator);
    await visit.page.keyboard.press("Enter");
    await visit.page.getByRole("alert").filter({ hasText: "There is nothing here" }).waitFor();
    expect(member(await visit.page.evaluate(inPage.storage), "session")).toEqual({});
    await visit.leave();
  });

  test("a key that is revoked signs out, says so, and is asked with no more", async () => {
    const { key, id } = await makeKey("operator");
    const visit = await open("#acme");
    const { page } = visit;
    await page.clock.install();
    await signIn(visit, key);
    await shows(visit, "In flight");
    await gateway.client.must(`DELETE /v1/tenants/acme/keys/${id}`);
    await page.clock.runFor(6000);
    await page.getByRole("alert").filter({ hasText: REFUSED }).waitFor();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    expect(await page.locator("#room").innerText()).toBe("");
    expect(member(await page.evaluate(inPage.storage), "session")).toEqual({});
    const asked = visit.asked.length;
    await page.clock.runFor(60_000);
    expect(visit.asked.slice(asked)).toEqual([]);
    expect(visit.complaints.join("\n")).not.toMatch(/Content Security Policy|Uncaught|upl_/);
    await visit.leave();
  });

  test("looks again while somebody looks, not while hidden, and seldom while nothing answers", async () => {
    const visit = await open("#acme");
    const { page } = visit;
    let underWay = 0;
    page.on("request", () => (underWay += 1));
    const ended = () => (underWay -= 1);
    page.on("requestfinished", ended);
    page.on("requestfailed", ended);
    await page.clock.install();
    await signIn(visit, operator);
    const reads = () => visit.asked.filter((url) => url.endsWith("/pipeline")).length;
    const readsBy = (count: number) => vi.waitUntil(() => reads() >= count, WAIT);
    /** Lets time pass, but not under the feet of what is asked: that would be given up. */
    const pass = async (seconds: number) => {
      for (let left = seconds; left > 0; left -= 5) {
        await page.clock.runFor(Math.min(left, 5) * 1000);
        await vi.waitUntil(() => underWay === 0, WAIT);
        await page.evaluate("Promise.resolve()");
      }
    };
    const setVisible = (visibility: string) =>
      page.evaluate(`Object.defineProperty(document, "visibilityState", {
        value: "${visibility}", configurable: true });
        document.dispatchEvent(new Event("visibilitychange"))`);
    await page.locator("#as-of time").waitFor();
    expect(reads()).toBe(1);
    await pass(6);
    await readsBy(2);

    await setVisible("hidden");
    const hidden = reads();
    await pass(60);
    expect(reads()).toBe(hidden);
    await setVisible("visible");
    await readsBy(hidden + 1);
    await pass(1);

    await page.context().setOffline(true);
    await pass(6);
    await shows(visit, "The gateway cannot be reached.");
    const before = reads();
    await pass(60);
    // At its usual pace there would be twelve.
    expect(reads() - before).toBeGreaterThan(0);
    expect(reads() - before).toBeLessThan(8);
    await page.context().setOffline(false);
    for (let i = 0; i < 20 && !(await page.locator("#as-of time").isVisible()); i += 1)
      await pass(20);
    await shows(visit, "In flight");
    await visit.leave();
  });

  test("a held event is retried once its cause is gone, done once however often it is sent", async () => {
    const id = await quarantine();
    const visit = await visitAs(operator, "#/held?state=quarantined");
    const { page } = visit;
    await rowOf(visit, id).waitFor();
    const retry = page.getByRole("button", { name: `Retry ${id}` });

    // Meant otherwise: nothing is sent.
    await retry.click();
    await page.keyboard.press("Escape");
    await retry.click();
    await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
    expect(visit.requests.filter((request) => request.method() === "POST")).toEqual([]);
    expect(await page.evaluate("document.activeElement.textContent")).toBe("Retry");

    await gateway.client.must("PUT /v1/tenants/acme/sources/cdc", {
      sender: "debezium",
      auth: { scheme: "standard-webhooks-v1", secrets: [SECRET] },
      options: { tables: { "public.customers": { key: ["id"], events: [LEAD] } } },
    });
    // The answer gets lost on its way back.
    await page.route("**/retry", async (route) => {
      await route.fetch();
      await route.abort();
    });
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").getByRole("button", { name: "Retry" }).click();
    await rowOf(visit, id).filter({ hasText: "The gateway cannot be reached." }).waitFor();
    await page.unroute("**/retry");
    await retry.click();
    await page.getByRole("dialog").getByRole("button", { name: "Retry" }).click();
    await rowOf(visit, id).filter({ hasText: "Sent again" }).waitFor();
    expect(await page.getByRole("status").innerText()).toContain("Sent again");
    expect(await retry.count()).toBe(0);
    const posts = visit.requests.filter((request) => request.method() === "POST");
    const keys = await Promise.all(posts.map((post) => post.headerValue("idempotency-key")));
    expect(keys).toHaveLength(2);
    expect(new Set(keys).size).toBe(1);

    await vi.waitUntil(async () => (await outcomeOf(id)) === "applied", WAIT);
    const trail = await gateway.client.must("GET /v1/tenants/acme/audit?limit=200");
    const acts = [member(trail, "items")]
      .flat()
      .filter((act) => member(act, "target") === `held:${id}`);
    expect(acts.map((act) => member(act, "action"))).toEqual(["held.retry"]);
    await goTo(visit, `#/events/${id}`);
    await shows(visit, /Outcome\s*applied/);
    expect(visit.complaints.join("\n")).not.toMatch(/Content Security Policy|Uncaught|upl_/);
    await visit.leave();
  });

  test("what is discarded is gone, and what cannot be says why", async () => {
    await gateway.client.must("PUT /v1/tenants/acme/sources/cdc", {
      sender: "debezium",
      auth: { scheme: "standard-webhooks-v1", secrets: [SECRET] },
    });
    const id = await quarantine();
    const visit = await visitAs(operator, "#/held");
    const { page } = visit;
    await page.getByRole("button", { name: `Discard ${id}` }).click();
    const dialog = page.getByRole("dialog");
    expect(await dialog.innerText()).toContain(id);
    await dialog.getByRole("button", { name: "Discard" }).click();
    await rowOf(visit, id).filter({ hasText: "Discarded." }).waitFor();
    expect(await page.evaluate("document.activeElement.textContent")).toBe("Discarded.");
    expectNoHarm(visit);

    const parked = rowOf(visit, LONG);
    await parked.getByRole("button", { name: /^Retry/ }).click();
    await dialog.getByRole("button", { name: "Retry" }).click();
    await parked.filter({ hasText: "applied as soon as what it waits for arrives" }).waitFor();
    // It can be tried for something else.
    expect(await parked.getByRole("button").count()).toBe(2);
    // Asked for the same again the list is read anew.
    await page.getByRole("button", { name: "Show" }).click();
    await rowOf(visit, LONG).waitFor();
    expect(await rowOf(visit, id).count()).toBe(0);
    await visit.leave();
  });

  test("events are found by what the API can, and one is shown with its way", async () => {
    const visit = await visitAs(operator, "#/events");
    const { page } = visit;
    const ask = async (label: string, text: string) => {
      await page.getByLabel(label).fill(text);
      await page.keyboard.press("Enter");
    };
    await ask("Sender's id", "line-ann");
    await shows(visit, "source: Is required with id");
    await ask("Source", "core");
    await page.waitForURL((url) => url.hash === "#acme/events?source=core&id=line-ann");
    const [[id = "", outcome] = []] = await tableOf(visit, "Events");
    expect(outcome).toBe("applied");
    await page.getByRole("link", { name: id }).click();
    await shows(visit, /Sender's id\s*line-ann/);
    const stages = await tableOf(visit, "Stages of the event");
    expect(stages.map(([name]) => name)).toEqual([
      "Happened, as its sender says",
      "Received",
      "Decided",
    ]);
    expect(stages[0]?.[1]).toBe("2026-07-02 10:00:00 UTC");
    const times = page.locator("tbody time");
    expect(await times.first().getAttribute("title")).toMatch(/^Here: /);
    expect(await times.first().getAttribute("datetime")).toBe("2026-07-02T10:00:00.000Z");
    await shows(visit, /Object in R2\s*(?:\S*tenant=acme|not archived yet)/);
    expect((await tableOf(visit, "What it posted"))[0]).toEqual(
      expect.arrayContaining(["dist:ann:held", "1234.00 USD"]),
    );
    expect(await page.title()).toBe("Events: Upline console");
    await goTo(visit, "#/events/evt_00000000-0000-7000-8000-000000000000");
    await page.getByRole("alert").filter({ hasText: "There is nothing here" }).waitFor();
    await visit.leave();
  });

  test("breaks, runs, sources and the audit trail are shown to who may see them", async () => {
    const database = await gateway.miniflare.getD1Database("MIRROR_0");
    await database
      .prepare(
        `INSERT INTO reconciliation_runs (tenant, run_id, kind, state, cause, started_ms, ended_ms,
           lease_ms, cursor, report) VALUES ('acme', 'recon_1', 'window', 'failed', ?, ?, ?, 9e15, ?, ?)`,
      )
      .bind(MARKUP, AT_MS, AT_MS + 64_200, JSON.stringify(RANGE), JSON.stringify(REPORT))
      .run();
    const visit = await visitAs(auditor, "#/reconciliations");
    const { page } = visit;
    const [run = []] = await tableOf(visit, "Reconciliations");
    expect([run[0], run[1], run[2], run[8]]).toEqual(["recon_1", "window", "failed", "1 min 4 s"]);
    await page.getByRole("link", { name: "recon_1" }).click();
    await shows(visit, `Failed (unreachable): ${MARKUP}`);
    expect(await tableOf(visit, "Differences by class")).toEqual([
      ["CURRENCY", "1", "0", "0", "1"],
    ]);
    await page.getByRole("link", { name: "Breaks that it found first" }).click();
    await shows(visit, "Nothing");
    expect(await page.getByLabel("Found by run").inputValue()).toBe("recon_1");

    await page.getByRole("link", { name: "Breaks", exact: true }).click();
    await shows(visit, "Nothing");
    expect(await page.getByLabel("State").inputValue()).toBe("open");
    expect(visit.asked.at(-1)).toContain("state=open");

    await page.getByRole("link", { name: "Sources", exact: true }).click();
    const sources = await tableOf(visit, "Sources");
    expect(sources.map((cells) => cells.slice(0, 3))).toEqual([
      ["billing", "standard", "paused"],
      ["cdc", "debezium", "active"],
      ["core", "standard", "active"],
    ]);
    await page.getByRole("link", { name: "billing", exact: true }).click();
    await shows(visit, /state\s*paused/);

    await page.getByRole("link", { name: "Audit trail" }).click();
    const acts = await tableOf(visit, "Audit trail");
    expect(acts.map((cells) => cells[2])).toContain("source.pause");
    expectNoHarm(visit);
    await visit.leave();
  });

  test("a delivery that is dead is shown with its attempts, and sent once more", async () => {
    await gateway.client.must("PUT /v1/tenants/acme/destinations/erp", {
      // Nobody listens there.
      url: "http://127.0.0.1:9/hooks",
    });
    const database = await gateway.miniflare.getD1Database("MIRROR_0");
    const attempts = [{ at_ms: AT_MS, took_ms: 1200, status: 500, error: `status ${MARKUP}` }];
    await database
      .prepare(
        `INSERT INTO deliveries (tenant, delivery_id, destination, destination_ms, subscription,
           event_id, type, subject, state, body, step, due_ms, attempts, created_ms, ended_ms)
         SELECT tenant, ?1 || told.id, destination, created_ms, 'all', told.event_id,
           'payment.confirmed', 'order:O1', told.state, '{}', told.step, told.due_ms, ?2, ?3,
           told.ended_ms
         FROM destinations, (
           SELECT '' AS id, 'evt_1' AS event_id, 'dead' AS state, 10 AS step, NULL AS due_ms,
             ?3 AS ended_ms
           UNION ALL SELECT '-due', 'evt_2', 'pending', 3, ?3 + 86400000, NULL) AS told
         WHERE tenant = 'acme' AND destination = 'erp'`,
      )
      .bind(DELIVERY, JSON.stringify(attempts), Date.now())
      .run();
    const visit = await visitAs(operator, "#/deliveries?state=dead");
    const { page } = visit;
    const [[id, shown, destination, type] = []] = await tableOf(visit, "Deliveries");
    expect([id, shown, destination, type]).toEqual([DELIVERY, "dead", "erp", "payment.confirmed"]);
    await rowOf(visit, DELIVERY)
      .filter({ hasText: `500, status ${MARKUP}, after 1 s` })
      .waitFor();
    const dialog = page.getByRole("dialog");
    await page.getByRole("button", { name: `Retry ${DELIVERY}` }).click();
    expect(await dialog.innerText()).toContain(`${DELIVERY} is sent again from the beginning`);
    await dialog.getByRole("button", { name: "Retry" }).click();
    await rowOf(visit, DELIVERY).filter({ hasText: "To be sent again." }).waitFor();
    const now = await gateway.client.must(`GET /v1/tenants/acme/deliveries/${DELIVERY}`);
    expect(member(now, "state")).not.toBe("dead");
    await page.getByRole("link", { name: DELIVERY }).click();
    await shows(visit, "attempts_made");
    await goTo(visit, "#/deliveries?state=pending&event_id=evt_2");
    await page.getByRole("button", { name: `Retry ${DELIVERY}-due` }).click();
    expect(await dialog.innerText()).toContain("-due is due now, and goes on with its schedule");
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await page.getByLabel("Event").fill("");
    await page.getByLabel("State").selectOption("delivered");
    await page.getByRole("button", { name: "Show" }).click();
    await shows(visit, "Nothing");
    expectNoHarm(visit);
    await visit.leave();
  });

  test("a long list goes on where it ended", async () => {
    await tenant.post(
      Array.from({ length: 60 }, (_, i) => ({
        ...enrolled(`many-${i}`, {}, { rev: 1 }),
        id: `enrol-many-${i}`,
      })),
    );
    await tenant.outcomes(["enrol-many-59"]);
    const visit = await visitAs(operator, "#/events?type=distributor.enrolled");
    const { page } = visit;
    await page.getByRole("button", { name: "More" }).click();
    await page
      .getByRole("status")
      .filter({ hasText: /^62 shown$/ })
      .waitFor();
    const ids = (await tableOf(visit, "Events")).map(([id]) => id);
    expect(new Set(ids).size).toBe(62);
    expect(await page.getByRole("button", { name: "More" }).count()).toBe(0);
    // What had the focus is gone: it went to the list.
    expect(await page.evaluate("document.activeElement.getAttribute('aria-label')")).toBe("Events");
    await visit.leave();
  });

  test.each([
    {
      role: "finance",
      denied: ["Held", "Events", "Sources", "Deliveries", "Audit trail"],
      inOverview: 2,
    },
    { role: "operator", denied: ["Breaks", "Audit trail"], inOverview: 0 },
    { role: "support", denied: SECTIONS, inOverview: 3 },
  ])("$role is told what its role may not see", async ({ role, denied, inOverview }) => {
    const visit = await visitAs((await makeKey(role)).key);
    const { page } = visit;
    for (const name of denied) {
      await page.getByRole("link", { name, exact: true }).click();
      await page.getByRole("heading", { name, level: 2 }).waitFor();
      await page
        .locator("#room")
        .getByRole("alert")
        .filter({ hasText: FORBIDDEN })
        .first()
        .waitFor();
      expect(await page.getByRole("button", { name: "Try again" }).count()).toBe(0);
    }
    await page.getByRole("link", { name: "Overview" }).click();
    const parts = page.locator("#room section");
    await vi.waitUntil(async () => {
      const texts = await parts.allInnerTexts();
      return texts.length === 3 && !texts.some((text) => text.endsWith("…"));
    }, WAIT);
    expect(await parts.getByRole("alert").count()).toBe(inOverview);
    expect(await page.getByRole("button", { name: "Sign out" }).isVisible()).toBe(true);
    // A browser writes each refusal down: nothing else.
    expect(visit.complaints.filter((text) => !text.includes("status of 403"))).toEqual([]);
    await visit.leave();
  });

  test("says of each answer that is none what it means", async () => {
    const visit = await visitAs(operator, "#/sources");
    const { page } = visit;
    await rowOf(visit, "billing").first().waitFor();
    for (const [status, said] of [
      [429, "Too many requests"],
      [503, "The gateway is overloaded"],
      [502, "The request failed (502)."],
    ] as const) {
      // As what stands before the gateway answers for it.
      await page.route("**/sources?*", (route) => route.fulfill({ status, body: "<h1>no</h1>" }));
      await goTo(visit, "#/sources");
      await shows(visit, said);
      await page.unroute("**/sources?*");
      await page.getByRole("button", { name: "Try again" }).click();
      await rowOf(visit, "billing").first().waitFor();
      expect(await page.locator("#room").getByRole("alert").count()).toBe(0);
    }
    await visit.leave();
  });

  test("what others wrote is text, whatever it looks like", async () => {
    const visit = await visitAs(operator, `#/held?state=${encodeURIComponent(MARKUP)}`);
    await visit.page.locator("#room").getByRole("alert").waitFor();
    const found = `#/events?source=core&id=${encodeURIComponent(MARKUP)}`;
    for (const [place, text] of [
      ["#/held?state=parked", `dist:${MARKUP}?`],
      [found, MARKUP],
      [`#/events/${encodeURIComponent(MARKUP)}`, MARKUP],
      [`#/look/${encodeURIComponent(MARKUP)}`, MARKUP],
      [`#/${encodeURIComponent(MARKUP)}/x`, "There is no such section."],
    ] as const) {
      await goTo(visit, place);
      await shows(visit, text);
      const parts = await visit.page.evaluate(inPage.foreignParts);
      // The page's own forms send nothing anywhere by themselves.
      expect(parts.filter((part) => !part.startsWith("<form "))).toEqual([]);
    }
    await goTo(visit, found);
    await visit.page.locator("tbody a").first().click();
    await shows(visit, "Stages");
    await shows(visit, MARKUP);
    await visit.page.evaluate(
      `location.hash = ${JSON.stringify(`#${encodeURIComponent(MARKUP)}`)}`,
    );
    const notice = visit.page.getByRole("alert").filter({ hasText: "of no tenant" });
    await notice.waitFor();
    expect(await notice.innerText()).toBe("This address is of no tenant: sign in again.");
    expect(await visit.page.getByLabel("Tenant").inputValue()).toBe("acme");
    // Nor is it filled in for somebody who comes by such a link.
    const other = await open(`#${encodeURIComponent(MARKUP)}/held`);
    await other.page.getByRole("heading", { name: "Sign in" }).waitFor();
    expect(await other.page.getByLabel("Tenant").inputValue()).toBe("");
    await other.leave();
    expect(visit.foreign).toEqual([]);
    expect(visit.complaints.filter((text) => !/status of 40[04]/.test(text))).toEqual([]);
    await visit.leave();
  });

  test("an address reads nothing outside of the tenant's, and changes nothing", async () => {
    const visit = await visitAs(operator, "#/look/../other/held");
    const { page } = visit;
    await page.locator("#room").getByRole("alert").waitFor();
    await goTo(visit, "#/look/%2e%2e/other");
    await page.locator("#room").getByRole("alert").waitFor();
    await goTo(visit, "#/look/sources/core");
    await shows(visit, "standard-webhooks-v1");
    const asked = visit.requests.map(
      (request) => [request.method(), new URL(request.url())] as const,
    );
    const beyond = asked.filter(
      ([method, { pathname }]) =>
        method !== "GET" || !/^\/(?:console(?:\/|$)|v1\/tenants\/acme\/)/.test(pathname),
    );
    expect(beyond).toEqual([]);
    await visit.leave();
  });

  test.each(["light", "dark"] as const)("can be read and used by everybody, %s", async (scheme) => {
    const visit = await open("", {
      colorScheme: scheme,
      reducedMotion: "reduce",
      viewport: { width: 320, height: 640 },
    });
    const { page } = visit;
    const expectGood = async () => {
      expect(await page.evaluate(inPage.overhang)).toBe(0);
      expect(await page.evaluate(inPage.faintTexts)).toEqual([]);
      expect(await page.evaluate(inPage.motions)).toEqual([]);
      expect(await page.evaluate(inPage.brokenIds)).toEqual([]);
      const levels = await page.evaluate(inPage.headingLevels);
      expect(levels.slice(0, 2)).toEqual([1, 2]);
      expect(levels.slice(2).every((level) => level === 3)).toBe(true);
    };
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await expectGood();
    await signIn(visit, auditor);
    for (const name of SECTIONS) {
      await page.getByRole("link", { name, exact: true }).click();
      await page.getByRole("heading", { name, level: 2 }).waitFor();
      await page.waitForLoadState("networkidle");
      await page.locator(".wide:visible, .soft:visible, .notice:visible").first().waitFor();
      await expectGood();
      expect(await page.locator('[aria-current="page"]').innerText()).toBe(name);
      const tables = page.locator("table:visible");
      // The overview is made anew every few seconds, and can be between the two questions.
      await vi.waitFor(async () => {
        expect(await tables.locator("caption").count()).toBe(await tables.count());
      }, WAIT);
      expect(await page.locator("th:not([scope])").count()).toBe(0);
      const unnamed = page.locator("input:visible, select:visible");
      for (const control of await unnamed.all()) {
        expect(await control.evaluate((field) => Reflect.get(field, "labels").length)).toBe(1);
      }
    }
    const background = await page.evaluate("getComputedStyle(document.body).backgroundColor");
    expect(background).toBe(scheme === "dark" ? "rgb(19, 21, 24)" : "rgb(246, 247, 248)");

    await goTo(visit, "#/held");
    await rowOf(visit, LONG).waitFor();
    await expectGood();
    await page
      .getByRole("button", { name: /^Discard/ })
      .first()
      .click();
    await page.getByRole("dialog").waitFor();
    expect(await page.evaluate(inPage.overhang)).toBe(0);
    expect(await page.evaluate("document.activeElement.textContent")).toBe("Cancel");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor({ state: "hidden" });
    for (let i = 0; i < 8; i += 1) {
      await page.keyboard.press("Shift+Tab");
      expect((await page.evaluate(inPage.focused))?.width ?? 3).toBeGreaterThanOrEqual(2);
    }
    expect(visit.requests.filter((request) => request.method() === "POST")).toEqual([]);
    await visit.leave();
  });
});

const LEAD = {
  type: "lead.upserted",
  fields: {
    crm: { value: "shop" },
    object_id: { path: "id", as: "text" },
    fields: "$after",
  },
};

const DELIVERY = "out_0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70";
const AT_MS = Date.UTC(2026, 6, 1, 10);
const RANGE = { range: { fromMs: AT_MS - 3 * 86_400_000, toMs: AT_MS } };
const REPORT = {
  expected: 1_018_400,
  covered: 1_018_399,
  compared: 61,
  differing: 4,
  in_flight: 1,
  healed: 2,
  open: 1,
  oldest_open_ms: AT_MS,
  requests: 9,
  bytes: 41_300,
  contradicted: 0,
  by_class: { CURRENCY: { found: 1, added: 0, healed: 0, open: 1 } },
  error: { kind: "unreachable", detail: MARKUP },
};
