import { beforeAll, describe, expect, test } from "vitest";
import { cursorAt, nameOfList } from "#src/edge/http/cursor.ts";
import { readRoutes } from "#src/edge/http/reads.ts";
import { entry, readRig, type Rig } from "./rig.ts";

/** What stands in a path for each parameter that a route can name. */
const PLACES: Readonly<Record<string, string>> = {
  break: "BACKDATED:L1",
  delivery: "out_1",
  distributor: "d1",
  event: "evt_1",
  month: "2026-07",
  period: "2026-07",
  plan: "main",
  rebuild: "rebuild_1",
  reconciliation: "recon_1",
  replay: "replay_1",
  run: "close:main:2026-07",
  source: "core",
  subject: "dist:d1",
  writeoff: "w1",
};

let rig: Rig;

beforeAll(async () => {
  rig = await readRig();
  await rig.mirror("dist:d1", [entry()]);
});

const LONG = "x".repeat(600);

/** The fields and rules of a refusal; its status where it is none. */
async function refusalOf(line: string): Promise<string> {
  const response = await rig.call(line);
  const body = await response.text();
  if (response.status !== 400) return `${response.status} ${body.slice(0, 80)}`;
  const {
    code,
    errors,
  }: { code: string; errors: { path: string; rule: string; message: string }[] } = JSON.parse(body);
  expect(code).toBe("parameter_invalid");
  for (const { message } of errors) expect(message).toMatch(/^[A-Z][^\0]{5,}$/);
  return errors.map(({ path, rule }) => `${path} ${rule}`).join(", ");
}

const BAD_INSTANTS = ["", "today", "2026-02-30", "2026-13-01", "2026-07-01T10:00:00", "1e3", "0"];

/** Every read by query parameters, and what each of them may not be. */
const QUERIES: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  "distributors/d1": { consistency: ["", "weak", "STRONG"] },
  "distributors/d1/ledger": { as_of: BAD_INSTANTS, known_at: BAD_INSTANTS },
  "distributors/d1/lines": {
    state: ["", "paid", "HELD"],
    period_id: ["", "%00", LONG],
    order_id: ["", "a%0Ab", LONG],
  },
  "distributors/d1/upline": { tree: ["", "binary"], as_of: BAD_INSTANTS },
  "distributors/d1/downline": {
    tree: ["", "binary"],
    as_of: BAD_INSTANTS,
    depth: ["", "0", "51", "-1", "1.5", "one", "007"],
  },
  "distributors/d1/earnings/2026-07": { known_at: BAD_INSTANTS },
  "distributors/d1/progress": {
    period: ["", "july", "2026-13", "2026-7", "0000-01", "-9999-01", "12345-01", "2026-W10", LONG],
  },
  lines: { order_id: ["", "%00", LONG] },
  "ledger/balances": {
    prefix: ["%00", LONG],
    as_of: BAD_INSTANTS,
    known_at: BAD_INSTANTS,
  },
  "reports/sales?to=2026-08-01": { from: BAD_INSTANTS },
  "reports/sales?from=2026-07-01": { to: BAD_INSTANTS },
  "reports/sales?from=2026-07-01&to=2026-08-01": {
    by: ["", "week"],
    as_of: BAD_INSTANTS,
    known_at: BAD_INSTANTS,
  },
  inventory: {
    sku: ["", "%00", LONG],
    location: ["", "%00", LONG],
    below: ["", "1.5", "1e3", "x"],
  },
  tickets: { distributor_id: ["", "%00", LONG], status: ["", "%00", LONG], open: ["", "yes", "1"] },
  events: {
    source: ["", "%00", LONG],
    type: ["", "%00", LONG],
    subject: ["", "%00", LONG],
    outcome: ["", "done"],
  },
  "events?source=core": { id: ["", "%00", LONG] },
  held: { state: ["", "waiting"] },
  deliveries: {
    state: ["", "done"],
    destination: ["", "%00", LONG],
    event_id: ["", "%00", LONG],
    type: ["", "%00", LONG],
  },
  breaks: {
    state: ["", "new", "OPEN"],
    class: ["", "%00", LONG],
    distributor_id: ["", "a%0Ab", LONG],
    run_id: ["", "%00", LONG],
  },
  reconciliations: { kind: ["", "all"], state: ["", "open"] },
  "chains/dist:d1": { after: ["", "-1", "1.5", "1e3", "x", "1".repeat(16)] },
  anchors: {
    day: [
      "",
      "today",
      "2026-02-30",
      "2026-13-01",
      "2026-7-1",
      "0000-01-01",
      "2026-07-01T00:00:00Z",
    ],
  },
  "plans/main": { version: ["", "0", "-1", "1.5", "x", "1".repeat(10)] },
};

