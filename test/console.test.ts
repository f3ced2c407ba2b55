import fc from "fast-check";
import { describe, expect, test } from "vitest";

type Query = Readonly<Record<string, string | number | null | undefined>>;

interface Place {
  readonly tenant: string | undefined;
  readonly view: string;
  readonly rest: readonly string[];
  readonly query: Query;
}

/** The page's module as a browser loads it: plain JavaScript, nothing built. */
interface Model {
  readonly FRESH_MS: number;
  placeOf(hash: string): Place;
  hashIn(tenant: string, hash: string): string;
  isTenantName(text: string): boolean;
  hashOf(view: string, rest?: readonly string[], query?: Query): string;
  pathOf(tenant: string, parts: readonly string[], query?: Query): string | undefined;
  hashOfHref(href: string, tenant: string): string | undefined;
  waitMs(failures: number, chance: number, askedMs?: number): number;
  retryAfterMs(text: string | null, nowMs: number): number;
  refusalText(status?: number, problem?: object): string;
  isUndecided(status?: number, code?: string): boolean;
  timeText(time: string): string;
  isTime(value: unknown): boolean;
  shareText(ppm: number | null): string;
  spanText(ms: number): string;
  spanBetween(from: unknown, to: unknown): number | undefined;
  countText(count: number): string;
  moneyText(money: { readonly amount: string; readonly currency: string } | null): string;
}

const model: Model = await import(String(new URL("../public/console/model.js", import.meta.url)));

/** Ids as senders make them: anything, characters that are cut in the middle among it. */
const id = fc.string({ unit: "binary", minLength: 1, maxLength: 20 });

describe("places of the console", () => {
  test.each([
    { hash: "", place: { tenant: undefined, view: "overview", rest: [], query: {} } },
    { hash: "#", place: { tenant: undefined, view: "overview", rest: [], query: {} } },
    { hash: "#acme", place: { tenant: "acme", view: "overview", rest: [], query: {} } },
    {
      hash: "#/held?state=dead",
      place: { tenant: undefined, view: "held", rest: [], query: { state: "dead" } },
    },
    {
      hash: "#acme/events/a%2Fb",
      place: { tenant: "acme", view: "events", rest: ["a/b"], query: {} },
    },
    {
      hash: "#/events/100%?id=a?b",
      place: { tenant: undefined, view: "events", rest: ["100%"], query: { id: "a?b" } },
    },
  ])("reads $hash", ({ hash, place }) => {
    expect(model.placeOf(hash)).toEqual(place);
  });

  test("what is written is read again, whatever ids and filters are made of", () => {
    fc.assert(
      fc.property(id, fc.dictionary(fc.constantFrom("state", "id"), id), (item, query) => {
        const hash = model.hashOf("events", [item], query);
        // As the address bar gives it back.
        const kept = new URL(hash, "https://gateway.example/console").hash;
        expect(kept).toBe(hash);
        const place = model.placeOf(kept);
        expect([place.rest, { ...place.query }]).toEqual([[item], { ...query }]);
      }),
    );
    expect(model.hashOf("held", [], { state: "", id: undefined })).toBe("#/held");
    expect(model.hashOf("events", ["a\ud800"])).toBe("#/events/a%EF%BF%BD");
  });

  test.each([
    { hash: "", within: "#acme" },
    { hash: "#", within: "#acme" },
    { hash: "#/held?state=dead", within: "#acme/held?state=dead" },
    { hash: "#?state=$&", within: "#acme?state=$&" },
    { hash: "#acme/held", within: "#acme/held" },
    { hash: "#other", within: "#other" },
  ])("$hash is $within where acme is signed in", ({ hash, within }) => {
    expect(model.hashIn("acme", hash)).toBe(within);
    expect(model.hashIn("acme", within)).toBe(within);
    const { tenant, ...place } = model.placeOf(hash);
    expect(model.placeOf(within)).toEqual({ ...place, tenant: tenant ?? "acme" });
  });

  test("a name that no tenant can have is known as such", () => {
    const names = ["acme", "0", "a_b-c", "a".repeat(64)];
    const others = ["", "Acme", "-a", "a b", "a\n", "a.b", "<b>", "a".repeat(65), ".."];
    expect([...names, ...others].filter((name) => model.isTenantName(name))).toEqual(names);
  });

  test("a path of the API stays below its tenant", () => {
    fc.assert(
      fc.property(fc.array(id, { minLength: 1, maxLength: 4 }), (parts) => {
        const path = model.pathOf("acme", parts);
        const isStep = parts.some((part) => part === "." || part === "..");
        expect(path === undefined).toBe(isStep);
        if (path === undefined) return;
        const { pathname } = new URL(path, "https://gateway.example");
        expect(pathname).toBe(path);
        expect(pathname.split("/").slice(4).map(decodeURIComponent)).toEqual(parts);
      }),
    );
    expect(model.pathOf("acme", [".."])).toBeUndefined();
    expect(model.pathOf("..", ["keys"])).toBeUndefined();
    expect(model.pathOf("acme", ["held"], { state: "dead", cursor: undefined, limit: 50 })).toBe(
      "/v1/tenants/acme/held?state=dead&limit=50",
    );
  });

  test.each([
    { href: "held?state=dead", hash: "#/held?state=dead" },
    { href: "breaks/A%3A1", hash: "#/breaks/A%3A1" },
    { href: "sources/core", hash: "#/sources/core" },
    { href: "sources/core/polls", hash: "#/look/sources/core/polls" },
    { href: "rebuilds/rebuild_1", hash: "#/look/rebuilds/rebuild_1" },
    { href: "deliveries/out_1", hash: "#/deliveries/out_1" },
    { href: "held/evt_1", hash: "#/look/held/evt_1" },
    { href: "usage", hash: "#/look/usage" },
  ])("what an alert calls $href is shown at $hash", ({ href, hash }) => {
    expect(model.hashOfHref(`/v1/tenants/acme/${href}`, "acme")).toBe(hash);
  });

  test("what is not the tenant's is shown nowhere", () => {
    for (const href of ["/v1/tenants/other/held", "https://evil.example/", "javascript:alert(1)"]) {
      expect(model.hashOfHref(href, "acme")).toBeUndefined();
    }
  });
});

