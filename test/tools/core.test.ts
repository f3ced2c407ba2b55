import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { Webhook } from "standardwebhooks";
import { afterEach, describe, expect, test } from "vitest";
import { EVENT_TYPES } from "#src/core/contracts/catalogue.ts";
import { readEnvelope } from "#src/core/contracts/envelope.ts";
import {
  bucketOf,
  formatBucket,
  TIME_LEVELS,
  type TimeLevel,
} from "#src/core/reconciliation/buckets.ts";
import { type CoreLine, digestLineOf } from "#src/core/reconciliation/core-line.ts";
import { addLines, digestOf, type Fingerprint, NO_LINES } from "#src/core/reconciliation/digest.ts";
import { PART_DIGITS_MAX, partOf, shardOf } from "#src/core/reconciliation/shard.ts";
import {
  canonicalBalance,
  readBalances,
  readDigests,
  readEvents,
  readLines,
} from "#src/core/reconciliation/wire.ts";
import { type CoreOptions, type ReferenceCore, startCore } from "../../tools/core/core.ts";
import type { DriftKind } from "../../tools/core/drift.ts";

const sha256 = (data: string | Uint8Array): Uint8Array =>
  new Uint8Array(createHash("sha256").update(data).digest());

const NOW = Date.parse("2026-11-22T12:00:00Z");
const HOUR = 3_600_000;

const open: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

async function start(options: CoreOptions = {}): Promise<ReferenceCore> {
  const core = await startCore({ nowMs: () => NOW, auth: "t0ken", adminToken: "adm", ...options });
  open.push(() => core.close());
  return core;
}

const sales = (lines: number, more: object = {}) => ({
  lines,
  distributors: 40,
  seed: 7,
  fromMs: NOW - 400 * HOUR,
  toMs: NOW,
  currency: "USD",
  events: "told" as const,
  ...more,
});

async function get(core: ReferenceCore, question: string, auth = "Bearer t0ken") {
  const response = await fetch(`${core.url}${question}`, { headers: { Authorization: auth } });
  const body: unknown = await response.json();
  return { status: response.status, body };
}

