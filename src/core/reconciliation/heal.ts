import type { EventType } from "../contracts/catalogue.ts";
import type { GatewayEvent } from "../contracts/event.ts";
import { formatInstant } from "../contracts/instant.ts";
import { healedToData, RECON_SOURCE } from "../contracts/reconciliation.ts";
import type { JsonObject } from "../json.ts";
import { type CoreLine, reversedOf } from "./core-line.ts";
import type { LocalLine } from "./differ.ts";
import type { JudgedBreak } from "./judge.ts";
import { SUSPENSE_AFTER_MS } from "./verdict.ts";

/** An event before it has a name: what happened, and when it takes effect. */
interface Told {
  readonly type: EventType;
  readonly atMs: number;
  readonly data: JsonObject;
}

/**
 * The events that do what a break's action says, in the order they are to be applied; none where it
 * takes none. The same break gives the same events, ids and all: made twice, they are applied once.
 */
export function healingEvents(found: JudgedBreak): readonly GatewayEvent[] {
  return toldBy(found).map((told, i) =>
    eventOf(found, i === 0 ? found.break_id : `${found.break_id}:${i}`, told),
  );
}

/** What a person decides on a line that the core does not have: it pays, or it never should have. */
export type Resolution = "keep" | "reverse";

/**
 * The events by which a line that was put aside pays again, or is taken back for good. A line that
 * was not put aside is not changed by them.
 */
export function resolvingEvents(
  found: JudgedBreak,
  resolution: Resolution,
  atMs: number,
): readonly GatewayEvent[] {
  const { local, class: kind, break_id } = found;
  if (kind !== "EXTRA_LOCAL" || local === null) return [];
  const left = leftOf(local);
  const data =
    resolution === "keep"
      ? { to: "suspense", amount_minor: left }
      : { to: "expense", amount_minor: 0 - left };
  const name = `${break_id}:${resolution}`;
  return [eventOf(found, name, { ...correction(found, local, { ...data, break_id: name }), atMs })];
}

function toldBy(found: JudgedBreak): readonly Told[] {
  const { action, core, local, is_paused } = found;
  if (is_paused === true) return [];
  if (action === "suspend") return local === null ? [] : [putAside(found, local)];
  if (core === null) return [];
  if (action === "backfill") return backfill(found, core);
  if (local === null) return [];
  if (action === "advance") return advance(found, core, local);
  if (action === "correct") return [correct(found, core, local)];
  return action === "redate" ? [redate(found, core, local)] : [];
}

const leftOf = ({ amount_minor, reversed_minor }: LocalLine): number =>
  amount_minor - reversed_minor;

/** The line as the core posted it, so that its own event, should it come, is a plain duplicate. */
const backfill = (found: JudgedBreak, line: CoreLine): readonly Told[] => [
  { type: "commission.posted", atMs: line.effective_ms, data: postedData(line) },
  ...reversals(found, line),
  ...(line.status === "available" && !isPayableAtOnce(line) ? [release(found, line)] : []),
];

/** As `bucketAt` of the distributor's rules judges it. */
const isPayableAtOnce = ({ available_ms, effective_ms }: CoreLine): boolean =>
  available_ms !== null && available_ms <= effective_ms;

/** Which of the core's reversals are here already its object knows. */
const advance = (found: JudgedBreak, core: CoreLine, local: LocalLine): readonly Told[] => [
  ...(reversedOf(core) > local.reversed_minor ? reversals(found, core) : []),
  ...(core.status === "available" && local.state === "held" ? [release(found, core)] : []),
];

function postedData(line: CoreLine): JsonObject {
  const { order_id, level, paid_level, cv_x100, rate_ppm } = line;
  // Held for longer than it was to be: by its date it would pay.
  const available_ms = line.status === "held" && isPayableAtOnce(line) ? null : line.available_ms;
  return {
    line_id: line.line_id,
    distributor_id: line.distributor_id,
    ...(order_id === null ? {} : { order_id }),
    component: line.component,
    ...(level === null ? {} : { level }),
    ...(paid_level === null ? {} : { paid_level }),
    ...(cv_x100 === null ? {} : { cv_x100 }),
    ...(rate_ppm === null ? {} : { rate_ppm }),
    currency: line.currency,
    amount_minor: line.amount_minor,
    period_id: line.period_id,
    run_id: line.run_id,
    ...(available_ms === null ? {} : { available_at: formatInstant(available_ms) }),
  };
}

/**
 * Each says what is reversed of the line with it: its object posts what is missing for that, so that
 * the line ends at the core's total, under whichever names it was told of a part of that before.
 */
function reversals(found: JudgedBreak, line: CoreLine): readonly Told[] {
  let reversed_minor = 0;
  return line.reversals.map(({ line_id, amount_minor }) => {
    reversed_minor += amount_minor;
    return {
      type: "commission.reversed",
      atMs: changedAt(found, line),
      data: {
        distributor_id: line.distributor_id,
        line_id,
        reverses_line_id: line.line_id,
        currency: line.currency,
        amount_minor,
        ...healedToData({ reversed_minor, as_of_ms: found.opened_ms }),
      },
    };
  });
}

const release = (found: JudgedBreak, line: CoreLine): Told => ({
  type: "commission.released",
  atMs: Math.max(
    line.effective_ms,
    Math.min(line.available_ms ?? Infinity, changedAt(found, line)),
  ),
  data: { distributor_id: line.distributor_id, line_id: line.line_id },
});

/**
 * The core does not say when it reversed or released: at the latest when the line last changed, and
 * not before the line, nor later than it was found, whatever its clock says.
 */
const changedAt = ({ opened_ms }: JudgedBreak, { effective_ms, updated_ms }: CoreLine): number =>
  Math.max(effective_ms, Math.min(updated_ms, opened_ms));

function correct(found: JudgedBreak, core: CoreLine, local: LocalLine): Told {
  const amount_minor = core.amount_minor - local.amount_minor;
  const data = { amount_minor, line_amount_minor: local.amount_minor };
  return { ...correction(found, local, data), atMs: core.effective_ms };
}

/** As of the moment it is due, which every run knows alike. */
function putAside(found: JudgedBreak, local: LocalLine): Told {
  const data = { to: "suspense", amount_minor: 0 - leftOf(local) };
  return { ...correction(found, local, data), atMs: found.opened_ms + SUSPENSE_AFTER_MS };
}

function redate(found: JudgedBreak, core: CoreLine, local: LocalLine): Told {
  const data = {
    amount_minor: 0,
    effective_at: formatInstant(core.effective_ms),
    ...(core.period_id === local.period_id ? {} : { period_id: core.period_id }),
  };
  return { ...correction(found, local, data), atMs: core.effective_ms };
}

/** Everything of a correction but when it takes effect. */
const correction = (
  { break_id, class: cause }: JudgedBreak,
  { distributor_id, line_id, currency }: LocalLine,
  data: JsonObject,
): Omit<Told, "atMs"> => ({
  type: "recon.correction",
  data: { distributor_id, break_id, line_id, currency, cause, ...data },
});

const eventOf = (
  { break_id, distributor_id }: JudgedBreak,
  name: string,
  { type, atMs, data }: Told,
): GatewayEvent => ({
  id: `recon:${name}`,
  source: RECON_SOURCE,
  type,
  version: 1,
  occurredAtMs: atMs,
  key: `dist:${distributor_id}`,
  epoch: 0,
  causationId: break_id,
  data,
});