const withQuery = (path: string, query: string) =>
  `GET ${path}${path.includes("?") ? "&" : "?"}${query}`;

/** Those of these lines that are not refused so, with what they are answered. */
async function unrefused(lines: readonly string[], refusal: RegExp): Promise<readonly string[]> {
  const answers = lines.map(async (line) => ({ line, answer: await refusalOf(line) }));
  return (await Promise.all(answers))
    .filter(({ answer }) => !refusal.test(answer))
    .map(({ line, answer }) => `${line}: ${answer}`);
}

describe("a query", () => {
  test.each(Object.keys(QUERIES))("of %s names the value that is bad", async (path) => {
    for (const [name, values] of Object.entries(QUERIES[path] ?? {})) {
      const lines = values.map((value) => withQuery(path, `${name}=${value}`));
      expect(await unrefused(lines, new RegExp(`^${name} [a-z_]+$`))).toEqual([]);
    }
  });

  test.each([
    { line: "GET lines", at: "order_id required" },
    { line: "GET reports/sales?to=2026-08-01", at: "from required" },
    { line: "GET reports/sales?from=2026-07-01&to=2026-07-01", at: "to range" },
    { line: "GET reports/sales?from=2025-01-01&to=2026-07-01", at: "to range" },
    { line: "GET events?id=a1", at: "source required" },
    { line: "GET ledger/balances?limit=5", at: "limit unknown_parameter" },
    { line: "GET lines?order_id=a&order_id=b", at: "order_id single" },
  ])("that is $line is refused: $at", async ({ line, at }) => {
    expect(await refusalOf(line)).toBe(at);
  });
});

/** Lists, and a position of each as its cursor has it. */
const LISTS: Readonly<Record<string, unknown>> = {
  "distributors/d1/ledger": { position: 1, n: 0 },
  "distributors/d1/lines": "L1",
  "distributors/d1/upline": { at: 0, depth: 1 },
  "distributors/d1/downline": {
    at: 0,
    depth: 1,
    under: "d1",
    tree: "sponsor",
    node: "d2",
    version: "1",
  },
  "lines?order_id=o1": { distributorId: "d1", lineId: "L1" },
  "reports/sales?from=2026-07-01&to=2026-08-01": { group: "", currency: "USD" },
  inventory: "a",
  tickets: "a",
  autoships: "a",
  periods: "a",
  events: "evt_1",
  held: "evt_1",
  deliveries: "out_1",
  breaks: "b1",
  reconciliations: "recon_1",
  messages: "m1",
  chains: "dist:d1",
  "chains/dist:d1/transfers": { position: 1, n: 0 },
  anchors: { subject: "dist:d1", day: "2026-07-01" },
  plans: "main",
  "plans/main/versions": 1,
  runs: "close:main:2026-07",
};

/** What these are narrowed by, also where nothing says so. */
const FILTERS: Readonly<Record<string, object>> = {
  "distributors/d1/upline": { tree: "sponsor" },
  "distributors/d1/downline": { tree: "sponsor", depth: "1" },
  "lines?order_id=o1": { order_id: "o1" },
  "reports/sales?from=2026-07-01&to=2026-08-01": {
    from: Date.UTC(2026, 6, 1),
    to: Date.UTC(2026, 7, 1),
    by: "day",
  },
  inventory: { kind: "inventory" },
  tickets: { kind: "ticket" },
  autoships: { kind: "autoship" },
  periods: { kind: "period" },
};