describe("how the console asks", () => {
  test("reads at its pace while all is well, and ever more seldom while it is not", () => {
    expect(model.waitMs(0, 0.5)).toBe(model.FRESH_MS);
    let before = 0;
    for (let failures = 1; failures < 20; failures += 1) {
      const most = model.waitMs(failures, 1);
      expect(model.waitMs(failures, 0)).toBe(most / 2);
      expect(most).toBeGreaterThanOrEqual(before);
      expect(most).toBeLessThanOrEqual(300_000);
      before = most;
    }
    expect(model.waitMs(1, 0)).toBeGreaterThanOrEqual(model.FRESH_MS);
    expect(model.waitMs(1, 0, 60_000)).toBe(60_000);
    expect(model.waitMs(1, 0, 86_400_000)).toBe(300_000);
  });

  test.each([
    { text: null, ms: 0 },
    { text: "5", ms: 5000 },
    { text: "Thu, 01 Jan 1970 00:00:20 GMT", ms: 10_000 },
    { text: "Thu, 01 Jan 1970 00:00:00 GMT", ms: 0 },
    { text: "soon", ms: 0 },
  ])("waits $ms ms for Retry-After $text", ({ text, ms }) => {
    expect(model.retryAfterMs(text, 10_000)).toBe(ms);
  });

  test("a write of which nobody knows is sent again as the same one, and no other", () => {
    for (const status of [undefined, 429, 500, 503]) expect(model.isUndecided(status)).toBe(true);
    expect(model.isUndecided(409, "idempotency_in_progress")).toBe(true);
    for (const status of [200, 202, 401, 403, 404]) expect(model.isUndecided(status)).toBe(false);
    expect(model.isUndecided(409, "conflict")).toBe(false);
  });

  test("says of each refusal what it means, and what the API said of it", () => {
    expect(model.refusalText()).toContain("cannot be reached");
    expect(model.refusalText(401)).toContain("revoked");
    expect(model.refusalText(403)).toContain("role");
    expect(model.refusalText(429)).toContain("later");
    expect(model.refusalText(503)).toContain("later");
    expect(model.refusalText(409, { title: "This contradicts", detail: "It waits" })).toBe(
      "This contradicts (409). It waits",
    );
    const errors = [{ path: "source", rule: "required", message: "Is required with id" }];
    expect(model.refusalText(400, { title: "A parameter is invalid", errors })).toBe(
      "A parameter is invalid (400). source: Is required with id",
    );
    expect(model.refusalText(502)).toBe("The request failed (502).");
  });
});

describe("how the console writes", () => {
  test.each([
    { ppm: null, text: "–" },
    { ppm: 1_000_000, text: "100.00 %" },
    { ppm: 999_999, text: "99.99 %" },
    { ppm: 950_000, text: "95.00 %" },
    { ppm: 500, text: "0.05 %" },
    { ppm: 0, text: "0.00 %" },
    { ppm: -1_234_500, text: "−123.45 %" },
  ])("$ppm of a million as $text", ({ ppm, text }) => {
    expect(model.shareText(ppm)).toBe(text);
  });

  test.each([
    { ms: -5, text: "0 ms" },
    { ms: 999, text: "999 ms" },
    { ms: 5000, text: "5 s" },
    { ms: 64_200, text: "1 min 4 s" },
    { ms: 3_600_000, text: "1 h" },
    { ms: 3_605_000, text: "1 h" },
    { ms: 90_000_000, text: "1 d 1 h" },
  ])("$ms ms as $text", ({ ms, text }) => {
    expect(model.spanText(ms)).toBe(text);
  });

  test("times, counts and amounts", () => {
    const [from, to] = ["2026-07-01T10:00:00.000Z", "2026-07-01T10:00:01.500Z"];
    expect(model.timeText(from)).toBe("2026-07-01 10:00:00 UTC");
    expect(model.isTime(from)).toBe(true);
    expect([null, 5, "2026-07-01", `${from} `].filter((value) => model.isTime(value))).toEqual([]);
    expect(model.spanBetween(from, to)).toBe(1500);
    expect(model.spanBetween(null, to)).toBeUndefined();
    expect([0, 999, 1000, 1_234_567].map((count) => model.countText(count))).toEqual([
      "0",
      "999",
      "1,000",
      "1,234,567",
    ]);
    expect(model.moneyText({ amount: "-4.00", currency: "USD" })).toBe("-4.00 USD");
    expect(model.moneyText(null)).toBe("–");
  });
});
