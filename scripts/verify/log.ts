import { member } from "../local/client.ts";
import { faultOf, type Finding, GENESIS, type Link, readRow, type Row } from "./chain.ts";
import { type Details, loggedLine, loggedOrder, loggedTransfer, mirroredOrder } from "./details.ts";
import type { Source } from "./source.ts";
import {
  add,
  type Line,
  listOf,
  type Manifest,
  readLine,
  readManifest,
  readSentSums,
  readSent,
  readTransfer,
  type Sent,
  type SentLine,
  type Sums,
  textOf,
  type Transfer,
} from "./told.ts";
import { addStep, type Volumes } from "./volumes.ts";

/** How far the mirror had a log when the reading of it began. */
export interface Mirrored {
  readonly position: number;
  readonly head: string;
}

/** What the mirror showed of a log when the reading of it began. */
interface Shown {
  readonly mirrored: Mirrored;
  /** An order's. */
  readonly mirroredManifest?: Sent;
  readonly mirroredOrder?: Details;
}

/** What an entry told besides amounts, and where. */
interface Placed {
  readonly position: number;
  readonly details: Details;
}

/** What a log tells up to where it was mirrored, and what in it does not hold. */
export interface LogTold extends Shown {
  readonly subject: string;
  readonly findings: readonly Finding[];
  /** By position and place among the entry's: `3/0`. */
  readonly transfers: ReadonlyMap<string, Transfer & Placed>;
  readonly sums: Sums;
  /** What {@link sums} were at the position asked for. */
  readonly sumsAt: Sums;
  /** Of what was recorded by the instant asked for. */
  readonly sumsKnown: Sums;
  /** The last that was told of each. */
  readonly lines: ReadonlyMap<string, Line & Placed>;
  readonly order?: Placed;
  /** What was counted behind the position that was asked for. */
  readonly volumes: Volumes;
  readonly sent: ReadonlyMap<string, SentLine>;
  readonly manifest?: Manifest;
  /** Behind a fault nothing is proven, and nothing compared. */
  readonly isBroken: boolean;
}

/** A head that the chain must have had at a position. */
export interface Anchor extends Mirrored {
  readonly day: string;
}

interface Reading {
  readonly subject: string;
  readonly findings: Finding[];
  readonly transfers: Map<string, Transfer & Placed>;
  readonly sums: Sums;
  sumsAt: Sums;
  readonly sumsKnown: Sums;
  readonly lines: Map<string, Line & Placed>;
  order?: Placed;
  readonly volumes: Volumes;
  readonly sent: Map<string, SentLine>;
  manifest?: Manifest;
  /** Where the chain is followed to. */
  link: Link;
  isBroken: boolean;
  /** The hashes at the positions that were anchored. */
  readonly heads: Map<number, string>;
}

interface Wanted {
  readonly subject: string;
  /** The position at which the balances are wanted too. */
  readonly at: number;
  /** The instant by which they were recorded, for balances as they were known then. */
  readonly knownMs: number;
  /** Volumes up to here were counted before. */
  readonly countedTo: number;
  readonly anchors: readonly Anchor[];
}

/**
 * Reads a whole log from its object and computes it again, as far as the mirror had it at the
 * first page: what arrives meanwhile is left for another time. A chain is followed to its first
 * fault, as behind it nothing is proven.
 */
export async function readLog(source: Source, wanted: Wanted): Promise<LogTold> {
  const reading = begin(wanted.subject);
  const anchored = new Set(wanted.anchors.map(({ position }) => position));
  let shown: Shown | undefined;
  for await (const page of pagesOf(source, wanted.subject)) {
    shown ??= shownIn(page);
    for (const row of rowsUpTo(page, shown.mirrored.position)) {
      if (!reading.isBroken) follow(reading, row, { anchored, ...wanted });
    }
    if (reading.isBroken || reading.link.position >= shown.mirrored.position) break;
  }
  const whole = { ...reading, ...(shown ?? { mirrored: { position: 0, head: "" } }) };
  if (!reading.isBroken) checkHeads(reading, whole.mirrored, wanted.anchors);
  return whole;
}

const begin = (subject: string): Reading => ({
  subject,
  findings: [],
  transfers: new Map(),
  sums: new Map(),
  sumsAt: new Map(),
  sumsKnown: new Map(),
  lines: new Map(),
  volumes: new Map(),
  sent: new Map(),
  link: GENESIS,
  isBroken: false,
  heads: new Map(),
});

