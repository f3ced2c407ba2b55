import { describe, expect, test } from "vitest";
import { corePort } from "#src/compose/core-port.ts";
import { coreClient } from "#src/edge/core-client/client.ts";
import {
  againstCore,
  type AgainstCore,
  coreLine,
  coreLines,
  HOUR_MS,
  later,
  MINUTE_MS,
  onFakeDates,
} from "./against-core.ts";

onFakeDates();

type Over = NonNullable<AgainstCore["lie"]["over"]>;

const ALIKE = coreLines("B", 1, 4);

const start = ({ line: { company } }: AgainstCore, body: object) =>
  company.api(`POST /v1/tenants/${company.tenant}/reconciliations`, body);

const amounts = async ({ select }: AgainstCore) =>
  (await select("SELECT line_id, amount_minor FROM lines WHERE tenant = ? ORDER BY 1")).map((row) =>
    Object.values(row).join(" "),
  );

describe("a run whose step throws", () => {
  test("is given up after some calls, and another one begins", async () => {
    const found = await againstCore(["B"], ALIKE.slice(1), { lines: ALIKE });
    const broken = { putBreaks: () => Promise.reject(new Error("D1_ERROR: too big")) };
    const run = await found.run("window", broken);
    expect(run).toMatchObject({ state: "failed", error: { kind: "broke" } });
    // What was thrown stands in the log, and nowhere else.
    expect(JSON.stringify(run["error"])).toContain("judge");
    expect(JSON.stringify(run["error"])).not.toContain("D1_ERROR");
    expect(await found.run()).toMatchObject({ state: "done", healed: 1 });
  });

  test("goes on where it was once that has passed", async () => {
    const found = await againstCore(["B"], ALIKE.slice(1), { lines: ALIKE });
    let calls = 0;
    const broken: Parameters<AgainstCore["run"]>[1] = {
      lagMs: () => {
        calls += 1;
        return calls < 4 ? Promise.reject(new Error("Not now")) : Promise.resolve(0);
      },
    };
    expect(await found.run("window", broken)).toMatchObject({ state: "done", healed: 1 });
    expect(calls).toBe(4);
  });

  test("and whose calls leave no trace is given up after six hours, before anything is asked", async () => {
    const found = await againstCore(["B"], ALIKE, { lines: ALIKE });
    expect((await start(found, { kind: "lines" })).status).toBe(202);
    later(6 * HOUR_MS + MINUTE_MS);
    const core = () => Promise.reject(new Error("Dies here, whenever it is asked"));
    const run = await found.run("lines", { core });
    expect(run).toMatchObject({ state: "failed", error: { kind: "too_long" } });
  });

  test("a core of which nothing comes while a call may ask is told of as one that does not answer", async () => {
    const found = await againstCore(["B"], ALIKE, { lines: ALIKE });
    const limits = { requests: 0, bytes: 1000, rate: { reserve: () => 0 } };
    const world = { fetch, nowMs: Date.now, wait: async () => {}, random: () => 0 };
    const access = { url: "https://silent.example", auth: "secret" };
    const core = async () => corePort(coreClient(access, limits, world));
    expect(await found.run("window", { core })).toMatchObject({
      state: "failed",
      error: { kind: "timeout" },
    });
  });

  test.each([
    { kind: "lines", to: "9999-12-31" },
    { kind: "lines", from: "0000-01-01", to: "9999-12-31T23:59:59.999Z" },
    { kind: "window", to: "0000-01-01" },
  ] as const)("is none over $from to $to", async (body) => {
    const found = await againstCore(["B"], ALIKE, { lines: ALIKE });
    expect((await start(found, body)).status).toBe(202);
    expect(await found.run(body.kind)).toMatchObject({ state: "done", differing: 0 });
  });
});

