import {
  type AlertKind,
  keyAfter,
  oneList,
  type Shelf,
  shelfOf,
} from "../core/operation/alerts.ts";
import { pausedAlert, quotaAlert } from "../core/operation/pipeline-alerts.ts";
import { failedRunAlert, runAlerts } from "../core/operation/run-alerts.ts";
import { holdingSources } from "../edge/archive/spilled.ts";
import { type ControlAlerts, controlAlerts, POLLED_MAX } from "../edge/control/alerts.ts";
import { type MirrorAlerts, mirrorAlerts } from "../edge/d1/reads/alerts.ts";
import { countedOn } from "../edge/d1/reads/metrics.ts";
import { controlSession, readingOf, sessionOf } from "../edge/d1/reads/session.ts";
import { DAY_MS } from "../edge/event-count.ts";
import type { AlertPorts } from "../edge/http/alerts.ts";
import { shardAt } from "../edge/bindings.ts";
import { type Parts, shardOfTenant } from "./parts.ts";

const OUTBOUND: readonly AlertKind[] = ["delivery_dead", "destination_failing"];

/** What somebody has to look at now, made of what is kept anyway. */
export const alertsPort =
  (parts: Parts): AlertPorts["alerts"] =>
  async (known, readers, { kind, severity, after, limit, nowMs }) => {
    const { tenant } = known;
    const keyOf = (of: AlertKind) =>
      kind === undefined || kind === of ? keyAfter(of, after) : undefined;
    const session = controlSession(parts.control, readers.control);
    const [pausedAfter, failedAfter] = [keyOf("source_paused"), keyOf("run_failed")];
    const polledAfter = keyOf("poll_failing");
    const isOutbound = OUTBOUND.some((of) => keyOf(of) !== undefined);
    const wanted = { tenant, pausedAfter, polledAfter, failedAfter, isOutbound, limit };
    const found = await controlAlerts(session, wanted);
    const { value: _value, ...control } = readingOf(session, undefined);
    const mirrored = sessionOf((shard) => shardAt(parts.shards, shard).mirror, readers.mirror);
    const { polled, destinations } = found;
    const asked = { tenant, after: keyOf, limit, nowMs, polled, destinations };
    const read = await mirrorAlerts(mirrored, asked);
    const { value: rows, ...mirror } = read;
    const isPaused = found.paused.length > 0;
    const { archive } = shardOfTenant(parts)(known);
    const holding = isPaused ? await holdingSources(archive, tenant) : new Set<string>();
    const shelves = [
      ...rows.shelves.map((shelf) => withPlace(shelf, polled)),
      ...runShelves(found, rows, { keyOf, nowMs }),
      ...quotaShelf(found, rows, { keyOf, nowMs }),
      full("run_failed", found.failed.map(failedRunAlert), limit),
      full(
        "source_paused",
        found.paused.map((one) => pausedAlert({ ...one, isHolding: holding.has(one.source) })),
        limit,
      ),
    ];
    return { value: oneList(shelves, { severity, limit }), control, mirror };
  };

interface Asking {
  readonly keyOf: (kind: AlertKind) => string | undefined;
  readonly nowMs: number;
}

/** Sources behind the last of these were not looked at. */
function withPlace(shelf: Shelf, polled: readonly string[]): Shelf {
  const last = polled.length < POLLED_MAX ? undefined : polled.at(-1);
  return shelf.kind !== "poll_failing" || last === undefined ? shelf : { ...shelf, lookedTo: last };
}

/** Where there are as many as were asked for, there may be more. */
function full(kind: AlertKind, alerts: Shelf["alerts"], limit: number): Shelf {
  const last = alerts.length < limit ? undefined : alerts.at(-1);
  return { kind, alerts, ...(last === undefined ? {} : { lookedTo: last.key }) };
}

/** A tenant without a core has nothing to be compared with, whatever runs of before say. */
function runShelves(
  { isMirroring }: ControlAlerts,
  { runs }: MirrorAlerts,
  { keyOf, nowMs }: Asking,
): readonly Shelf[] {
  const alerts = isMirroring ? runAlerts(runs, nowMs) : [];
  return (["core_unreachable", "reconciliation_failed"] as const).flatMap((kind) => {
    const after = keyOf(kind);
    return after === undefined ? [] : [shelfOf(kind, alerts, after)];
  });
}

function quotaShelf(
  { eventsPerDay: limit }: ControlAlerts,
  { counted }: MirrorAlerts,
  { keyOf, nowMs }: Asking,
): readonly Shelf[] {
  const after = keyOf("quota_reached");
  const used = countedOn(nowMs, counted);
  if (after === undefined || limit === undefined || used < limit) return [];
  const sinceMs = counted?.toldMs ?? nowMs - (nowMs % DAY_MS);
  return [shelfOf("quota_reached", [quotaAlert({ used, limit, sinceMs })], after)];
}