async function admin(core: ReferenceCore, line: string, body?: unknown, token = "adm") {
  const [method = "GET", route = "/"] = line.split(" ");
  const response = await fetch(`${core.url}${route}`, {
    method,
    headers: { Authorization: `Bearer ${token}` },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const answer: unknown = await response.json();
  return { status: response.status, body: answer };
}

/** Every line, a page after the other. */
async function listed(core: ReferenceCore, question: string): Promise<CoreLine[]> {
  const lines: CoreLine[] = [];
  let cursor: string | undefined = "";
  while (cursor !== undefined) {
    const { body } = await get(core, `${question}${cursor === "" ? "" : `&cursor=${cursor}`}`);
    const page = readLines(body);
    if (!page.ok) throw new Error(JSON.stringify(page.refusal));
    lines.push(...page.value.items);
    cursor = page.value.nextCursor;
  }
  return lines;
}

const RANGE = {
  month: "from=2026-10-01T00:00:00Z&to=2026-12-01T00:00:00Z",
  day: "from=2026-11-01T00:00:00Z&to=2026-12-01T00:00:00Z",
  hour: "from=2026-11-01T00:00:00Z&to=2026-12-01T00:00:00Z",
  part: "from=2026-11-21T00:00:00Z&to=2026-11-22T00:00:00Z",
};

/** The digests that our own code makes of lines. */
function expectedOf(lines: readonly CoreLine[], level: TimeLevel) {
  const sums = new Map<string, Fingerprint>();
  for (const line of lines) {
    const name = formatBucket(bucketOf(line, level, sha256));
    sums.set(name, addLines(sums.get(name) ?? NO_LINES, [digestLineOf(line)], sha256));
  }
  return [...sums]
    .map(([name, sum]) => ({ name, lines: sum.lines, digest: digestOf(sum, sha256) }))
    .toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

async function digestsOf(core: ReferenceCore, level: TimeLevel | "balances", more = "") {
  const range = level === "balances" ? "" : `&${RANGE[level]}`;
  const { body } = await get(core, `/recon/digests?level=${level}${range}${more}`);
  const read = readDigests(body);
  if (!read.ok) throw new Error(JSON.stringify(read.refusal));
  return read.value;
}

const isOfPart = ({ effective_ms }: CoreLine) =>
  effective_ms >= Date.parse("2026-11-21") && effective_ms < Date.parse("2026-11-22");

async function expectDigests(core: ReferenceCore, asOf = ""): Promise<void> {
  const lines = await listed(core, `/ledger?updated_since=1970-01-01T00:00:00Z&limit=300${asOf}`);
  for (const level of TIME_LEVELS) {
    const shown = level === "part" ? lines.filter(isOfPart) : lines;
    const { items } = await digestsOf(core, level, asOf);
    expect(items).toEqual(expectedOf(shown, level));
  }
}

const bigOf = (littleEndian: Uint8Array): bigint =>
  BigInt(`0x${Buffer.from(littleEndian.toReversed()).toString("hex")}`);

async function expectBalances(core: ReferenceCore, asOf = ""): Promise<void> {
  const { body } = await get(core, `/recon/balances?limit=1000${asOf}`);
  const read = readBalances(body);
  if (!read.ok) throw new Error(JSON.stringify(read.refusal));
  const byShard = Map.groupBy(read.value.items, (row) => shardOf(row.distributor_id, sha256));
  const expected = [...byShard].map(([shard, rows]) => {
    const sum = rows.reduce((total, row) => total + bigOf(sha256(canonicalBalance(row))), 0n);
    const text = (sum % (1n << 256n)).toString(16).padStart(64, "0");
    const lines = rows.length;
    return {
      name: `balances/${shard}`,
      lines,
      digest: digestOf({ lines, sum: text }, sha256),
    };
  });
  const { items } = await digestsOf(core, "balances", asOf);
  expect(items).toEqual(expected.toSorted((one, other) => (one.name < other.name ? -1 : 1)));
}

const KINDS: readonly DriftKind[] = [
  ...(["lose", "add", "remove", "amount", "currency", "release"] as const),
  ...(["hold", "reverse", "time", "duplicate", "balance", "delay", "repeat"] as const),
];

describe("the reference core's digests", () => {
  test("are those of its lines and balances, as our own code makes them", async () => {
    const core = await start();
    core.sell(sales(1500));
    await expectDigests(core);
    await expectBalances(core);
  });

  test("follow every kind of change, now and as of before it", async () => {
    const core = await start();
    core.sell(sales(600));
    const before = { asOf: String(core.state().as_of_seq), month: await digestsOf(core, "month") };
    const balances = await digestsOf(core, "balances");
    for (const [at, kind] of KINDS.entries()) {
      const ids = core.drift({ kind, count: 5, seed: at + 1 });
      expect({ kind, ids: new Set(ids).size }).toEqual({ kind, ids: 5 });
    }
    await expectDigests(core);
    await expectBalances(core);
    const asOf = `&as_of_seq=${before.asOf}`;
    await expectDigests(core, asOf);
    expect(await digestsOf(core, "month", asOf)).toEqual(before.month);
    expect(await digestsOf(core, "balances", asOf)).toEqual(balances);
    expect((await digestsOf(core, "month")).items).not.toEqual(before.month.items);
  });

  test("name totals where they are asked for, and only the shards that are", async () => {
    const core = await start();
    core.sell(sales(300));
    const { items } = await digestsOf(core, "month", "&shard=3&shard=17&shard=40&totals=true");
    expect(items.length).toBeGreaterThan(0);
    const lines = await listed(core, "/ledger?updated_since=1970-01-01T00:00:00Z");
    for (const { name, totals } of items) {
      const own = lines.filter((line) => formatBucket(bucketOf(line, "month", sha256)) === name);
      const sum = addLines(NO_LINES, own.map(digestLineOf), sha256);
      expect(totals).toEqual(sum.totals);
      expect(["3", "17", "40"]).toContain(name.split("/")[1]);
    }
  });

  test("survive the process, and go on", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "core-"));
    open.push(() => rmSync(folder, { recursive: true }));
    const file = path.join(folder, "core.db");
    const first = await startCore({ file, nowMs: () => NOW });
    first.sell(sales(200));
    const { as_of_seq } = first.state();
    await first.close();
    const core = await start({ file });
    expect(core.state()).toMatchObject({ as_of_seq, lines: 200 });
    core.sell(sales(50, { seed: 8 }));
    await expectDigests(core);
    await expectBalances(core);
  });
});