describe("lines that are not those that the core's own digest counts", () => {
  const DRIFTED = [...ALIKE.slice(0, 2), coreLine("B-3", { amount_minor: 500 })];
  const garbled: Over = (url, body) =>
    url.searchParams.get("bucket")?.endsWith(SHARD_OF_B) === true
      ? {
          ...body,
          items: (body.items ?? [])
            .filter(({ line_id }) => line_id !== "B-2")
            .map((item) => (item["line_id"] === "B-1" ? { ...item, amount_minor: 999 } : item)),
        }
      : body;
  /** SHA-256 of `B` begins with df. */
  const SHARD_OF_B = `/${0xdf % 64}`;

  test("heal nothing, open nothing, and the run says so", async () => {
    const lines = [...DRIFTED, coreLine("C-1", { amount_minor: 450 })];
    const found = await againstCore(["B", "C"], [...ALIKE, coreLine("C-1")], { lines });
    found.lie.over = garbled;
    const run = await found.run();
    expect(run).toMatchObject({ state: "failed", error: { kind: "digest_contradicted" } });
    expect(JSON.stringify(run["error"])).toContain(`2026-11-19${SHARD_OF_B}:`);
    expect([run.expected, run.covered]).toEqual([4, 1]);
    // What is told without a contradiction is healed all the same.
    expect(await found.breaks()).toEqual(["AMOUNT C-1 correct"]);
    expect(await amounts(found)).toEqual(["B-1 400", "B-2 400", "B-3 400", "C-1 450"]);
    delete found.lie.over;
    later(20 * MINUTE_MS);
    expect(await found.run()).toMatchObject({ state: "done", healed: 1 });
    expect(await amounts(found)).toEqual(["B-1 400", "B-2 400", "B-3 500", "C-1 450"]);
  });

  test("are listed all the time where all digests are wrong: the run says so", async () => {
    const found = await againstCore(["B"], ALIKE, { lines: ALIKE });
    found.lie.over = (url, body) =>
      url.pathname === "/recon/digests" && Array.isArray(body["buckets"])
        ? { ...body, buckets: body["buckets"].map(([name, n]) => [name, n, "0".repeat(32)]) }
        : body;
    expect(await found.run()).toMatchObject({
      state: "failed",
      differing: 0,
      error: { kind: "digest_contradicted" },
    });
    expect(await found.breaks()).toEqual([]);
  });

  test("are all right where a line has changed since, and is left out of both from then on", async () => {
    const found = await againstCore(["B"], ALIKE, { lines: DRIFTED });
    found.lie.over = (url, body) => {
      // As of a change that lies behind: a core without a past leaves out what has changed.
      if (url.pathname === "/recon/digests") found.books.lines = DRIFTED.slice(1);
      return body;
    };
    expect(await found.run()).toMatchObject({ state: "done", healed: 1 });
    expect(found.books.asked.filter((one) => one.includes("digests"))).toHaveLength(2);
  });
});

