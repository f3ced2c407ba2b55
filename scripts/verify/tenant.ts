import { member, pause } from "../local/client.ts";
import type { Finding } from "./chain.ts";
import type { Anchor } from "./log.ts";
import { checkManifest, type Excused } from "./manifest.ts";
import { eachOf, type Source, Unanswered, walk } from "./source.ts";
import { checkSubject, type SubjectTold } from "./subject.ts";
import { integerOf, type Sums, textOf } from "./told.ts";
import { addVolumes, checkVolumes, type Volumes } from "./volumes.ts";

/** What was looked at, and what of it does not hold, the first of all first. */
export interface Verdict {
  readonly chains: number;
  readonly rows: number;
  readonly transfers: number;
  readonly lines: number;
  readonly orders: number;
  readonly anchors: number;
  readonly findings: readonly Finding[];
}

/** How often rows that keep arriving are caught up with, and how long between two looks. */
const LOOKS_MAX = 10;

/** What is kept of a subject: its rows are let go of, or a company's would fill the memory. */
interface Checked {
  readonly position: number;
  readonly counts: Pick<Verdict, "transfers" | "lines">;
  readonly sums: Sums;
  readonly sumsKnown: Sums;
  readonly isOrder: boolean;
  readonly findings: readonly Finding[];
}

interface Books {
  readonly source: Source;
  readonly anchors: ReadonlyMap<string, readonly Anchor[]>;
  readonly checked: Map<string, Checked>;
  /** Names under which the mirror has a line of the core's, where it would have ours. */
  readonly coreNamed: Set<string>;
  /** What all logs come to: each step is counted once, however often its log is read. */
  readonly volumes: Volumes;
  readonly pauseMs: number;
  /** The end of yesterday, UTC: what was recorded by then has been mirrored. */
  readonly knownMs: number;
}

const DAY_MS = 86_400_000;

interface Pace {
  readonly nowMs?: number;
  /** Between two looks. */
  readonly pauseMs?: number;
}

/**
 * Checks everything that the gateway says of a tenant against its objects' logs: every chain from
 * its first row, its anchors, the mirror's transfers, lines, orders and balances, the manifests of
 * orders, and the volumes and balances of the whole. Each at a position: a tenant at work is checked like one at rest.
 */
export async function verifyTenant(
  source: Source,
  { nowMs = Date.now(), pauseMs = 1000 }: Pace = {},
): Promise<Verdict> {
  const anchors = await readAnchors(source);
  const knownMs = nowMs - (nowMs % DAY_MS) - 1;
  const own = { checked: new Map<string, Checked>(), coreNamed: new Set<string>() };
  const books: Books = { source, anchors, pauseMs, knownMs, volumes: new Map(), ...own };
  const balances = await checkBalances(books);
  const volumes = await checkVolumes(source, books.volumes, {
    catchUp: (touched) => catchUp(books, touched),
    pauseMs,
    looks: LOOKS_MAX,
  });
  // Every chain has been looked at by now, and so is every name of a line known.
  const manifests = await checkManifests(books);
  const told = [...books.checked.values()];
  const sum = (count: (checked: Checked) => number) =>
    told.reduce((total, checked) => total + count(checked), 0);
  const subjects = [...books.checked].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const unknown = [...anchors.keys()].filter((subject) => !books.checked.has(subject));
  return {
    chains: told.length,
    rows: sum(({ position }) => position),
    transfers: sum(({ counts }) => counts.transfers),
    lines: sum(({ counts }) => counts.lines),
    orders: told.filter(({ isOrder }) => isOrder).length,
    anchors: [...anchors.values()].reduce((total, list) => total + list.length, 0),
    findings: [
      ...subjects.flatMap(([, { findings }]) => findings),
      ...unknown.map((subject) => ({
        subject,
        position: null,
        what: "it was anchored, and the mirror does not know it",
      })),
      ...manifests,
      ...balances,
      ...volumes,
    ],
  };
}

async function readAnchors(source: Source): Promise<ReadonlyMap<string, readonly Anchor[]>> {
  const anchors = new Map<string, Anchor[]>();
  for await (const row of walk(source, "anchors")) {
    const [subject = "", day = "", head = ""] = ["subject", "day", "head"].map((name) =>
      textOf(member(row, name)),
    );
    const known = anchors.get(subject) ?? [];
    known.push({ day, head, position: Number(member(row, "position")) });
    anchors.set(subject, known);
  }
  return anchors;
}

/**
 * Checks the subjects that moved since they were checked, or are new; tells how many there were, and
 * puts down whose volumes they added to.
 */