describe("the reference core's parts", () => {
  const at = Date.parse("2026-11-21T05:00:00Z");
  const crowded = (lines: number) => sales(lines, { fromMs: at, toMs: at });

  test("are cut up further, digit by digit, as our own code cuts them", async () => {
    const core = await start();
    core.sell(crowded(1500));
    const before = String(core.state().as_of_seq);
    const lines = await listed(core, "/ledger?updated_since=1970-01-01T00:00:00Z");
    core.drift({ kind: "amount", count: 20, seed: 1 });
    const [first] = (await digestsOf(core, "part")).items;
    let parents = [first?.name ?? ""];
    for (let digits = 2; digits <= PART_DIGITS_MAX; digits += 1) {
      const within = parents.map((name) => `&within=${name}`).join("");
      const { body } = await get(core, `/recon/digests?level=part${within}&as_of_seq=${before}`);
      const read = readDigests(body);
      if (!read.ok) throw new Error(JSON.stringify(read.refusal));
      const { items, partDigits } = read.value;
      expect(partDigits).toBe(PART_DIGITS_MAX);
      const cut = Map.groupBy(lines, (line) => {
        const { fromMs, shard } = bucketOf(line, "hour", sha256);
        const part = partOf(line.line_id, sha256, digits);
        return formatBucket({ level: "part", fromMs, shard, part });
      });
      const own = [...cut].filter(([name]) => parents.includes(name.slice(0, -1)));
      expect(items).toEqual(
        own
          .map(([name, of]) => {
            const sum = addLines(NO_LINES, of.map(digestLineOf), sha256);
            return { name, lines: of.length, digest: digestOf(sum, sha256) };
          })
          .toSorted((one, other) => (one.name < other.name ? -1 : 1)),
      );
      const [name, of] = own[0] ?? ["", []];
      const shown = await listed(core, `/ledger?bucket=${name}&as_of_seq=${before}`);
      expect(shown).toEqual(of);
      parents = items.map((item) => item.name);
    }
  });

  test("are asked for as the interface says", async () => {
    const core = await start();
    core.sell(crowded(10));
    const ask = async (query: string) => (await get(core, `/recon/digests?${query}`)).status;
    const name = "2026-11-21T05/17/a";
    expect(await ask(`level=part&within=${name}`)).toBe(200);
    expect(await ask(`level=hour&within=${name}`)).toBe(400);
    expect(await ask(`level=part&within=${name}&shard=17`)).toBe(200);
    expect(await ask(`level=part&within=${name}&from=2026-11-21T05:00:00Z`)).toBe(400);
    expect(await ask(`level=part&within=${name}3f0`)).toBe(400);
    expect(await ask(`level=part&within=${name}&within=${name}3`)).toBe(400);
    expect(await ask(`level=part&within=${name}&within=2026-11-21T06/17/a`)).toBe(400);
    expect(await ask("level=part&within=2026-11-21T05/17")).toBe(400);
    const many = Array.from({ length: 101 }, () => `&within=${name}`).join("");
    expect(await ask(`level=part${many}`)).toBe(400);
  });

  test("are whole where the core offers no more, and says so", async () => {
    const core = await start({ without: ["within"] });
    core.sell(crowded(10));
    expect(await digestsOf(core, "part")).not.toHaveProperty("partDigits");
    const { status } = await get(core, "/recon/digests?level=part&within=2026-11-21T05/17/a");
    expect(status).toBe(404);
  });
});

