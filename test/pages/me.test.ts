import { readFileSync } from "node:fs";
import type { Browser, BrowserContextOptions } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pause } from "../../scripts/local/client.ts";
import { type LocalGateway, makeStateDir, startLocal } from "../journeys/support/gateway.ts";
import { openTenant, type TestTenant } from "../journeys/support/tenant.ts";
import { enrolled, ranked, snapshot } from "../support/naive/told.ts";
import { findChromium, launchChromium } from "./support/chromium.ts";
import { inPage } from "./support/looks.ts";
import { openRelay } from "./support/relay.ts";
import { startVisit, type Visit } from "./support/visit.ts";

const MARKUP = `<img src=x onerror="alert(1)"><script>alert(2)</script>`;
/** As long as an id can be, with no place to break. */
const LONG = "D".repeat(128);
const OVER = "This link is no longer valid. Please ask for a new one.";
const NO_LINK = "Please open this page by the link that you were given.";

interface Link {
  readonly url: string;
  readonly token: string;
  readonly expires_at: string;
}

describe.skipIf(findChromium() === undefined)("/me in Chromium", () => {
  const state = makeStateDir();
  let gateway: LocalGateway;
  let browser: Browser;
  let tenant: TestTenant;

  beforeAll(async () => {
    [gateway, browser] = await Promise.all([startLocal(state.stateDir), launchChromium()]);
    tenant = await openTenant(gateway.client, "acme");
    await openTenant(gateway.client, "other");
    const people = [
      person("above", "Rupert Secretman"),
      person("ann", "Ann Example", { sponsor_id: "above" }),
      person("dora-1", "Dora Hiddenson", { sponsor_id: "ann" }),
      ...["ben", "cut", "stream", "ends"].map((id) => person(id, `Who ${id}`)),
      person(MARKUP, MARKUP),
      person(LONG, "Maximilian ".repeat(9).trim()),
    ];
    await tenant.post([
      ...people,
      { ...ranked("ann", "Gold"), key: "dist:ann" },
      { ...snapshot("ann", 12_345), key: "dist:ann" },
      { ...line(MARKUP, 1, { order_id: MARKUP, component: MARKUP.slice(0, 64) }), id: "markup" },
      { ...line(LONG, 1, { order_id: LONG, component: "C".repeat(64) }), id: "long" },
    ]);
    await tenant.outcomes([
      ...people.map(({ id }) => id),
      "rank-ann-1",
      "volume-ann-1",
      "markup",
      "long",
    ]);
  });

  afterAll(async () => {
    await browser.close();
    await gateway.stop();
    state.remove();
  });

  const person = (id: string, name: string, data = {}) => ({
    ...enrolled(id, { ...data, pii: { name, email: "somebody@example.com" } }, { rev: 1 }),
    id: `enrol-${name}`,
  });

  /** The core's nth commission for somebody. */
  const line = (id: string, seq: number, data = {}) => ({
    id: `${id}-${seq}`,
    type: "commission.posted",
    version: 1,
    occurred_at: "2026-07-02T10:00:00.000Z",
    key: `dist:${id}`,
    seq,
    data: {
      line_id: `${id}-L${seq}`.slice(-128),
      distributor_id: id,
      order_id: `${id}-O${seq}`,
      component: "unilevel",
      level: 1,
      currency: "USD",
      amount_minor: 123_400,
      period_id: "2026-01",
      run_id: "r1",
      ...data,
    },
  });

  async function linkTo(
    id: string,
    { token = gateway.adminToken, lifeS = 900 } = {},
  ): Promise<Link> {
    const place = `/v1/tenants/acme/distributors/${encodeURIComponent(id)}/links`;
    const response = await fetch(`${gateway.url}${place}`, {
      method: "POST",
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
      body: JSON.stringify({ expires_in_s: lifeS }),
    });
    if (response.status !== 201) throw new Error(await response.text());
    return response.json();
  }

  /** Opens a page by its link, through another address of the gateway if need be. */
  async function open(url: string, options: BrowserContextOptions = {}, by = gateway.url) {
    const visit = await startVisit(browser, by, options);
    const { pathname, hash } = new URL(url);
    await visit.page.goto(`${by}${pathname}${hash}`);
    return visit;
  }

  /** By a link that ends soon, but not before the page is there, however slow the machine. */
  async function openBriefly(id: string): Promise<Visit> {
    for (let lifeS = 2; ; lifeS *= 3) {
      const visit = await open((await linkTo(id, { lifeS })).url);
      await visit.page
        .locator("#connection")
        .filter({ hasText: /^(?:Live|Not conn)/ })
        .waitFor();
      if ((await visit.page.locator("#name").innerText()) !== "My status") return visit;
      await visit.leave();
    }
  }

  const isLive = ({ page }: Visit) => page.locator('#connection[data-state="live"]').waitFor();

  const shows = ({ page }: Visit, part: string, text: string | RegExp) =>
    page.locator(`#${part}`).filter({ hasText: text }).waitFor();

  const refuses = async (visit: Visit, text: string) => {
    await visit.page.getByRole("alert").filter({ hasText: text }).waitFor();
    expect(await visit.page.locator("#connection").innerText()).toBe("Not connected");
    const { session } = await visit.page.evaluate(inPage.storage);
    expect(session).toEqual({});
  };

  const expectNoHarm = ({ foreign, complaints }: Visit) =>
    expect({ foreign, complaints }).toEqual({ foreign: [], complaints: [] });

  test("shows who it is, status, ranks and balances, and a commission when it comes", async () => {
    const visit = await open((await linkTo("ann")).url);
    const { page } = visit;
    await shows(visit, "name", "Ann Example");
    expect(await page.locator("#standing").innerText()).toBe("ann: active, since 2026-01-01");
    expect(await page.locator("#ranks").innerText()).toMatch(
      /Paid as\s+Gold\s+Highest reached\s+Gold/,
    );
    expect(await page.locator("#volumes").innerText()).toMatch(
      /Period\s+2026-01\s+Personal\s+123.45/,
    );
    expect(await page.locator("#balances").innerText()).toBe("Nothing yet");
    expect(await page.locator("#no-lines").isVisible()).toBe(true);
    await isLive(visit);
    await page.evaluate("globalThis.wasHere = true");

    await tenant.post(line("ann", 1));
    await shows(visit, "lines", "ann-O1");
    await shows(visit, "balances", /Held\s*1,234.00 USD/);
    expect(await page.locator("#no-lines").isVisible()).toBe(false);
    await tenant.post({
      ...line("ann", 2),
      type: "commission.released",
      data: { distributor_id: "ann", line_id: "ann-L1" },
    });
    await shows(visit, "balances", /Available\s*1,234.00 USD/);
    expect(await page.locator("#lines tr").allInnerTexts()).toEqual([
      "2026-07-02\tann-O1\tunilevel, level 1\tavailable\t1,234.00 USD",
    ]);
    expect(await page.evaluate("globalThis.wasHere")).toBe(true);
    expect(page.mainFrame().url()).toBe(`${gateway.url}/me/acme/ann`);
    expectNoHarm(visit);
    await visit.leave();
  });

  test("tells nothing of anybody else", async () => {
    const visit = await open((await linkTo("ann")).url);
    await isLive(visit);
    await shows(visit, "name", "Ann Example");
    await visit.page.waitForLoadState("networkidle");
    const told = await Promise.all(
      visit.requests.map(async (request) => (await request.response())?.text()),
    );
    const all = [...told, ...visit.heard, await visit.page.content()].join("\n");
    expect(all).toContain("Ann Example");
    expect(all).not.toMatch(/Rupert|Secretman|Dora|dora-1|Hiddenson|somebody@example\.com/);
    await visit.leave();
  });
  test("the token stays in the tab: not in address, history, referrer or any other place", async () => {
    const { url, token } = await linkTo("ben");
    const visit = await open(url);
    const { page } = visit;
    await isLive(visit);
    expect(page.url()).toBe(`${gateway.url}/me/acme/ben`);
    expect(await page.evaluate("performance.getEntriesByType('navigation')[0].type")).toBe(
      "navigate",
    );
    expect(await page.evaluate(inPage.storage)).toEqual({
      session: { "upline.me:acme/ben": token },
      local: {},
      cookies: "",
      databases: [],
      caches: [],
      state: "null",
      referrer: "",
      name: "",
    });
    // On to another page of the same host, which would be told a referrer, and back.
    await page.evaluate("location.assign('/openapi.json')");
    await page.waitForURL("**/openapi.json");
    await page.goBack();
    await isLive(visit);
    expect(page.url()).toBe(`${gateway.url}/me/acme/ben`);
    await page.reload();
    await isLive(visit);
    for (const request of visit.requests) {
      const { authorization, ...headers } = await request.allHeaders();
      expect(JSON.stringify([request.url(), headers])).not.toContain(token.slice(4, 24));
      expect(headers["referer"]).toBeUndefined();
      expect([undefined, `Bearer ${token}`]).toContain(authorization);
    }
    expect(visit.asked.filter((address) => address.includes(token.slice(4, 24)))).toEqual([]);
    const elsewhere = await page.context().newPage();
    await elsewhere.goto(`${gateway.url}/me/acme/ben`);
    await elsewhere.getByText(NO_LINK).waitFor();
    await visit.leave();
  });

  test.concurrent("a link that is over, changed or cut is refused, and forgotten", async () => {
    const over = await linkTo("ben", { lifeS: 1 });
    const { url, token } = await linkTo("ben");
    const [address = ""] = url.split("#");
    const changed = token.replace(/.$/, (last) => (last === "A" ? "B" : "A"));
    while (Date.now() <= Date.parse(over.expires_at)) await pause(50);
    const visit = await startVisit(browser, gateway.url);
    for (const [place, text] of [
      [over.url, OVER],
      [`${address}#${changed}`, OVER],
      [`${address}#${token.slice(0, -5)}`, OVER],
      // As a mail program takes the end of a sentence for that of the link.
      [`${address}#${token}).`, OVER],
      [`${address}#${token} and more`, OVER],
      [`${address.replace("/acme/", "/other/")}#${token}`, OVER],
      [`${address}#${(await linkTo("ann")).token}`, "There is nothing to show under this link."],
      [address, NO_LINK],
    ] as const) {
      await visit.page.goto("about:blank");
      await visit.page.goto(place);
      await refuses(visit, text);
      expect(await visit.page.locator("#name").innerText()).toBe("My status");
      expect(visit.page.url()).not.toContain("#");
    }
    expect(visit.complaints.join("\n")).not.toMatch(/Content Security Policy|Uncaught|upt_/);
    await visit.leave();
  });

  test.concurrent("a link that ends lets the page go, and the next one takes it up again", async () => {
    const visit = await openBriefly("ends");
    await refuses(visit, OVER);
    await shows(visit, "name", "Who ends");
    expect(visit.complaints.join("\n")).not.toMatch(/Content Security Policy|Uncaught|upt_/);
    // In the same tab nothing but what is behind the # changes: a browser loads nothing for that.
    const { url } = await linkTo("ends");
    await visit.page.goto(url);
    await isLive(visit);
    await shows(visit, "name", "Who ends");
    expect(visit.page.url()).toBe(url.split("#")[0]);
    expect(await visit.page.getByRole("alert").isVisible()).toBe(false);
    await visit.leave();
  });

  test.concurrent("a page that was cut off comes back by itself and misses nothing", async () => {
    const relay = await openRelay(gateway.url);
    const visit = await open((await linkTo("cut")).url, {}, relay.url);
    await isLive(visit);
    await tenant.post(line("cut", 1));
    await shows(visit, "balances", /Held\s*1,234.00 USD/);
    relay.cut();
    await shows(visit, "connection", "Offline, trying again");
    await tenant.post([line("cut", 2), line("cut", 3)]);
    await tenant.outcomes(["cut-2", "cut-3"]);
    relay.mend();
    await isLive(visit);
    await shows(visit, "balances", /Held\s*3,702.00 USD/);
    await tenant.post(line("cut", 4));
    await shows(visit, "balances", /Held\s*4,936.00 USD/);
    expect(await visit.page.locator("#lines td:nth-child(2)").allInnerTexts()).toEqual([
      "cut-O1",
      "cut-O2",
      "cut-O3",
      "cut-O4",
    ]);
    // Nothing came twice: one whole status, and from there on each change once.
    const heard: readonly { type: string; lines?: readonly { line_id: string }[] }[] = visit.heard
      .filter((text) => text !== "pong")
      .map((text) => JSON.parse(text));
    expect(heard.filter(({ type }) => type === "status")).toHaveLength(1);
    expect(heard.flatMap(({ lines = [] }) => lines.map(({ line_id }) => line_id))).toEqual([
      "cut-L1",
      "cut-L2",
      "cut-L3",
      "cut-L4",
    ]);
    await visit.leave();
    await relay.close();
  });

  test.concurrent("where no WebSocket passes it follows a stream", async () => {
    const relay = await openRelay(gateway.url, { blocksSockets: true });
    const visit = await open((await linkTo("stream")).url, {}, relay.url);
    await isLive(visit);
    await tenant.post(line("stream", 1));
    await shows(visit, "balances", /Held\s*1,234.00 USD/);
    relay.cut();
    await shows(visit, "connection", "Offline, trying again");
    await tenant.post(line("stream", 2));
    await tenant.outcomes(["stream-2"]);
    relay.mend();
    await shows(visit, "balances", /Held\s*2,468.00 USD/);
    expect(visit.heard).toEqual([]);
    await visit.leave();
    await relay.close();
  });

  test("a link of support's shows the status alone, and initials", async () => {
    const made = await gateway.client.must("POST /v1/tenants/acme/keys", { role: "support" });
    const { url } = await linkTo("ann", { token: String(Object(made)["key"]) });
    const visit = await open(url);
    await isLive(visit);
    await shows(visit, "standing", "ann: active");
    await visit.page.locator("#details").waitFor({ state: "hidden" });
    const told = [...visit.heard, await visit.page.innerText("body")].join("\n");
    expect(told).not.toMatch(/Ann Example|commission lines|Statement/);
    expect(await visit.page.locator("#name").innerText()).toMatch(/^A/);
    await visit.leave();
  });

  test("what somebody is called is text, whatever it looks like", async () => {
    const visit = await open((await linkTo(MARKUP)).url);
    await shows(visit, "lines", MARKUP);
    expect(await visit.page.locator("#name").innerText()).toBe(MARKUP);
    expect(await visit.page.locator("#standing").innerText()).toContain(MARKUP);
    expect(await visit.page.evaluate(inPage.foreignParts)).toEqual([]);
    expectNoHarm(visit);
    await visit.leave();
  });

  test("a distributor takes the month's statement away as a file", async () => {
    const visit = await open((await linkTo("ann")).url);
    const button = visit.page.getByRole("button", { name: "Statement of this month" });
    const [download] = await Promise.all([visit.page.waitForEvent("download"), button.click()]);
    expect(download.suggestedFilename()).toMatch(/^earnings-\d{4}-\d{2}\.csv$/);
    expect(readFileSync(await download.path(), "utf8")).toMatch(/^distributor_id,month,status/);
    expectNoHarm(visit);
    await visit.leave();
  });

  test.each(["light", "dark"] as const)("can be read and used by everybody, %s", async (scheme) => {
    const visit = await open((await linkTo(LONG)).url, {
      colorScheme: scheme,
      reducedMotion: "reduce",
      viewport: { width: 320, height: 640 },
    });
    const { page } = visit;
    await isLive(visit);
    await shows(visit, "balances", "USD");
    await shows(visit, "lines", /^\s*2026-07-02/);
    expect(await page.locator("html").getAttribute("lang")).toBe("en");
    expect(await page.title()).toBe("My status");
    expect(await page.evaluate(inPage.headingLevels)).toEqual([1, 2, 3, 2, 2, 2, 2]);
    expect(await page.evaluate(inPage.brokenIds)).toEqual([]);
    for (const name of ["Balances", "Rank", "Volume", "Latest commission lines", "Earnings"]) {
      expect(await page.getByRole("region", { name, exact: true }).count()).toBeGreaterThan(0);
    }
    expect(await page.getByRole("status").innerText()).toBe("Live");
    expect(await page.getByRole("columnheader").allInnerTexts()).toHaveLength(5);
    expect(await page.evaluate(inPage.overhang)).toBe(0);
    expect(await page.evaluate(inPage.faintTexts)).toEqual([]);
    expect(await page.evaluate(inPage.motions)).toEqual([]);
    const background = await page.evaluate("getComputedStyle(document.body).backgroundColor");
    expect(background).toBe(scheme === "dark" ? "rgb(19, 21, 24)" : "rgb(246, 247, 248)");

    const stops: string[] = [];
    for (let i = 0; i < 5; i += 1) {
      await page.keyboard.press("Tab");
      const stop = await page.evaluate(inPage.focused);
      if (stop === null) break;
      expect(stop.width).toBeGreaterThanOrEqual(2);
      stops.push(stop.name);
    }
    expect(stops).toEqual(["wide", "earnings"]);
    expectNoHarm(visit);
    await visit.leave();
  });

  test("a month's statement can be printed, and nothing of it acts", async () => {
    const key = await gateway.client.must("POST /v1/tenants/acme/keys", { role: "finance" });
    const visit = await startVisit(browser, gateway.url, {
      extraHTTPHeaders: { Authorization: `Bearer ${String(Object(key)["key"])}` },
    });
    const { page } = visit;
    const statementOf = (id: string) =>
      page.goto(
        `${gateway.url}/v1/tenants/acme/distributors/${encodeURIComponent(id)}/earnings/2026-07`,
      );
    await statementOf(MARKUP);
    expect(await page.locator("h1").innerText()).toBe("Earnings statement 2026-07");
    expect(await page.locator("dd").first().innerText()).toBe(MARKUP);
    expect(await page.locator("caption").allInnerTexts()).toEqual(["USD, 2026-07"]);
    const rows = await page.locator("tbody tr").allInnerTexts();
    expect(rows).toContain(`Commission: ${MARKUP.slice(0, 64)}\t1234.00`);
    expect(rows).toContain("Closing balance\t1234.00");
    expect(await page.evaluate(inPage.foreignParts)).toEqual([]);
    expect(await page.evaluate(inPage.faintTexts)).toEqual([]);
    expect(await page.evaluate(inPage.headingLevels)).toEqual([1]);

    await page.emulateMedia({ media: "print" });
    expect(
      await page.locator("a, button, input, select, textarea, summary, [tabindex]").count(),
    ).toBe(0);
    expect(await page.locator(".sum").last().isVisible()).toBe(true);
    const pdf = await page.pdf({ preferCSSPageSize: true });
    expect(pdf.subarray(0, 5).toString()).toBe("%PDF-");
    expect(pdf.toString("latin1").match(/\/Type \/Page\b/g)).toHaveLength(1);

    await page.emulateMedia({ media: "screen" });
    await page.setViewportSize({ width: 320, height: 640 });
    await statementOf(LONG);
    expect(await page.locator("tbody tr").allInnerTexts()).toContain(
      `Commission: ${"C".repeat(64)}\t1234.00`,
    );
    expect(await page.evaluate(inPage.overhang)).toBe(0);
    expectNoHarm(visit);
    await visit.leave();
  });
});