describe("a core that is behind what it told before", () => {
  const as =
    (as_of_seq: string, epoch = 0): Over =>
    (_url, body) => ({
      ...body,
      as_of_seq,
      epoch,
    });

  test("in changes is not believed", async () => {
    const given = [coreLine("B-1"), coreLine("B-2", { amount_minor: 450 }), coreLine("B-3")];
    const found = await againstCore(["B"], given, { lines: given });
    found.lie.over = as("100");
    expect(await found.run()).toMatchObject({ state: "done", differing: 0 });
    later(20 * MINUTE_MS);
    // A replica that knows of neither the correction nor the third line.
    found.books.lines = coreLines("B", 1, 3);
    found.lie.over = as("50");
    expect(await found.run()).toMatchObject({
      state: "failed",
      error: {
        kind: "seq_fell",
        detail:
          "The core answers as of change 50 of epoch 0, and was at 100 before. If that is right, start a run with accept_epoch 0",
      },
    });
    expect(await found.breaks()).toEqual([]);
    expect(await amounts(found)).toEqual(["B-1 400", "B-2 450", "B-3 400"]);
    found.books.lines = given;
    found.lie.over = as("101");
    expect(await found.run()).toMatchObject({ state: "done", differing: 0 });
  });

  test("in changes that it took back within the run is judged by those of before", async () => {
    const found = await againstCore(["B"], ALIKE.slice(1), { lines: ALIKE });
    expect(await found.run()).toMatchObject({ state: "done", healed: 1 });
    later(20 * MINUTE_MS);
    found.books.lines = [...ALIKE, coreLine("B-9")];
    // Another change with every answer: no run comes to its end.
    let changes = 100;
    found.lie.over = (_url, body) => {
      changes += 1;
      return { ...body, as_of_seq: String(changes) };
    };
    expect(await found.run()).toMatchObject({ state: "failed", error: { kind: "stale" } });
    delete found.lie.over;
    expect(await found.run()).toMatchObject({ state: "done", healed: 1 });
  });

  test("far ahead for once is not believed, and believed again afterwards", async () => {
    const found = await againstCore(["B"], ALIKE, { lines: ALIKE });
    expect(await found.run()).toMatchObject({ state: "done" });
    later(20 * MINUTE_MS);
    found.lie.over = as("1", 9_000_000);
    expect(await found.run()).toMatchObject({ state: "failed", error: { kind: "epoch_jumped" } });
    delete found.lie.over;
    later(20 * MINUTE_MS);
    expect(await found.run()).toMatchObject({ state: "done" });
  });

  test("is believed once a person has accepted its epoch, and compared whole", async () => {
    const found = await againstCore(["B"], ALIKE, { lines: ALIKE });
    // The first answer that it ever gave was wrong.
    found.lie.over = as("1", 9_000_000);
    expect(await found.run()).toMatchObject({ state: "done" });
    later(20 * MINUTE_MS);
    delete found.lie.over;
    expect(await found.run()).toMatchObject({ state: "failed", error: { kind: "epoch_fell" } });
    later(20 * MINUTE_MS);
    const refused = await start(found, { kind: "window", accept_epoch: 0 });
    expect(refused.status).toBe(422);
    expect(await refused.text()).toContain('"path":"reason","rule":"required"');
    const alone = await start(found, { kind: "window", reason: "Why" });
    expect(await alone.text()).toContain('"path":"reason","rule":"not_allowed"');
    // Another epoch than the core is in changes nothing.
    const other = { kind: "window", accept_epoch: 3, reason: "A guess" };
    expect((await start(found, other)).status).toBe(202);
    expect(await found.run()).toMatchObject({ state: "failed", error: { kind: "epoch_fell" } });
    const body = { kind: "window", accept_epoch: 0, reason: "Ticket 4713" };
    expect((await start(found, body)).status).toBe(202);
    expect(await found.run()).toMatchObject({ state: "done" });
    later(20 * MINUTE_MS);
    expect(await found.run()).toMatchObject({ state: "done" });
    const { control } = found.line.parts;
    const audited = await control
      .prepare("SELECT detail FROM audit WHERE tenant = ? AND action = 'reconciliation.start'")
      .bind(found.line.company.tenant)
      .all<{ detail: string }>();
    expect(audited.results.at(-1)?.detail).toContain('"accept_epoch":0,"reason":"Ticket 4713"');
    const job = `core:${found.line.company.tenant}:state`;
    const [state] = await found.select(
      `SELECT state FROM jobs WHERE job = '${job}' AND ? IS NOT NULL`,
    );
    expect(JSON.parse(String(state?.["state"]))).toMatchObject({ epoch: 0, due: "lines" });
  });
});

test("a core that says of a line that it has just changed, whenever it is asked, hides it for a day", async () => {
  const lines = [coreLine("B-1", { amount_minor: 450 }), ...ALIKE.slice(1)];
  const found = await againstCore(["B"], ALIKE, { lines });
  found.lie.over = (_url, body) => ({
    ...body,
    ...(body.items && {
      items: body.items.map((item) => ({ ...item, updated_at: new Date().toISOString() })),
    }),
  });
  for (let hours = 0; hours < 24; hours += 8) {
    expect(await found.run()).toMatchObject({ state: "done", in_flight: 1, healed: 0 });
    later(8 * HOUR_MS);
  }
  expect(await found.run()).toMatchObject({ state: "done", in_flight: 0, healed: 1 });
  expect(await amounts(found)).toEqual(["B-1 450", "B-2 400", "B-3 400"]);
  const flying = "SELECT line_id FROM differences WHERE tenant = ? AND run_id = 'in_flight'";
  expect(await found.select(flying)).toHaveLength(1);
  later(20 * MINUTE_MS);
  expect(await found.run()).toMatchObject({ differing: 0 });
  expect(await found.select(flying)).toEqual([]);
});

test("what takes long to get here is in flight for longer", async () => {
  const lines = [coreLine("B-1", { amount_minor: 450, updated_ms: Date.now() }), ...ALIKE.slice(1)];
  const found = await againstCore(["B"], ALIKE, { lines });
  const changed = { ...lines[0], updated_ms: Date.now() - 30 * MINUTE_MS };
  found.books.lines = [coreLine("B-1", changed), ...ALIKE.slice(1)];
  const lagMs = () => Promise.resolve(16 * MINUTE_MS);
  expect(await found.run("window", { lagMs })).toMatchObject({ in_flight: 1, healed: 0 });
  expect(await found.run()).toMatchObject({ in_flight: 0, healed: 1 });
});
