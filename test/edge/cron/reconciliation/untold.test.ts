import { createHash } from "node:crypto";
import { describe, expect, test, vi } from "vitest";
import { wireLineOf } from "#src/core/reconciliation/wire.ts";
import { shardOf } from "#src/core/reconciliation/shard.ts";
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

const shardOfB = shardOf("B", (data) => createHash("sha256").update(data).digest());
const BUCKET = `2026-11-19/${shardOfB}`;
const OURS = coreLines("B", 1, 3);
const OTHERS = coreLines("C", 1, 6);

const linesOf = async ({ lines }: AgainstCore, who: string) =>
  (await lines()).filter((one) => one.startsWith(`${who}/`));

/** What the core answers in the place of a right answer, where it is asked for that. */
function failing(isAsked: (url: URL) => boolean, answer: () => Response): () => number {
  const right = fetch;
  let times = 0;
  vi.stubGlobal("fetch", async (input: RequestInfo, init?: RequestInit) => {
    const url = new URL(input instanceof Request ? input.url : input);
    if (!isAsked(url)) return right(input, init);
    times += 1;
    return answer();
  });
  return () => times;
}

const isBucketOfB = (url: URL): boolean => url.searchParams.get("bucket") === BUCKET;
const broken = (): Response => new Response("boom", { status: 500 });

describe("a bucket that the core does not tell", () => {
  test.each([
    ["twice the same line", [coreLine("B-1"), coreLine("B-1")], 'line_id "B-1"'],
    ["an id that nobody takes", [...OURS, coreLine("B-2", { line_id: ".." })], 'line_id ".."'],
  ])("for %s is passed over, and named", async (_name, odd, named) => {
    const found = await againstCore(["B", "C"], OURS, { lines: [...odd, ...OTHERS] });
    const run = await found.run();
    expect(run).toMatchObject({ state: "failed", healed: 5, error: { kind: "not_told" } });
    expect(JSON.stringify(run["error"])).toContain(BUCKET);
    expect(run["error"]).toMatchObject({ detail: expect.stringContaining(named) });
    expect(await linesOf(found, "C")).toHaveLength(5);
    expect(await linesOf(found, "B")).toEqual(["B/B-1 held", "B/B-2 held"]);
    later(20 * MINUTE_MS);
    found.books.lines = [...OURS, ...OTHERS];
    expect(await found.run()).toMatchObject({ state: "done", open: 0 });
  });

  test("as it answers 500 for it is passed over, and no break of it is closed", async () => {
    const dear = coreLine("B-1", { amount_minor: 90_000 });
    const found = await againstCore(["B", "C"], OURS, { lines: [dear, ...OURS.slice(1)] });
    expect(await found.run()).toMatchObject({ state: "done", open: 1 });
    later(20 * MINUTE_MS);
    found.books.lines = [...coreLines("B", 1, 4), ...OTHERS];
    const times = failing(isBucketOfB, broken);
    expect(await found.run()).toMatchObject({
      state: "failed",
      healed: 5,
      open: 1,
      error: { kind: "not_told", detail: expect.stringContaining(`${BUCKET} (The core answered`) },
    });
    // Twice, four attempts each.
    expect(times()).toBe(8);
    expect(await found.breaks()).toContain("AMOUNT B-1 none above_limit");
    expect(await linesOf(found, "B")).toHaveLength(2);
  });

  test("keeps no epoch from being accepted", async () => {
    const found = await againstCore(["B"], OURS, { lines: OURS });
    found.lie.over = (_url, body) => ({ ...body, epoch: 9_000_000 });
    expect(await found.run()).toMatchObject({ state: "done" });
    later(20 * MINUTE_MS);
    delete found.lie.over;
    found.books.lines = [coreLine("B-1"), ...OURS];
    const { company } = found.line;
    const body = { kind: "window", accept_epoch: 0, reason: "Ticket 4713" };
    const path = `POST /v1/tenants/${company.tenant}/reconciliations`;
    expect((await company.api(path, body)).status).toBe(202);
    for (let i = 0; i < 2; i += 1) {
      expect(await found.run()).toMatchObject({ state: "failed", error: { kind: "not_told" } });
      later(20 * MINUTE_MS);
    }
  });

  test("once only is asked for again, and compared", async () => {
    const found = await againstCore(["B"], OURS, { lines: coreLines("B", 1, 4) });
    let times = 0;
    failing(
      (url) => {
        times += isBucketOfB(url) ? 1 : 0;
        return isBucketOfB(url) && times === 1;
      },
      () => new Response('{"as_of_seq": "1", "ep', { headers: JSON_TYPE }),
    );
    expect(await found.run()).toMatchObject({ state: "done", healed: 1 });
  });

  test("among too many of them has nothing concluded", async () => {
    const many = Array.from({ length: 12 }, (_, i) => `D${i}`);
    const lines = many.map((distributor_id, i) => coreLine(`D-${i}`, { distributor_id }));
    const found = await againstCore(["B"], OURS, { lines: [...OURS.slice(1), ...lines] });
    failing((url) => url.searchParams.has("bucket") && !isBucketOfB(url), broken);
    // A minute and more for each of them.
    await expect(found.run()).rejects.toThrow("does not end");
    expect(await found.run()).toMatchObject({
      state: "failed",
      healed: 0,
      error: { kind: "not_told", detail: expect.stringContaining("and 8 more") },
    });
    expect(await found.breaks()).toEqual([]);
  });

  test("without an end costs three calls", async () => {
    const found = await againstCore(["B", "C"], OURS, {
      lines: [...coreLines("B", 1, 4), ...OTHERS],
    });
    let page = 0;
    const times = failing(isBucketOfB, () => {
      page += 1;
      const items = [{ ...OURS[0], effective_at: "2026-11-19T08:00:00Z", line_id: `X-${page}` }];
      const wire = items.map((one) => ({ ...one, updated_at: "2026-11-19T08:00:00Z" }));
      const body = { as_of_seq: "1", epoch: 0, items: wire, next_cursor: `p${page}` };
      return Response.json(body);
    });
    expect(await found.run()).toMatchObject({ healed: 5, error: { kind: "not_told" } });
    expect(times()).toBeLessThanOrEqual(600);
  });
});

