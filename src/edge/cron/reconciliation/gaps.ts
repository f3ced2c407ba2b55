import { readEnvelope } from "../../../core/contracts/envelope.ts";
import type { GatewayEvent, Violation } from "../../../core/contracts/event.ts";
import type { Log } from "../../log.ts";
import type { Told } from "./ports.ts";

/** Gaps asked for in one call, and events of one: what is left over is asked for by the next. */
const GAPS_AT_ONCE = 50;
const EVENTS_MAX = 1000;
const CALL_MS = 20_000;

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
  readonly events: (asked: {
    readonly stream: string;
    readonly epoch: number;
    readonly from: number;
    readonly to: number;
  }) => Promise<Told<object>>;
}

export interface GapPorts {
  /** Tenants of the shard that mirror a core. */
  readonly tenants: () => Promise<readonly string[]>;
  readonly gaps: (tenants: readonly string[], limit: number) => Promise<readonly Gap[]>;
  readonly core: (tenant: string, untilMs: number) => Promise<StreamPort | undefined>;
  /** Whether no other source of the tenant speaks our contract, so that its streams are the core's. */
  readonly isOnlyContract: (tenant: string, source: string) => Promise<boolean>;
  /** Sends what the core told through the pipeline, under the ids that the core gives. */
  readonly fill: (gap: Gap, events: readonly GatewayEvent[]) => Promise<void>;
  readonly nowMs: () => number;
  readonly log: Log;
}

/**
 * Asks the core for exactly what strict streams lack (DOMAIN §6): each event takes its place as if it
 * had been posted, and what waits behind it follows. A gap stands until it is filled, so that a call
 * that was lost is made again; the same events a second time are duplicates.
 */
export async function fillGaps(ports: GapPorts): Promise<void> {
  const tenants = await ports.tenants();
  if (tenants.length === 0) return;
  const untilMs = ports.nowMs() + CALL_MS;
  const gaps = await ports.gaps(tenants, GAPS_AT_ONCE);
  const byTenant = [...Map.groupBy(gaps, ({ tenant }) => tenant)];
  await Promise.all(byTenant.map(([tenant, of]) => fillOf(tenant, of, { ports, untilMs })));
}

interface Filling {
  readonly ports: GapPorts;
  readonly untilMs: number;
}

async function fillOf(
  tenant: string,
  gaps: readonly Gap[],
  { ports, untilMs }: Filling,
): Promise<void> {
  try {
    const core = await ports.core(tenant, untilMs);
    if (core === undefined) return;
    for (const gap of gaps) if (!(await fillOne(gap, core, ports))) return;
  } catch (error) {
    ports.log("error", "gaps_not_filled", { tenant, error });
  }
}

/** False where the core is not to be asked further in this call. */
async function fillOne(gap: Gap, core: StreamPort, ports: GapPorts): Promise<boolean> {
  const { tenant, subject, source, epoch, fromSeq: from } = gap;
  const to = Math.min(gap.toSeq, from + EVENTS_MAX - 1);
  const told = await core.events({ stream: subject, epoch, from, to });
  if (told.kind === "spent") return false;
  if (told.kind !== "all") {
    ports.log("warn", "gap_not_filled", { tenant, subject, detail: told.detail });
    return false;
  }
  const events: GatewayEvent[] = [];
  // Another source counts its own events: what the core has at this place is not what is missing.
  const isCores = await ports.isOnlyContract(tenant, source);
  for (const item of told.items) {
    if (!isCores && !("source" in item)) continue;
    const read = readEnvelope({ ...item, key: subject }, { tenant, source });
    if (read.ok) events.push(read.value);
    else report(gap, read.refusal.errors, ports);
  }
  if (events.length > 0) await ports.fill(gap, events);
  ports.log("info", "gap_asked", { tenant, subject, from, to, found: events.length });
  return true;
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