async function catchUp(books: Books, touched?: Set<string>): Promise<number> {
  const moved: string[] = [];
  for await (const row of walk(books.source, "chains")) {
    const subject = textOf(member(row, "subject")) ?? "";
    const position = Number(member(row, "position"));
    if (books.checked.get(subject)?.position !== position) moved.push(subject);
  }
  const { source, knownMs } = books;
  await eachOf(moved, async (subject) => {
    const anchors = books.anchors.get(subject) ?? [];
    const countedTo = books.checked.get(subject)?.position ?? 0;
    const told = await checkSubject(source, { subject, anchors, knownMs, countedTo });
    addVolumes(books.volumes, told.volumes, touched);
    takeDown(books, told);
  });
  return moved.length;
}

function takeDown({ checked, coreNamed }: Books, told: SubjectTold): void {
  const { subject, mirrored, sums, sumsKnown, manifest, findings } = told;
  for (const { line_id, distributor_id, isOwn } of told.lines.values()) {
    // Ours end in their distributor's id; no other name of the core's can stand in the way.
    if (!isOwn && line_id.endsWith(`:${distributor_id}`)) coreNamed.add(line_id);
  }
  checked.set(subject, {
    position: mirrored.position,
    counts: { transfers: told.transfers.size, lines: told.lines.size },
    sums,
    sumsKnown,
    isOrder: manifest !== undefined,
    findings,
  });
}

/**
 * The tenant's balances against the transfers of all objects. They are the mirror's of one moment:
 * compared where no log was mirrored any further between two looks around it. In a company that is
 * never quiet, those as they were known at the end of yesterday.
 */
async function checkBalances(books: Books): Promise<readonly Finding[]> {
  await catchUp(books);
  for (let look = 1; look <= LOOKS_MAX; look += 1) {
    const balances = await readBalances(books.source, {});
    if ((await catchUp(books)) === 0) return compareBalances(books, "sums", balances);
    await pause(books.pauseMs);
  }
  const known = { known_at: new Date(books.knownMs).toISOString() };
  return compareBalances(books, "sumsKnown", await readBalances(books.source, known));
}

/** All accounts but those of distributors, whose statuses are compared one by one. */
const COMPANY = ["cash:", "cust:", "exp:", "recv:", "rev:", "suspense:", "tax:"];

interface BalancesRead {
  readonly sums: Sums;
  readonly isWhole: boolean;
}

async function readBalances(
  { get }: Source,
  known: Readonly<Record<string, string>>,
): Promise<BalancesRead> {
  const read = (query: Readonly<Record<string, string>>) =>
    get(`ledger/balances?${new URLSearchParams(query).toString()}`);
  try {
    return { sums: sumsIn([await read(known)]), isWhole: true };
  } catch (error) {
    // More accounts than one answer holds.
    if (!(error instanceof Unanswered) || error.status !== 400) throw error;
    const answers: unknown[] = [];
    for (const prefix of COMPANY) answers.push(await read({ ...known, prefix }));
    return { sums: sumsIn(answers), isWhole: false };
  }
}

function sumsIn(answers: readonly unknown[]): Sums {
  const sums: Sums = new Map();
  for (const answer of answers) {
    for (const [currency, accounts] of entriesOf(member(answer, "balances"))) {
      for (const [account, amount] of entriesOf(accounts)) {
        sums.set(`${currency} ${account}`, integerOf(amount) ?? 0n);
      }
    }
  }
  return sums;
}

const entriesOf = (value: unknown): readonly [string, unknown][] =>
  typeof value === "object" && value !== null ? Object.entries(value) : [];

function compareBalances(
  { checked }: Books,
  which: "sums" | "sumsKnown",
  { sums, isWhole }: BalancesRead,
): readonly Finding[] {
  const told: Sums = new Map();
  for (const each of checked.values()) {
    for (const [key, amount] of each[which]) told.set(key, (told.get(key) ?? 0n) + amount);
  }
  const keys = [...new Set([...told.keys(), ...sums.keys()])].toSorted();
  return keys.flatMap((key) => {
    const [theirs, ours] = [sums.get(key) ?? 0n, told.get(key) ?? 0n];
    const isCompared = isWhole || !key.slice(key.indexOf(" ") + 1).startsWith("dist:");
    if (theirs === ours || !isCompared) return [];
    const what = `${key} is ${theirs}, the logs come to ${ours}`;
    return [{ subject: "ledger/balances", position: null, what }];
  });
}

async function checkManifests(books: Books): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const orders = [...books.checked].filter(([, { isOrder }]) => isOrder).map(([name]) => name);
  const excused: Excused = { coreNamed: books.coreNamed };
  await eachOf(orders, async (subject) => {
    findings.push(...(await checkOrder(books, subject, excused)));
  });
  return findings.toSorted((a, b) => (a.subject < b.subject ? -1 : 1));
}

/** Lines reach their distributors' logs soon after their order's: a difference is looked at again. */
async function checkOrder(
  books: Books,
  subject: string,
  excused: Excused,
): Promise<readonly Finding[]> {
  for (let look = 1; ; look += 1) {
    const findings = await checkManifest(books.source, subject, excused);
    if (findings.length === 0 || look === LOOKS_MAX) return findings;
    await pause(books.pauseMs);
    await catchUp(books);
  }
}