describe("the reference core's listings", () => {
  test("show a bucket's lines of every level, each once", async () => {
    const core = await start();
    core.sell(sales(800));
    const all = await listed(core, "/ledger?updated_since=1970-01-01T00:00:00Z&limit=77");
    expect(new Set(all.map(({ line_id }) => line_id)).size).toBe(800);
    for (const level of TIME_LEVELS) {
      const [line] = all;
      if (line === undefined) throw new Error("It sold 800");
      const name = formatBucket(bucketOf(line, level, sha256));
      const own = all.filter((one) => formatBucket(bucketOf(one, level, sha256)) === name);
      const shown = await listed(core, `/ledger?bucket=${name}&limit=2`);
      const ids = (lines: CoreLine[]) => lines.map(({ line_id }) => line_id).toSorted();
      expect(ids(shown)).toEqual(ids(own));
    }
  });

  test("show lines by id and by change, as of before", async () => {
    const core = await start();
    const [one = "", other = ""] = core.sell(sales(2));
    const asOf = core.state().as_of_seq;
    core.drift({ kind: "amount", count: 1, seed: 1, lineIds: [one], byMinor: 5 });
    core.drift({ kind: "remove", count: 1, seed: 1, lineIds: [other] });
    const now = await listed(core, `/ledger?line_id=${one}&line_id=${other}`);
    const then = await listed(core, `/ledger?line_id=${one}&line_id=${other}&as_of_seq=${asOf}`);
    expect([now.length, then.length]).toEqual([1, 2]);
    expect((now[0]?.amount_minor ?? 0) - (then[0]?.amount_minor ?? 0)).toBe(5);
    const since = new Date(NOW).toISOString();
    expect(await listed(core, `/ledger?updated_since=${since}`)).toEqual(now);
  });

  test("show events of a stream, without gaps, that our contracts take", async () => {
    const core = await start();
    core.sell(sales(300));
    core.drift({ kind: "lose", count: 10, seed: 3 });
    const { body } = await get(core, "/ledger?stream=dist:D3&epoch=0&from=1&to=1000");
    const read = readEvents(body);
    if (!read.ok) throw new Error(JSON.stringify(read.refusal));
    const { items } = read.value;
    expect(items.length).toBeGreaterThan(5);
    expect(items.map(({ seq }) => seq)).toEqual(items.map((_, at) => at + 1));
    const where = { tenant: "acme", source: "core" };
    expect(items.filter((event) => !readEnvelope(event, where).ok)).toEqual([]);
    expect(EVENT_TYPES).toContain(items[0]?.type);
    const part = readEvents((await get(core, "/ledger?stream=dist:D3&from=2&to=3")).body);
    expect(part.ok && part.value.items).toEqual(items.slice(1, 3));
  });
});

describe("the reference core that names its source", () => {
  test("names it in each event, to one that has several sources", async () => {
    const core = await start({ source: "core-2" });
    core.sell(sales(100));
    const { body } = await get(core, "/ledger?stream=dist:D3&epoch=0&from=1&to=1000");
    const read = readEvents(body);
    if (!read.ok) throw new Error(JSON.stringify(read.refusal));
    const named = read.value.items.map((event) => "source" in event && event["source"]);
    expect([...new Set(named)]).toEqual(["core-2"]);
  });
});

describe("the reference core restored from a backup", () => {
  test("is as it was, in the next epoch, and goes on from there", async () => {
    const core = await start();
    core.sell(sales(200));
    const then = { state: core.state(), month: (await digestsOf(core, "month")).items };
    core.sell(sales(100, { seed: 9 }));
    core.drift({ kind: "amount", count: 20, seed: 1 });
    core.drift({ kind: "remove", count: 20, seed: 1 });
    expect(core.restore(then.state.as_of_seq)).toBe(then.state.as_of_seq);
    expect(core.state()).toMatchObject({ epoch: 1, lines: 200, as_of_seq: then.state.as_of_seq });
    expect((await digestsOf(core, "month")).items).toEqual(then.month);
    await expectBalances(core);
    expect((await get(core, `/recon/balances?as_of_seq=${then.state.as_of_seq + 1}`)).status).toBe(
      409,
    );

    const [id = ""] = core.sell(sales(1, { seed: 11, distributors: 1 }));
    expect(id.startsWith("LE1-")).toBe(true);
    const { body } = await get(core, "/ledger?stream=dist:D1&epoch=1&from=1&to=9");
    expect(body).toMatchObject({ epoch: 1, items: [{ epoch: 1, seq: 1 }] });
    await expectDigests(core);
  });

  test("goes back to the end of a transaction, never into one", async () => {
    const core = await start();
    core.sell(sales(10));
    const { as_of_seq } = core.state();
    core.sell(sales(10, { seed: 2 }));
    expect(core.restore(as_of_seq + 3)).toBe(as_of_seq);
    await expectBalances(core);
  });
});

