import { readEnvelope } from "../../../core/contracts/envelope.ts";
import type { GatewayEvent, Violation } from "../../../core/contracts/event.ts";
import {
  sayUnbelieved,
  type StateNoted,
  type ToldState,
} from "../../../core/reconciliation/core-state.ts";
import type { Log } from "../../log.ts";
import { isUnanswered } from "../../core-client/failure.ts";
import type { Told } from "./ports.ts";

/** Gaps looked at in one call, and of one tenant: what is left over is asked for by the next. */
const GAPS_AT_ONCE = 500;
const TENANT_GAPS = 50;
/** Events asked for at once. */
const EVENTS_MAX = 1000;
/** How long one core is asked, and how long after its begin a call turns to no further one. */
const CORE_MS = 20_000;
const BEGIN_MS = 40_000;
/** An invocation has six connections, and a core that hangs keeps the one it is asked by. */
const CORES_AT_ONCE = 4;

/** A hole in a strict stream. */
export interface Gap {
  readonly tenant: string;
  readonly subject: string;
  readonly source: string;
  readonly epoch: number;
  readonly fromSeq: number;
  readonly toSeq: number;
}

/** What the core has of a stream, one client a tenant. */
export interface StreamPort {
  /** Which core it is. */
  readonly name: string;
  readonly events: (asked: {
    readonly stream: string;
    readonly epoch: number;
    readonly from: number;
    readonly to: number;
  }) => Promise<Told<object>>;
}

/** Whose turn it is: tenants come one after the other, and the first again behind the last. */
export interface Turn {
  /** The last one whose core was asked. */
  readonly after?: string;
}

export interface GapPorts {
  /** Tenants of the shard that mirror a core. */
  readonly tenants: () => Promise<readonly string[]>;
  /** Takes the job; nothing where another call is at it. */
  readonly take: () => Promise<Turn | undefined>;
  /** Gives the job back, where it was taken. */
  readonly leave: (turn: Turn) => Promise<void>;
  /** Gaps that the core is to be asked for again by now: first one of each tenant, in this order. */
  readonly due: (
    tenants: readonly string[],
    limits: { readonly ofTenant: number; readonly limit: number },
  ) => Promise<readonly Gap[]>;
  readonly core: (tenant: string, untilMs: number) => Promise<StreamPort | undefined>;
  /** Whether the source's streams are those that the core counts. */
  readonly isCores: (tenant: string, source: string) => Promise<boolean>;
  /** Sends what the core told through the pipeline, under the ids that the core gives. */
  readonly fill: (gap: Gap, events: readonly GatewayEvent[]) => Promise<void>;
  /** Has the stream let go of what waits in it: its epoch is over, and the core counts this one. */
  readonly end: (gap: Gap, coreEpoch: number) => Promise<void>;
  /**
   * Holds the state that the core answers in against what it told in runs: a restored core is known by
   * whatever question comes first. Nothing of it is kept but that all lines are due then, as one answer
   * may be wrong. What comes after a later state is not believed.
   */
  readonly noteState: (tenant: string, told: ToldState) => Promise<StateNoted>;
  /** Keeps that the core was asked: it is asked for the same again after a longer pause. */
  readonly asked: (gap: Gap) => Promise<void>;
  readonly nowMs: () => number;
  readonly log: Log;
}

/**
 * Asks the core again for what strict streams lack (DOMAIN §6), after pauses that grow. It is asked
 * first by {@link fillNamed}, as soon as a gap is overdue: this is for calls that were lost, and for
 * what the core has later. Two calls at once are one, and a core that hangs costs others no turn.
 */
export async function fillGaps(ports: GapPorts): Promise<void> {
  const turn = await ports.take();
  if (turn === undefined) return;
  let next = turn;
  try {
    const tenants = inTurn(await ports.tenants(), turn);
    const limits = { ofTenant: TENANT_GAPS, limit: GAPS_AT_ONCE };
    if (tenants.length > 0) next = await fillAll(await ports.due(tenants, limits), ports, turn);
  } finally {
    await ports.leave(next);
  }
}

const inTurn = (tenants: readonly string[], { after = "" }: Turn): readonly string[] => {
  const sorted = tenants.toSorted();
  return [...sorted.filter((one) => one > after), ...sorted.filter((one) => one <= after)];
};

/** Asks for these gaps, as far as their tenants mirror a core. What fails is logged, and due again. */
export async function fillNamed(gaps: readonly Gap[], ports: GapPorts): Promise<void> {
  try {
    const mirroring = new Set(await ports.tenants());
    await fillAll(
      gaps.filter(({ tenant }) => mirroring.has(tenant)),
      ports,
    );
  } catch (error) {
    ports.log("error", "gaps_not_filled", { gaps: gaps.length, error });
  }
}

/**
 * Each event takes its place as if it had been posted, and what waits behind it follows. A gap stands
 * until it is filled; the same events a second time are duplicates, so that two may ask at once. Of
 * tenants that there is no time for, the next call begins with the first.
 */
