import type { GatewayEvent } from "../contracts/event.ts";
import { payBinary } from "../plans/binary.ts";
import type { Period } from "../plans/period.ts";
import type { Binary, Component, Plan, Stairstep } from "../plans/plan.ts";
import { safe } from "../plans/rounding.ts";
import { payStairstep } from "../plans/stairstep.ts";
import { isEligible } from "../plans/walk.ts";
import type { Fingerprint } from "../reconciliation/digest.ts";
import { type Bought, type Grouped, groupsOf, type Person } from "./people.ts";
import { RUN_SOURCE } from "./rank-run.ts";
import type { RunLine } from "../subject/move.ts";

const DAY_MS = 86_400_000;

/** What a leg brings into the next period; hundredths of a point. */
export interface Carry {
  readonly component: string;
  readonly distributor_id: string;
  readonly L: number;
  readonly R: number;
}

export interface CloseOccasion {
  readonly run_id: string;
  readonly period: Period;
  /** The lines' version: grows with each attempt. */
  readonly ver: number;
  /** From the close of the period before. */
  readonly carry: readonly Carry[];
  readonly bought: readonly Bought[];
}

export interface Closing {
  /** By component as the plan lists them, then by distributor as given; amounts above 0 only. */
  readonly lines: readonly RunLine[];
  /** Only what is not 0. */
  readonly carry: readonly Carry[];
}

/** Whether a close has to know the people and their volumes. */
export const paysAtClose = ({ components }: Plan): boolean => components.some(isPaidAtClose);

const isPaidAtClose = ({ kind }: Component): boolean => kind === "binary" || kind === "stairstep";

/**
 * What a period earns by the components that pay at its close: binary pairs along the placement
 * tree with what was carried (DOMAIN §4.3), stair-step along the sponsor tree (§4.5).
 */
export function closePeriod(
  plan: Plan,
  people: readonly Person[],
  occasion: CloseOccasion,
): Closing {
  const lines: RunLine[] = [];
  const carry: Carry[] = [];
  for (const component of plan.components) {
    if (component.kind === "binary") {
      const closed = closeBinary(plan, component, { people, occasion });
      lines.push(...closed.lines);
      carry.push(...closed.carry);
    } else if (component.kind === "stairstep") {
      lines.push(...closeStairstep(plan, component, { people, occasion }));
    }
  }
  return { lines, carry };
}

interface Given {
  readonly people: readonly Person[];
  readonly occasion: CloseOccasion;
}

function closeBinary(plan: Plan, component: Binary, { people, occasion }: Given): Closing {
  const groups = groupsOf(people, occasion.bought, "placement");
  const carried = new Map(
    occasion.carry
      .filter((one) => one.component === component.code)
      .map((one) => [one.distributor_id, one]),
  );
  const lines: RunLine[] = [];
  const carry: Carry[] = [];
  for (const person of people) {
    const before = carried.get(person.id) ?? { L: 0, R: 0 };
    const legs = {
      L: before.L + legOf(groups.get(person.id), "L"),
      R: before.R + legOf(groups.get(person.id), "R"),
    };
    const pay = payBinary(plan, component, { legs, isEligible: isPaid(plan, person) });
    lines.push(
      ...lineFor(plan, occasion, { person, component, pay, rate_ppm: component.pair_ppm }),
    );
    const { L, R } = pay.carry;
    if (L !== 0 || R !== 0) {
      carry.push({ component: component.code, distributor_id: person.id, L, R });
    }
  }
  return { lines, carry };
}

const legOf = (grouped: Grouped | undefined, side: "L" | "R"): number =>
  (grouped?.legs ?? []).reduce((sum, { leg, cv_x100 }) => sum + (leg === side ? cv_x100 : 0), 0);

