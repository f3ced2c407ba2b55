import { member } from "../local/client.ts";
import type { Finding } from "./chain.ts";
import { type Details, difference, mirroredLine, mirroredTransfer } from "./details.ts";
import { type Anchor, type LogTold, readLog } from "./log.ts";
import { compareManifests } from "./manifest.ts";
import { type Source, Unanswered, walk } from "./source.ts";
import { integerOf, type Line, readLine, sumKey, textOf } from "./told.ts";

/** A log, and how the mirror's rows of it differ. */
export interface SubjectTold extends LogTold {
  readonly findings: readonly Finding[];
}

interface Asked {
  readonly subject: string;
  readonly anchors: readonly Anchor[];
  /** For balances as they were known at that instant. */
  readonly knownMs: number;
  /** Volumes are told of entries behind this one. */
  readonly countedTo: number;
}

/** A log that grows faster than it is read is compared this often, then taken for different. */
const LOOKS_MAX = 5;

/**
 * Checks one object's log by itself, and what the mirror shows of it: transfers, and for a
 * distributor its lines and status. Lines show how they stand now: where the log has grown
 * meanwhile, a difference is looked at again.
 */
export async function checkSubject(source: Source, asked: Asked): Promise<SubjectTold> {
  const { subject } = asked;
  for (let look = 1; ; look += 1) {
    const status = await readStatus(source, subject);
    const told = await readLog(source, { ...asked, at: positionIn(status) });
    if (told.isBroken) return told;
    const differences = [
      ...unreachable(subject),
      ...compareStatus(told, status),
      ...compareManifests(told),
      ...compareOrder(told),
      ...(await compareTransfers(source, told)),
      ...(await compareLines(source, told)),
    ];
    const isSettled = differences.length === 0 || look === LOOKS_MAX;
    if (isSettled || !(await hasMoved(source, told))) {
      const findings = [...told.findings, ...differences];
      return { ...told, findings: findings.toSorted((a, b) => placeOf(a) - placeOf(b)) };
    }
  }
}

const placeOf = ({ position }: Finding): number => position ?? Number.MAX_SAFE_INTEGER;

async function hasMoved({ get }: Source, { subject, mirrored }: LogTold): Promise<boolean> {
  const page = await get(`chains/${encodeURIComponent(subject)}?after=${mirrored.position}`);
  return member(page, "mirrored", "position") !== mirrored.position;
}

const PREFIX = "dist:";

const isDistributor = (subject: string): boolean => subject.startsWith(PREFIX);

const idOf = (subject: string): string => subject.slice(PREFIX.length);

/** What every reader of addresses takes for a place in the path, however it is encoded. */
const DOTS: ReadonlySet<string> = new Set([".", ".."]);

/** Whether a distributor has pages of their own. Contracts refuse the ids of those who have none. */
const hasPages = (subject: string): boolean => isDistributor(subject) && !DOTS.has(idOf(subject));

function unreachable(subject: string): readonly Finding[] {
  if (!isDistributor(subject) || hasPages(subject)) return [];
  const what = "no address can name it: its status and its lines cannot be compared";
  return [{ subject, position: null, what }];
}

/** A distributor's status; nothing of others, nor where the mirror has no view of one yet. */
async function readStatus({ get }: Source, subject: string): Promise<unknown> {
  if (!hasPages(subject)) return undefined;
  try {
    return await get(`distributors/${encodeURIComponent(idOf(subject))}`);
  } catch (error) {
    if (error instanceof Unanswered && error.status === 404) return undefined;
    throw error;
  }
}

const positionIn = (status: unknown): number => Number(member(status, "position") ?? 0);

const BUCKETS = ["pending", "held", "available", "in_transit"];

/** A status shows what the company owes: the other sign of the ledger's. */
function compareStatus({ subject, sumsAt }: LogTold, status: unknown): readonly Finding[] {
  if (status === undefined) return [];
  const position = positionIn(status);
  const shown = Object.keys(Object(member(status, "balances")));
  const told = [...sumsAt.keys()].map((key) => key.slice(0, key.indexOf(" ")));
  return [...new Set([...shown, ...told])].flatMap((currency) =>
    BUCKETS.flatMap((bucket) => {
      const amount = member(status, "balances", currency, bucket, "amount_minor");
      const theirs = integerOf(amount) ?? 0n;
      const ours = -(sumsAt.get(sumKey(currency, `${subject}:${bucket}`)) ?? 0n);
      const what = `its status shows ${theirs} ${currency} ${bucket}, the log comes to ${ours}`;
      return theirs === ours ? [] : [{ subject, position, what }];
    }),
  );
}

