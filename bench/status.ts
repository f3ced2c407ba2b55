import { setTimeout as wait } from "node:timers/promises";
import type { Bill } from "./billed/counting.ts";
import { bundle, strip } from "./bundle.ts";
import { enrolled, found, sign, TENANT } from "./company.ts";
import type { Findings, Options } from "./figure.ts";
import { layRequest, load } from "./load.ts";
import { OBJECTS, type Rig, startRig } from "./rig.ts";
import { alternate, compare } from "./rounds.ts";
import { savePlan } from "./sales.ts";

const DISTRIBUTORS = 200;
/** A few at a time, so that the figure is a read's time rather than its wait in line. */
const CONNECTIONS = 4;
const WARM_UP_SECONDS = 2;
const ENROLMENT_MS_MAX = 30_000;
const POLL_MS = 200;

const pathOf = (n: number): string => `/v1/tenants/${TENANT}/distributors/D${n}`;

/** The time of a status read, beside one row read by its key; what D1 reads for it is counted. */
export async function measureStatus({ rounds, seconds, directory }: Options): Promise<Findings> {
  const [oursScript, bareScript] = await Promise.all([
    bundle("bench/status-worker.ts", directory),
    strip("bare/status.ts"),
  ]);
  const ours = await startRig({ script: oursScript, objects: OBJECTS });
  const bare = await startRig({ script: bareScript });
  try {
    await found(ours);
    await savePlan(ours);
    await enrol(ours);
    await fill(ours);
    await copyRows(ours, bare);
    const keys = `POST /v1/tenants/${TENANT}/keys`;
    const { key } = await ours.call<{ key: string }>(keys, { role: "support" });
    const headers = { Authorization: `Bearer ${key}` };
    const requests = Array.from({ length: DISTRIBUTORS }, (_, n) =>
      layRequest(`GET ${pathOf(n)}`, headers),
    );
    const counted = await ours.call<Counted>(`GET /bench/counted${pathOf(0)}`);
    if (counted.status !== 200) return absent(counted.status);
    const drive = (rig: Rig, forSeconds: number) =>
      load({
        port: rig.port,
        requests,
        connections: CONNECTIONS,
        seconds: forSeconds,
        status: 200,
      });
    for (const rig of [ours, bare]) await drive(rig, WARM_UP_SECONDS);
    const pairs = await alternate(
      rounds,
      () => drive(ours, seconds),
      () => drive(bare, seconds),
    );
    return { figures: figuresOf(pairs, counted), rounds: { pairs, counted }, notes: NOTES };
  } finally {
    await Promise.all([ours.stop(), bare.stop()]);
  }
}

type Counted = Bill & { readonly status: number };

const NOTES = [
  `status: ${CONNECTIONS} connections, ${DISTRIBUTORS} distributors in turn, an API key of role support; ` +
    "with a frontline and volumes; the bare Worker reads its own row alone.",
];

const absent = (status: number): Findings => ({
  figures: [],
  rounds: [],
  notes: [`status: not measured, GET /v1/tenants/{t}/distributors/{id} answers ${status}.`],
});

/** Through the front door, until the mirror has them all. */
async function enrol({ port, miniflare }: Rig): Promise<void> {
  for (let n = 0; n < DISTRIBUTORS; n += 1) {
    const { path, headers, body } = await sign(enrolled({ distributor: `D${n}`, n: 1 }));
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: "POST",
      headers,
      body,
    });
    await response.arrayBuffer();
  }
  const database = await miniflare.getD1Database("MIRROR_0");
  const count = database.prepare("SELECT count(*) AS n FROM subjects WHERE view IS NOT NULL");
  const deadlineMs = Date.now() + ENROLMENT_MS_MAX;
  while ((await count.first<number>("n")) !== DISTRIBUTORS) {
    if (Date.now() > deadlineMs) throw new Error("Cannot measure: the enrolments are not mirrored");
    await wait(POLL_MS);
  }
}

/** What a status shows beside its own row: how many there are below, and what they sold this month. */
async function fill({ miniflare }: Rig): Promise<void> {
  const database = await miniflare.getD1Database("MIRROR_0");
  const people = "SELECT tenant, substr(subject, 6) AS id FROM subjects WHERE view IS NOT NULL";
  const month = new Date().toISOString().slice(0, 7);
  await database.batch([
    database.prepare(`INSERT INTO frontlines SELECT tenant, id, 3 FROM (${people})`),
    database
      .prepare(`INSERT INTO volumes SELECT tenant, id, ?, 10000, 10000, 50000 FROM (${people})`)
      .bind(month),
  ]);
}

async function copyRows(from: Rig, to: Rig): Promise<void> {
  const source = await from.miniflare.getD1Database("MIRROR_0");
  const target = await to.miniflare.getD1Database("MIRROR_0");
  const { results } = await source.prepare("SELECT * FROM subjects").all();
  const statements = results.map((row) => {
    const marks = Object.keys(row).map(() => "?");
    const insert = `INSERT INTO subjects (${Object.keys(row).join(", ")}) VALUES (${marks.join(", ")})`;
    return target.prepare(insert).bind(...Object.values(row));
  });
  await target.batch(statements);
}

type Pairs = Awaited<ReturnType<typeof alternate<Awaited<ReturnType<typeof load>>>>>;

function figuresOf(pairs: Pairs, counted: Bill): Findings["figures"] {
  const common = { group: "status" };
  const { d1Statements, d1RowsRead } = counted;
  return [
    { ...common, name: "D1 queries", unit: "per read", ours: d1Statements, ...atMost(1) },
    { ...common, name: "rows read", unit: "per read", ours: d1RowsRead, ...atMost(5) },
    {
      ...common,
      name: "rate",
      unit: "requests/s",
      ...compare(pairs, ({ perSecond }) => perSecond),
    },
    { ...common, name: "p50", unit: "ms", ...compare(pairs, ({ p50Ms }) => p50Ms) },
    {
      ...common,
      name: "p99",
      unit: "ms",
      ...compare(pairs, ({ p99Ms }) => p99Ms),
      budget: { of: "ratio", atMost: 1.3 },
    },
  ];
}

const atMost = (value: number) => ({ budget: { of: "ours" as const, atMost: value } });