const JSON_TYPE = { "Content-Type": "application/json" };

test("a core that goes down amid a run is given up as one that does not answer, and soon", async () => {
  const found = await againstCore(["B", "C"], OURS, { lines: [...OURS.slice(1), ...OTHERS] });
  let isDown = false;
  const times = failing((url) => (isDown ||= url.pathname === "/ledger"), broken);
  expect(await found.run()).toMatchObject({ state: "failed", error: { kind: "status" } });
  // Five calls, one question each.
  expect(times()).toBe(20);
});

describe("a lookup", () => {
  const isOf = (id: string) => (url: URL) => url.searchParams.getAll("line_id").includes(id);

  test("that fails by one of its lines tells the others, and leaves that one alone", async () => {
    const all = coreLines("B", 1, 6);
    // Extra here: each is asked for by its id.
    const found = await againstCore(["B"], all, { lines: [] });
    failing(isOf("B-3"), broken);
    const run = await found.run();
    expect(run).toMatchObject({ state: "failed", open: 4, error: { kind: "not_told" } });
    expect(run["error"]).toMatchObject({ detail: expect.stringContaining('line "B-3"') });
    expect(await found.breaks()).toEqual(
      [1, 2, 4, 5].map((n) => `EXTRA_LOCAL B-${n} none waits_a_day`),
    );
  });
});