async function fillAll(gaps: readonly Gap[], ports: GapPorts, turn: Turn = {}): Promise<Turn> {
  const beginMs = ports.nowMs() + BEGIN_MS;
  const waiting = [...Map.groupBy(gaps, ({ tenant }) => tenant)];
  let begun = turn;
  const work = async (): Promise<void> => {
    while (ports.nowMs() <= beginMs) {
      const next = waiting.shift();
      if (next === undefined) return;
      begun = { after: next[0] };
      await fillOf(...next, ports);
    }
  };
  await Promise.all(Array.from({ length: CORES_AT_ONCE }, work));
  return begun;
}

async function fillOf(tenant: string, gaps: readonly Gap[], ports: GapPorts): Promise<void> {
  try {
    const core = await ports.core(tenant, ports.nowMs() + CORE_MS);
    if (core === undefined) return;
    for (const [n, gap] of gaps.entries()) {
      if (!(await fillOne(gap, { core, ports, isFirst: n === 0 }))) return;
    }
  } catch (error) {
    ports.log("error", "gaps_not_filled", { tenant, error });
  }
}

interface Filling {
  readonly core: StreamPort;
  readonly ports: GapPorts;
  /** Of this tenant's in this call. */
  readonly isFirst: boolean;
}

const TOO_MUCH = "The core's answer took all that a call may use up";

/** False where the core is not to be asked further in this call. */
async function fillOne(gap: Gap, { core, ports, isFirst }: Filling): Promise<boolean> {
  const { tenant, subject, epoch, fromSeq: from } = gap;
  const to = Math.min(gap.toSeq, from + EVENTS_MAX - 1);
  const told = await core.events({ stream: subject, epoch, from, to });
  // The next call begins with it. What alone is too much for one would be begun with for ever.
  if (told.kind === "spent" && !isFirst) return false;
  const unfit = await faultOf(gap, { core, told, ports });
  if (told.kind === "all" && unfit === undefined) await take(gap, told, ports);
  else ports.log("warn", "gap_not_filled", { tenant, subject, detail: unfit });
  // Also where it failed: one question that the core cannot answer must not keep all others waiting.
  await ports.asked(gap);
  return unfit === undefined || isOfQuestion(told);
}

/** Answered, though not as anybody can read it: what else is asked for may be told all the same. */
const isOfQuestion = (told: Told<object>): boolean =>
  told.kind === "failed" && !isUnanswered(told.failure) && told.failure !== "unsupported";

type Answer = Extract<Told<object>, { readonly kind: "all" }>;

/** Why there is no answer, or why the core is not believed; nothing where it is. */
async function faultOf(
  { tenant }: Gap,
  {
    core,
    told,
    ports,
  }: { readonly core: StreamPort; readonly told: Told<object>; readonly ports: GapPorts },
): Promise<string | undefined> {
  if (told.kind === "spent") return TOO_MUCH;
  if (told.kind !== "all") return told.detail;
  const { snapshot } = told;
  const noted = await ports.noteState(tenant, { core: core.name, ...snapshot });
  return noted.kind === "believed" ? undefined : sayUnbelieved(noted, snapshot);
}

async function take(
  gap: Gap,
  { items, snapshot, odd = [] }: Answer,
  ports: GapPorts,
): Promise<void> {
  const { tenant, subject, source, epoch, fromSeq: from, toSeq: to } = gap;
  const events: GatewayEvent[] = [];
  // Another source counts its own events: what the core has at this place is not what is missing.
  const isCores = await ports.isCores(tenant, source);
  const ours = items.filter((item) => isCores || "source" in item);
  for (const item of ours) {
    const read = readEnvelope({ ...item, key: subject }, { tenant, source });
    if (read.ok) events.push(read.value);
    else report(gap, read.refusal.errors, ports);
  }
  // Not to be read by anybody: the others take their places.
  for (const { fault } of odd) report(gap, [fault], ports);
  if (events.length > 0) await ports.fill(gap, events);
  ports.log("info", "gap_asked", { tenant, subject, epoch, from, to, found: events.length });
  const unnamed = items.length - ours.length;
  if (unnamed > 0) {
    const detail = `Of ${items.length} events ${unnamed} name no source: name the core's in the tenant's settings (core.source)`;
    ports.log("warn", "gap_not_filled", { tenant, subject, source, detail });
  }
  // Restored from a backup, the core will never have what it has not now. Of what it has, each event
  // takes its place first; what is missing behind it is another gap then.
  if (isCores && items.length + odd.length === 0 && snapshot.epoch > epoch) {
    const core_epoch = snapshot.epoch;
    ports.log("error", "gap_epoch_over", { alert: true, tenant, subject, epoch, from, core_epoch });
    await ports.end(gap, core_epoch);
  }
}

/** What breaks its contract is not applied, whoever tells it; the gap stays, and alerts. */
function report(
  { tenant, subject }: Gap,
  errors: readonly Violation[],
  { log }: Pick<GapPorts, "log">,
): void {
  const broken = errors.map(({ path, rule }) => `${path} ${rule}`).slice(0, 5);
  log("error", "gap_filled_wrongly", { alert: true, tenant, subject, broken });
}