/** The mirror's row of an order is the last that the log told. */
function compareOrder({ subject, mirrored, order, mirroredOrder }: LogTold): readonly Finding[] {
  if (order === undefined && mirroredOrder === undefined) return [];
  const { position } = order ?? mirrored;
  if (order === undefined || mirroredOrder === undefined) {
    const what =
      order === undefined ? "the mirror has an order, the log none" : "the mirror lacks the order";
    return [{ subject, position, what }];
  }
  const what = difference(mirroredOrder, order.details);
  return what === undefined ? [] : [{ subject, position, what: `the order is ${what}` }];
}

/** Every transfer of the log, as it was logged, and no other. */
async function compareTransfers(source: Source, told: LogTold): Promise<readonly Finding[]> {
  const { subject, mirrored, transfers } = told;
  const findings: Finding[] = [];
  const missing = new Map(transfers);
  for await (const row of walk(source, `chains/${encodeURIComponent(subject)}/transfers`)) {
    const position = Number(member(row, "position"));
    if (position > mirrored.position) break;
    const place = `${position}/${Number(member(row, "n"))}`;
    const ours = transfers.get(place);
    missing.delete(place);
    const shown = moveIn(row);
    if (ours === undefined) {
      findings.push({ subject, position, what: `the mirror moves ${shown}, the log nothing` });
      continue;
    }
    const logged = `${ours.amount} ${ours.currency} from ${ours.credit} to ${ours.debit}`;
    if (logged !== shown) {
      findings.push({ subject, position, what: `the mirror moves ${shown}, the log ${logged}` });
    }
    const other = difference(mirroredTransfer(row), ours.details);
    if (other === undefined) continue;
    findings.push({ subject, position, what: `the transfer of ${logged} is of ${other}` });
  }
  for (const place of missing.keys()) {
    findings.push({
      subject,
      position: Number.parseInt(place, 10),
      what: "the mirror lacks a transfer",
    });
  }
  return findings;
}

function moveIn(row: unknown): string {
  const amount = integerOf(member(row, "amount", "amount_minor"));
  const [currency, credit, debit] = [
    member(row, "amount", "currency"),
    member(row, "credit"),
    member(row, "debit"),
  ].map(textOf);
  return `${amount} ${currency} from ${credit} to ${debit}`;
}

/** The lines of a distributor as they were last logged; none is reversed by more than it is. */
async function compareLines(source: Source, told: LogTold): Promise<readonly Finding[]> {
  const { subject, lines } = told;
  if (!hasPages(subject)) return [];
  const findings: Finding[] = [];
  const missing = new Map(lines);
  const path = `distributors/${encodeURIComponent(idOf(subject))}/lines`;
  for await (const row of walk(source, path)) {
    const id = textOf(member(row, "line_id")) ?? "";
    const ours = lines.get(id);
    missing.delete(id);
    const what = faultOfLine(id, readLine(row), ours) ?? faultOfDetails(row, ours);
    if (what !== undefined) findings.push({ subject, position: ours?.position ?? null, what });
  }
  for (const [id, { position, amount }] of missing) {
    // A line that a computation anew left nothing of is not shown.
    if (amount === 0n) continue;
    findings.push({ subject, position, what: `the mirror lacks line "${id}"` });
  }
  return findings;
}

function faultOfLine(id: string, line: Line | string, ours: Line | undefined): string | undefined {
  if (typeof line === "string") return line;
  const [shown, logged] = [standOf(line), ours === undefined ? "nothing" : standOf(ours)];
  return shown === logged
    ? undefined
    : `line "${id}" is ${shown} in the mirror, ${logged} in the log`;
}

function faultOfDetails(row: unknown, ours?: Line & { readonly details: Details }) {
  const other = ours === undefined ? undefined : difference(mirroredLine(row), ours.details);
  return other === undefined ? undefined : `line "${ours?.line_id}" is of ${other}`;
}

const standOf = ({ amount, reversed, currency, state }: Line): string =>
  `${amount} ${currency}, ${reversed} reversed, ${state}`;