/** Of what nobody has, these lists tell that there is nobody. */
const OF_SOMETHING = ["distributors/d1/upline", "distributors/d1/downline"];

describe.each(Object.entries(LISTS))("the list %s", (path, place) => {
  const cursorOf = (at: unknown) => {
    const url = `https://gateway.example/v1/tenants/${rig.tenant}/${path}`;
    return cursorAt({ list: nameOfList(url, FILTERS[path] ?? {}) }, at);
  };

  test("takes a cursor that it can have given", async () => {
    if (OF_SOMETHING.includes(path)) return;
    const { status } = await rig.call(withQuery(path, `cursor=${cursorOf(place)}`));
    expect(status).toBe(200);
  });

  test("names a cursor that it did not give", async () => {
    const broken = ["", "%00", "!", "bm8", "A".repeat(4097)];
    const others = [null, [], true, {}, "a", 1, { at: 1e300, depth: 1 }, { position: 0.5, n: 0 }];
    // Of plain texts and numbers one looks like another.
    const foreign = others.filter(
      (other) => typeof place === "object" || typeof other !== typeof place,
    );
    const cursors = [...broken, ...foreign.map(cursorOf)];
    const lines = cursors.map((cursor) => withQuery(path, `cursor=${cursor}`));
    expect(await unrefused(lines, /^cursor cursor$/)).toEqual([]);
  });

  test("names a limit that is none", async () => {
    const limits = ["", "0", "-1", "201", "1.5", "1e1", "x", "%2B5"];
    const lines = limits.map((limit) => withQuery(path, `limit=${limit}`));
    expect(await unrefused(lines, /^limit range$/)).toEqual([]);
  });
});

/** What no parameter of a path may be, beside what is not of its own form. */
const BAD_PLACES: Readonly<Record<string, readonly string[]>> = {
  break: ["%00", "%FF", "a%0Ab", "x".repeat(2049)],
  delivery: ["%00", "%FF", LONG],
  distributor: ["%00", "a%0Ab", "a%E2%80%A8b", "%FF", "x".repeat(129)],
  event: ["%00", "%FF", LONG],
  month: ["july", "2026-13", "2026-7", "0000-01", "1969-12", "9999-12", "2026-07-01", "%00"],
  period: ["%00", "%FF", "x".repeat(129)],
  plan: ["%00", "%FF", LONG],
  rebuild: ["%00", "%FF", LONG],
  reconciliation: ["%00", "%FF", LONG],
  replay: ["%00", "%FF", LONG],
  run: ["%00", "%FF", LONG],
  source: ["%00", "%FF", LONG],
  subject: ["%00", "dist:a%0Ab", "%FF", LONG],
  writeoff: ["%00", "%FF", LONG],
};

describe("every route", () => {
  const routes = () => readRoutes(rig.ports).filter(({ path }) => path.includes(":tenant"));
  const lineOf = (path: string, places: Readonly<Record<string, string>>) =>
    path
      .replace("/v1/tenants/:tenant/", "")
      .replaceAll(/:(\w+)/g, (_, name: string) => places[name] ?? `no place for ${name}`);

  test("names the parameter of its path that is bad", async () => {
    for (const { method, path } of routes()) {
      for (const [, name = ""] of path.replace(":tenant", "").matchAll(/:(\w+)/g)) {
        const lines = (BAD_PLACES[name] ?? [""]).map(
          (value) => `${method} ${lineOf(path, { ...PLACES, [name]: value })}`,
        );
        expect(await unrefused(lines, new RegExp(`^${name} [a-z_]+$`))).toEqual([]);
      }
    }
  });

  test("that reads refuses a parameter that it does not know", async () => {
    const reads = routes().filter(({ method }) => method === "GET");
    const lines = reads.map(({ path }) => withQuery(lineOf(path, PLACES), "nonsense=1"));
    expect(await unrefused(lines, /nonsense unknown_parameter/)).toEqual([]);
  });
});
