import { isOwnClose } from "../../core/runs/close-run.ts";
import { compareClose, suspended, type ToldClose } from "../../core/runs/compare.ts";
import type { PeriodLine } from "../../core/runs/cuts.ts";
import {
  addLines,
  digestOf,
  type Fingerprint,
  NO_LINES,
  type Sha256,
} from "../../core/reconciliation/digest.ts";
import type { Break } from "../../core/subject/entry.ts";
import type { Log } from "../log.ts";

/** What the core told just before its close may still be on its way (DOMAIN §8). */
export const IN_FLIGHT_MS = 15 * 60_000;
/** Closes looked at in one run, and parts of their lines. */
const CLOSES_MAX = 20;
const PARTS_MAX = 50;

/** A close that the core told, and how far it is compared. */
export interface ComparedClose extends ToldClose {
  readonly tenant: string;
  /** The commission run that is final, as whoever told the close names it. */
  readonly run_id: string;
  /** JSON of {@link CompareState}; null before the first step. */
  readonly state: string | null;
}

export interface CompareState {
  readonly isDone: boolean;
  readonly cursor?: string;
  readonly counted?: Fingerprint;
}

type Mode = "mirror" | "gateway_final";
type Origin = "core" | "gateway";

/** Whose lines count in a mode. */
const ORIGIN: Readonly<Record<Mode, Origin>> = { mirror: "core", gateway_final: "gateway" };

export interface ComparePorts {
  /** Tenants of the shard in a mode. */
  readonly tenants: (mode: Mode) => Promise<readonly string[]>;
  /** Their closes recorded by then and not compared yet. */
  readonly closes: (
    tenants: readonly string[],
    recordedByMs: number,
    limit: number,
  ) => Promise<readonly ComparedClose[]>;
  readonly lines: (
    asked: { readonly tenant: string; readonly periodId: string; readonly origin: Origin },
    cursor: string | undefined,
  ) => Promise<{ readonly items: readonly PeriodLine[]; readonly next?: string }>;
  readonly suspense: (
    tenant: string,
  ) => Promise<readonly { readonly currency: string; readonly amount: string }[]>;
  /** Each once, however often it is found. */
  readonly putBreaks: (
    close: ComparedClose,
    breaks: readonly Break[],
    nowMs: number,
  ) => Promise<void>;
  readonly save: (close: ComparedClose, state: CompareState) => Promise<void>;
  readonly sha256: Sha256;
  readonly nowMs: () => number;
  readonly log: Log;
}

/**
 * Holds what the core says a period came to against the lines in the mirror that count: its own, or
 * where the gateway is final the gateway's: sum, number and digest (DOMAIN §8). In parts, each
 * saved: a later run goes on from there. A close that is told anew is compared anew.
 */
export async function compareCloses(ports: ComparePorts): Promise<void> {
  for (const mode of ["mirror", "gateway_final"] as const) await compareIn(mode, ports);
}

async function compareIn(mode: Mode, ports: ComparePorts): Promise<void> {
  const tenants = await ports.tenants(mode);
  if (tenants.length === 0) return;
  let parts = 0;
  for (const close of await ports.closes(tenants, ports.nowMs() - IN_FLIGHT_MS, CLOSES_MAX)) {
    parts += await compareOne(close, { mode, partsMax: PARTS_MAX - parts }, ports);
    if (parts >= PARTS_MAX) return;
  }
}

async function compareOne(
  close: ComparedClose,
  { mode, partsMax }: { readonly mode: Mode; readonly partsMax: number },
  ports: ComparePorts,
): Promise<number> {
  const { tenant, period_id: periodId } = close;
  if (mode === "gateway_final" && isOwnClose(close)) {
    // It was counted of these lines; what returns take of them since is no difference.
    await ports.save(close, { isDone: true });
    return 0;
  }
  let state: CompareState = close.state === null ? { isDone: false } : JSON.parse(close.state);
  for (let parts = 1; ; parts += 1) {
    const asked = { tenant, periodId, origin: ORIGIN[mode] } as const;
    const { items, next } = await ports.lines(asked, state.cursor);
    const counted = addLines(state.counted ?? NO_LINES, items.map(asDigested), ports.sha256);
    if (next === undefined) {
      await conclude(close, counted, ports);
      return parts;
    }
    state = { isDone: false, cursor: next, counted };
    await ports.save(close, state);
    if (parts >= partsMax) return parts;
  }
}

const asDigested = ({ amount_minor, reversed_minor, state, ...line }: PeriodLine) => ({
  ...line,
  amount_minor: amount_minor - reversed_minor,
  status: state,
});

async function conclude(
  close: ComparedClose,
  counted: Fingerprint,
  { suspense, putBreaks, save, sha256, nowMs, log }: ComparePorts,
): Promise<void> {
  const { tenant, period_id } = close;
  const digest = digestOf(counted, sha256);
  const found = compareClose(close, { fingerprint: counted, digest });
  const breaks = [...found, ...suspended(close, await suspense(tenant))];
  if (breaks.length > 0) await putBreaks(close, breaks, nowMs());
  // Behind the breaks: cut off in between, they are found once more.
  await save(close, { isDone: true, counted });
  const classes = breaks.map((one) => one.class);
  log(breaks.length > 0 ? "warn" : "info", "close_compared", { tenant, period_id, classes });
}