describe("what the reference core tells the gateway", () => {
  const SECRET = `whsec_${Buffer.from("0123456789abcdef01234567").toString("base64")}`;

  async function gateway(statuses: number[]) {
    const got: { id: string; seq?: number; key: string }[][] = [];
    const server = createServer((request, response) => {
      const pieces: Buffer[] = [];
      request.on("data", (piece: Buffer) => pieces.push(piece));
      request.on("end", () => {
        const body = Buffer.concat(pieces).toString();
        const headers: Record<string, string> = {};
        for (const [name, value] of Object.entries(request.headers)) headers[name] = String(value);
        const status = statuses.shift() ?? 202;
        const verified: unknown = new Webhook(SECRET).verify(body, headers);
        if (status === 202) got.push(JSON.parse(JSON.stringify(verified)));
        response.writeHead(status, { "Retry-After": "0" }).end("{}");
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    open.push(() => new Promise<void>((resolve) => server.close(() => resolve())));
    const address = server.address();
    const port = typeof address === "object" ? address?.port : 0;
    return { url: `http://127.0.0.1:${port}/in/acme/core`, got };
  }

  test("is signed, in order, sent again while it is busy, and told once", async () => {
    const { url, got } = await gateway([429, 503, 202]);
    const core = await start({ gateway: { url, secret: SECRET }, nowMs: Date.now });
    core.sell(sales(250, { events: "waiting", distributors: 5 }));
    const waiting = core.state().events_waiting;
    expect(await core.tell()).toBe(waiting);
    const events = got.flat();
    expect(new Set(events.map(({ id }) => id)).size).toBe(waiting);
    const streams = Map.groupBy(
      events.filter(({ seq }) => seq !== undefined),
      ({ key }) => key,
    );
    for (const stream of streams.values()) {
      expect(stream.map(({ seq }) => seq)).toEqual(stream.map((_, at) => at + 1));
    }
    expect(await core.tell()).toBe(0);
    core.drift({ kind: "repeat", count: 3, seed: 1 });
    expect(await core.tell()).toBeGreaterThanOrEqual(3);
  });

  test("leaves out what is lost, never made or not due yet", async () => {
    const { url, got } = await gateway([]);
    let nowMs = Date.now();
    const core = await start({ gateway: { url, secret: SECRET }, nowMs: () => nowMs });
    core.sell(sales(20));
    core.drift({ kind: "lose", count: 5, seed: 1 });
    core.drift({ kind: "add", count: 5, seed: 2 });
    const late = core.drift({ kind: "delay", count: 5, seed: 3, byMs: 30_000 });
    expect(await core.tell()).toBe(0);
    nowMs += 30_000;
    expect(await core.tell()).toBeGreaterThanOrEqual(5);
    expect(JSON.stringify(got)).toContain(`"${late[0]}"`);
  });

  test("is an error where the gateway refuses it", async () => {
    const { url } = await gateway([422]);
    const core = await start({ gateway: { url, secret: SECRET }, nowMs: Date.now });
    core.sell(sales(1, { events: "waiting" }));
    await expect(core.tell()).rejects.toThrow("Cannot tell the gateway: 422");
    expect(core.state().events_waiting).toBeGreaterThan(0);
  });
});

describe("a bad question", () => {
  const DAY = "from=2026-11-19T00:00:00Z&to=2026-11-20T00:00:00Z";

  test.each([
    { question: "/recon/digests", path: "level", rule: "required" },
    { question: "/recon/digests?level=week", path: "level", rule: "enum" },
    { question: "/recon/digests?level=day", path: "from", rule: "required" },
    { question: "/recon/digests?level=day&from=2026-11-19&to=x", path: "from", rule: "format" },
    { question: `/recon/digests?level=month&${DAY}`, path: "from", rule: "aligned" },
    {
      question: "/recon/digests?level=day&from=2026-11-20T00:00:00Z&to=2026-11-19T00:00:00Z",
      path: "to",
      rule: "range",
    },
    {
      question: "/recon/digests?level=part&from=2026-11-19T00:00:00Z&to=2026-11-20T01:00:00Z",
      path: "to",
      rule: "range",
    },
    { question: `/recon/digests?level=day&${DAY}&shard=64`, path: "shard", rule: "range" },
    { question: `/recon/digests?level=day&${DAY}&cursor=%25`, path: "cursor", rule: "format" },
    { question: `/recon/digests?level=day&${DAY}&as_of_seq=x`, path: "as_of_seq", rule: "range" },
    { question: `/recon/digests?level=day&level=day&${DAY}`, path: "level", rule: "once" },
    { question: "/ledger", path: "bucket", rule: "one_of" },
    { question: "/ledger?bucket=2026-11/1&line_id=L1", path: "bucket", rule: "one_of" },
    { question: "/ledger?bucket=2026-11-31/1", path: "bucket", rule: "bucket" },
    { question: "/ledger?bucket=balances/1", path: "bucket", rule: "bucket" },
    { question: "/ledger?bucket=2026-11/1&limit=0", path: "limit", rule: "range" },
    { question: "/ledger?bucket=2026-11/1&limit=1001", path: "limit", rule: "range" },
    { question: "/ledger?bucket=2026-11/1&cursor=W10", path: "cursor", rule: "format" },
    { question: "/ledger?stream=dist:1", path: "from", rule: "required" },
    { question: "/ledger?stream=dist:1&from=3&to=2", path: "to", rule: "range" },
    { question: "/recon/balances?of=1", path: "of", rule: "unknown" },
  ])("$question breaks $rule of $path", async ({ question, path: at, rule }) => {
    const core = await start();
    const { status, body } = await get(core, question);
    expect({ status, body }).toMatchObject({ status: 400, body: { errors: [{ path: at, rule }] } });
  });

  test("is one with another credential, method or path", async () => {
    const core = await start();
    expect((await get(core, "/recon/balances", "Bearer wrong")).status).toBe(401);
    expect((await get(core, "/recon/balances", "t0ken")).status).toBe(401);
    expect((await get(core, "/elsewhere")).status).toBe(404);
    const headers = { Authorization: "Bearer t0ken" };
    const posted = await fetch(`${core.url}/ledger`, { method: "POST", headers });
    expect(posted.status).toBe(405);
  });
});

describe("the administrator", () => {
  test("sells, makes it drift, lie and go back, over HTTP", async () => {
    const core = await start();
    expect(await admin(core, "POST /admin/sales", { lines: 50, events: "told" })).toMatchObject({
      status: 200,
      body: { sold: 50, lines: 50 },
    });
    const { as_of_seq } = core.state();
    const drifted = await admin(core, "POST /admin/drift", { kind: "remove", count: 7 });
    expect(drifted).toMatchObject({ status: 200, body: { lines: 43 } });
    const faults = [{ kind: "status", status: 503, retry_after_s: 1, times: 1 }];
    expect((await admin(core, "PUT /admin/faults", faults)).body).toMatchObject({ faults });
    expect((await get(core, "/recon/balances")).status).toBe(503);
    expect((await get(core, "/recon/balances")).status).toBe(200);
    const back = await admin(core, "POST /admin/restore", { to_seq: as_of_seq });
    expect(back.body).toMatchObject({ restored_to_seq: as_of_seq, epoch: 1, lines: 50 });
    expect(await admin(core, "DELETE /admin/faults")).toMatchObject({ body: { faults: [] } });
    expect(await admin(core, "GET /admin")).toMatchObject({ status: 200 });
  });

  test.each([
    { line: "POST /admin/drift", body: {}, status: 422, says: "kind" },
    { line: "POST /admin/drift", body: { kind: "melt" }, status: 422, says: "kind" },
    { line: "POST /admin/drift", body: { kind: "add", n: 1 }, status: 422, says: "unknown" },
    { line: "POST /admin/drift", body: { kind: "remove" }, status: 422, says: "found 0" },
    { line: "POST /admin/drift", body: [], status: 422, says: "object" },
    {
      line: "POST /admin/drift",
      body: { kind: "remove", line_ids: ["L9"] },
      status: 422,
      says: "there is none",
    },
    { line: "POST /admin/sales", body: { lines: -1 }, status: 422, says: "lines" },
    { line: "PUT /admin/faults", body: [{ kind: "x" }], status: 422, says: "[0].kind" },
    { line: "POST /admin/restore", body: { to_seq: 7 }, status: 422, says: "to_seq" },
    { line: "POST /admin/tell", body: {}, status: 409, says: "No gateway" },
    { line: "GET /admin/secrets", body: undefined, status: 404, says: "There is" },
  ])("is told what is wrong with $line $body", async ({ line, body, status, says }) => {
    const core = await start();
    const answer = await admin(core, line, body);
    expect(answer.status).toBe(status);
    expect(JSON.stringify(answer.body)).toContain(JSON.stringify(says).slice(1, -1));
  });

  test("has a token of its own", async () => {
    const core = await start();
    expect((await admin(core, "GET /admin", undefined, "t0ken")).status).toBe(401);
    expect((await get(core, "/recon/balances", "Bearer adm")).status).toBe(401);
  });
});