function closeStairstep(
  plan: Plan,
  component: Stairstep,
  { people, occasion }: Given,
): readonly RunLine[] {
  const groups = groupsOf(people, occasion.bought, "sponsor");
  return people.flatMap((person) => {
    const grouped = groups.get(person.id);
    if (grouped === undefined) return [];
    const pay = payStairstep(plan, component, { ...grouped, isEligible: isPaid(plan, person) });
    return lineFor(plan, occasion, { person, component, pay, rate_ppm: pay.rate_ppm });
  });
}

/** Own volume of the period counts: at its close everybody's is known. */
const isPaid = (plan: Plan, { id, status, pv_x100 }: Person): boolean =>
  isEligible(plan, { id, depth: 0, leg: null, status, rank: null, pv_x100 });

interface Earned {
  readonly person: Person;
  readonly component: Binary | Stairstep;
  readonly pay: { readonly amount_minor: number };
  readonly rate_ppm: number;
}

function lineFor(
  { currency, holdback_days }: Plan,
  { run_id, period, ver }: CloseOccasion,
  { person, component, pay, rate_ppm }: Earned,
): readonly RunLine[] {
  const { amount_minor } = pay;
  if (amount_minor === 0) return [];
  const isHeld = holdback_days > 0;
  return [
    {
      line_id: `${run_id}:${component.code}:${person.id}`,
      distributor_id: person.id,
      component: component.code,
      rate_ppm,
      amount_minor,
      currency,
      bucket: isHeld ? "held" : "available",
      period_id: period.period_id,
      effective_ms: period.end_ms - 1,
      available_ms: isHeld ? period.end_ms + holdback_days * DAY_MS : null,
      ver,
    },
  ];
}

/** A line of nothing in the place of one that an earlier attempt of the run made. */
export const emptied = (
  line: Pick<RunLine, "line_id" | "distributor_id" | "component" | "currency">,
  { period, ver }: Pick<CloseOccasion, "period" | "ver">,
): RunLine => ({
  ...line,
  rate_ppm: null,
  amount_minor: 0,
  bucket: "available",
  period_id: period.period_id,
  effective_ms: period.end_ms - 1,
  available_ms: null,
  ver,
});

/**
 * A line for everybody by each component that pays at close, 0 where nothing was earned: an earlier
 * attempt may have found something.
 */
export function wantedLines(
  plan: Plan,
  people: readonly Person[],
  { lines, occasion }: Pick<Closing, "lines"> & { readonly occasion: CloseOccasion },
): readonly RunLine[] {
  const earned = new Map(lines.map((line) => [line.line_id, line]));
  return plan.components.filter(isPaidAtClose).flatMap(({ code: component }) =>
    people.map(({ id: distributor_id }) => {
      const line_id = `${occasion.run_id}:${component}:${distributor_id}`;
      const line = { line_id, distributor_id, component, currency: plan.currency };
      return earned.get(line_id) ?? emptied(line, occasion);
    }),
  );
}

/** Whether this telling of a close is the gateway's own, as {@link periodClosed} makes it. */
export const isOwnClose = ({
  period_id,
  epoch,
  rev,
  run_id,
}: {
  readonly period_id: string;
  readonly epoch: number;
  readonly rev: string;
  readonly run_id: string;
}): boolean =>
  epoch === 0 && rev === "0" && run_id.startsWith("close:") && run_id.endsWith(`:${period_id}`);

/** The event that closes a period for good. Plans that close it together tell it in one voice. */
export const periodClosed = (
  { period_id, end_ms }: Period,
  told: { readonly run_id: string; readonly counted: Fingerprint; readonly digest: string },
): GatewayEvent => ({
  id: `close:${period_id}`,
  source: RUN_SOURCE,
  type: "period.closed",
  version: 1,
  occurredAtMs: end_ms,
  key: `period:${period_id}`,
  epoch: 0,
  rev: "0",
  data: {
    period_id,
    run_id: told.run_id,
    totals: Object.fromEntries(
      Object.entries(told.counted.totals).map(([currency, total]) => [
        currency,
        safe(BigInt(total)),
      ]),
    ),
    lines: told.counted.lines,
    digest: told.digest,
  },
});