async function* pagesOf({ get }: Source, subject: string): AsyncGenerator {
  const path = `chains/${encodeURIComponent(subject)}`;
  for (let after: unknown = 0; typeof after === "number";) {
    const page = await get(`${path}?after=${after}`);
    yield page;
    after = member(page, "next_after");
  }
}

function follow(
  reading: Reading,
  row: Row | undefined,
  wanted: Wanted & { readonly anchored: ReadonlySet<number> },
): void {
  const { anchored, at } = wanted;
  const fault = row === undefined ? "is no log row" : faultOf(reading.link, row);
  if (row === undefined || fault !== undefined) {
    reading.isBroken = true;
    note(reading, row?.position ?? reading.link.position + 1, fault ?? "");
    return;
  }
  takeIn(reading, row, wanted);
  reading.link = { position: row.position, hash: row.hash };
  if (anchored.has(row.position)) reading.heads.set(row.position, row.hash);
  if (row.position === at) reading.sumsAt = new Map(reading.sums);
}

function shownIn(page: unknown): Shown {
  const position = Number(member(page, "mirrored", "position"));
  const mirrored = { position, head: textOf(member(page, "mirrored", "head")) ?? "" };
  const mirroredManifest = readSentSums(member(page, "manifest"), "sums");
  const order = member(page, "order") ?? undefined;
  return {
    mirrored,
    ...(mirroredManifest === undefined ? {} : { mirroredManifest }),
    ...(order === undefined ? {} : { mirroredOrder: mirroredOrder(order) }),
  };
}

const rowsUpTo = (page: unknown, position: number): readonly (Row | undefined)[] =>
  listOf(member(page, "items"))
    .map(readRow)
    .filter((row) => row === undefined || row.position <= position);

function note({ subject, findings }: Reading, position: number, what: string): void {
  findings.push({ subject, position, what });
}

/** D1 and the anchors hold heads of their own: a log rewritten as a whole differs from them. */
function checkHeads(
  reading: Reading,
  { position, head }: Mirrored,
  anchors: readonly Anchor[],
): void {
  const { link, heads } = reading;
  for (const anchor of anchors) {
    checkHead(reading, heads.get(anchor.position), {
      of: `the anchor of ${anchor.day}`,
      ...anchor,
    });
  }
  const there = link.position === position ? link.hash : undefined;
  checkHead(reading, there, { of: "the mirror's head", position, head });
}

function checkHead(
  reading: Reading,
  there: string | undefined,
  { of, position, head }: Mirrored & { readonly of: string },
): void {
  if (there === undefined) note(reading, position, `the log does not reach ${of}`);
  else if (there !== head) note(reading, position, `its hash is ${there}, ${of} is ${head}`);
}

function takeIn(reading: Reading, row: Row, { knownMs, countedTo }: Wanted): void {
  const { position } = row;
  const logged: unknown = JSON.parse(row.entry);
  const effects = member(logged, "effects");
  takeTransfers(reading, { position, logged, knownMs });
  for (const value of listOf(member(effects, "lines"))) {
    const line = readLine(value);
    if (typeof line === "string") note(reading, position, line);
    else reading.lines.set(line.line_id, { ...line, position, details: loggedLine(value) });
  }
  for (const value of listOf(member(effects, "dispatch"))) {
    const sent = readSent(value);
    if (typeof sent === "string") note(reading, position, sent);
    else reading.sent.set(sent.line_id, sent);
  }
  for (const value of position > countedTo ? listOf(member(effects, "volumes")) : []) {
    const fault = addStep(reading.volumes, value);
    if (fault !== undefined) note(reading, position, fault);
  }
  const order = member(effects, "order");
  if (order === undefined) return;
  reading.order = { position, details: loggedOrder(order) };
  const manifest = readManifest(order, position);
  if (manifest !== undefined) reading.manifest = manifest;
}

interface Taken {
  readonly position: number;
  readonly logged: unknown;
  readonly knownMs: number;
}

function takeTransfers(reading: Reading, { position, logged, knownMs }: Taken): void {
  const isKnown = Number(member(logged, "recorded_ms")) <= knownMs;
  for (const [n, value] of listOf(member(logged, "effects", "transfers")).entries()) {
    const transfer = readTransfer(value);
    if (typeof transfer === "string") {
      note(reading, position, transfer);
      continue;
    }
    const details = loggedTransfer(logged, value);
    reading.transfers.set(`${position}/${n}`, { ...transfer, position, details });
    add(reading.sums, transfer);
    if (isKnown) add(reading.sumsKnown, transfer);
  }
}