test("a core without digests and buckets has all of its lines compared but an odd one", async () => {
  const found = await againstCore(["B", "C"], coreLines("B", 1, 4), { lines: [] });
  const isPoor = (url: URL) => url.searchParams.has("bucket") || url.pathname === "/recon/digests";
  found.lie.lacks = isPoor;
  const given = [...coreLines("B", 1, 3), ...OTHERS].map(wireLineOf);
  const odd = { ...given[0], line_id: "B-3", amount_minor: -5 };
  found.lie.over = (url, body) => {
    const ids = url.searchParams.getAll("line_id");
    const items = [...given, odd].filter(
      ({ line_id }) => ids.length === 0 || ids.includes(line_id),
    );
    return url.pathname === "/ledger" ? { ...body, items } : body;
  };
  const run = await found.run();
  expect(run).toMatchObject({ state: "failed", healed: 5, open: 0, error: { kind: "not_told" } });
  expect(run["error"]).toMatchObject({ detail: expect.stringContaining('line_id "B-3"') });
  expect(await linesOf(found, "C")).toHaveLength(5);
  expect((await found.breaks()).filter((one) => !one.startsWith("MISSING_LOCAL C"))).toEqual([]);
});

describe("balances", () => {
  const other = coreLine("C-1", { amount_minor: 500 });
  const ours = [...coreLines("A", 1, 2), ...OURS, ...coreLines("C", 1, 2)];

  /** The core has other money, and no line says why. */
  async function otherMoney(change: (items: Readonly<Record<string, unknown>>[]) => unknown[]) {
    const found = await againstCore(["A", "B", "C"], ours, { lines: ours });
    found.lie.lacks = (url) => url.searchParams.get("level") === "balances";
    found.lie.over = (url, body) =>
      url.pathname === "/recon/balances"
        ? { ...body, items: change([...(body.items ?? [])].map((one) => moneyOf(one))) }
        : body;
    return found;
  }

  const moneyOf = (item: Readonly<Record<string, unknown>>) =>
    item["distributor_id"] === other.distributor_id
      ? { ...item, balances: { held: { USD: "500" } } }
      : item;

  test.each([
    ["of one distributor", (one: object) => ({ ...one, balances: { held: { USD: "0" } } })],
    ["of nobody knows whom", (one: object) => ({ ...one, distributor_id: null })],
  ])("told in an odd way %s are left out, and all others compared", async (_name, odd) => {
    const found = await otherMoney((items) =>
      items.map((one) => (one["distributor_id"] === "A" ? odd(one) : one)),
    );
    expect(await found.run("balances")).toMatchObject({
      state: "failed",
      open: 1,
      error: { kind: "not_told" },
    });
    expect(await found.breaks()).toEqual(["BALANCE_ONLY C none still_there"]);
  });

  test("of a shard for which the core answers 500 are left out", async () => {
    const found = await otherMoney((items) => items);
    found.lie.lacks = () => false;
    const { over } = found.lie;
    // All shards differ, and are listed.
    found.lie.over = (url, body) =>
      url.searchParams.get("level") === "balances" && Array.isArray(body["buckets"])
        ? { ...body, buckets: body["buckets"].map(([name, n]) => [name, n, "0".repeat(32)]) }
        : (over?.(url, body) ?? body);
    const isOfB = ({ pathname, searchParams }: URL) =>
      pathname === "/recon/balances" && searchParams.getAll("shard").includes(String(shardOfB));
    failing(isOfB, broken);
    const run = await found.run("balances");
    expect(run).toMatchObject({ state: "failed", open: 1, error: { kind: "not_told" } });
    expect(run["error"]).toMatchObject({
      detail: expect.stringContaining(`balances/${shardOfB} (The core answered with status 500)`),
    });
    expect(await found.breaks()).toEqual(["BALANCE_ONLY C none still_there"]);
  });

  test("of a shard one of whose lines is not told are left, and the others concluded", async () => {
    const found = await againstCore(["B", "C"], [...OURS, ...coreLines("C", 1, 2)], {
      lines: [coreLine("B-1"), ...OURS, other],
    });
    expect(await found.run("balances")).toMatchObject({
      state: "failed",
      healed: 1,
      error: { kind: "not_told" },
    });
    expect(await found.breaks()).toEqual(["AMOUNT C-1 correct"]);
  });
});
