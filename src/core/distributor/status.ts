import { type Amount, amountOf } from "../amount.ts";
import { formatInstant } from "../contracts/instant.ts";
import type { Json, JsonObject } from "../json.ts";
import { type Bucket, bucketOf } from "../ledger/transfer.ts";
import { type Counted, isPast, rankFromVolumes, type Running } from "./estimate.ts";
import { balanceOf, type DistributorView, statusAt } from "./view.ts";

/** What is known of a distributor, and at which instant it is looked at. */
export interface StatusSource {
  readonly distributorId: string;
  readonly view: DistributorView;
  readonly name: string | undefined;
  /** Nothing where the mirror that counts them does not answer. */
  readonly frontline: number | undefined;
  /** The period that is running; nothing where no plan says which. */
  readonly running?: Running | undefined;
  /** What was counted in that period; nothing where nothing was, or the mirror does not answer. */
  readonly counted?: Counted | undefined;
  readonly position: number;
  readonly asOfMs: number;
  /** Which of several statuses holds depends on it. */
  readonly nowMs: number;
  /** Whoever may not see who is below sees what the legs come to, and not whose they are. */
  readonly seesBelow: boolean;
}

const BUCKETS = ["pending", "held", "available", "in_transit"] as const satisfies readonly Bucket[];

/** The live status of a distributor as the API shows it. */
export function statusOf(source: StatusSource) {
  const { distributorId, view, name, frontline, position, asOfMs, nowMs } = source;
  const volumes = volumesOf(source);
  return {
    distributor_id: distributorId,
    name: name ?? null,
    status: statusAt(view, nowMs) ?? null,
    ...enrolment(view),
    ranks: ranksOf(source, volumes),
    volumes,
    balances: owed(view, distributorId),
    frontline: frontline ?? null,
    position,
    as_of: formatInstant(asOfMs),
  };
}

/** Where in the trees and since when; all null while only later facts have arrived. */
function enrolment({ enrolment: standing }: DistributorView) {
  if (standing === undefined) {
    return { sponsor_id: null, placement_id: null, leg: null, joined_at: null };
  }
  const { country, sponsor_id = null, placement_id = null, leg = null } = standing.value;
  return {
    ...(typeof country === "string" ? { country } : {}),
    sponsor_id,
    placement_id,
    leg,
    joined_at: formatInstant(standing.effective_ms),
  };
}

/** The core's latest, unless the period it is of is over and more was counted since. */
function volumesOf({ view: { volume: told }, running, counted, seesBelow }: StatusSource) {
  if (running !== undefined && counted !== undefined) {
    if (told === undefined || isPast(told, running)) {
      const { period_id } = running.period;
      const { pv_x100, gv_x100 } = counted;
      return { period_id, pv_x100, gv_x100, legs: null, rev: null, source: "estimate" } as const;
    }
  }
  if (told === undefined) return null;
  const { value, period_id, rev } = told;
  const all: readonly Json[] = JSON.parse(String(value["legs"] ?? "[]"));
  const legs = seesBelow ? all : all.flatMap(nameless);
  const { pv_x100 = null, gv_x100 = null } = value;
  return { period_id, pv_x100, gv_x100, legs, rev, source: "core" } as const;
}

const VOLUMES: ReadonlySet<string> = new Set(["pv_x100", "cv_x100", "gv_x100"]);
/** Names of legs that say nobody: those of a binary tree (contracts/distributor.ts). */
const SIDES: ReadonlySet<Json> = new Set(["L", "R"]);

/**
 * What a leg comes to, and which side it is. Cores name legs by who heads them as well: whatever
 * else there is, a number or a member's name included, can be an id, and is left out.
 */
function nameless(leg: Json): readonly Json[] {
  if (typeof leg === "number") return [leg];
  if (leg === null || typeof leg !== "object") return [];
  const members = Object.entries(leg).filter(([name, value]) =>
    name === "leg" ? SIDES.has(value) : VOLUMES.has(name) && typeof value === "number",
  );
  return members.length === 0 ? [] : [Object.fromEntries(members)];
}

/** Told by the core or set by a run; otherwise what the volumes of the running period make. */
function ranksOf({ view, running }: StatusSource, volumes: ReturnType<typeof volumesOf>) {
  if (view.rank === undefined) return estimatedRanks(running, volumes);
  const { value, period_id, rev } = view.rank;
  const { pay_rank = null, career_rank = null, told_by = "core" } = value;
  return { pay_rank, career_rank, period_id, rev, source: told_by };
}

function estimatedRanks(running: Running | undefined, volumes: ReturnType<typeof volumesOf>) {
  if (running === undefined || volumes?.period_id !== running.period.period_id) return null;
  const { period_id, pv_x100, gv_x100 } = volumes;
  if (typeof pv_x100 !== "number" || typeof gv_x100 !== "number") return null;
  const pay_rank = rankFromVolumes(running, { pv_x100, gv_x100 });
  if (pay_rank === undefined) return null;
  return { pay_rank, career_rank: null, period_id, rev: null, source: "estimate" } as const;
}

/**
 * What the company owes the distributor, by currency and bucket. The ledger credits what is owed
 * and credits are below zero, so every sign turns: `available` below zero means the distributor owes.
 */
function owed(view: DistributorView, distributorId: string) {
  const accounts = BUCKETS.map((bucket) => [bucket, bucketOf(distributorId, bucket)] as const);
  const currencies = new Set(
    accounts.flatMap(([, account]) => Object.keys(view.balances[account] ?? {})),
  );
  const balances: Record<string, Record<string, Amount>> = {};
  for (const currency of [...currencies].toSorted()) {
    balances[currency] = Object.fromEntries(
      accounts.map(([bucket, account]) => [
        bucket,
        amountOf(-balanceOf(view, account, currency), currency),
      ]),
    );
  }
  return balances;
}

/** A person's full name, as far as the sender gave one. */
export function fullName({ name, given_name, family_name }: JsonObject): string | undefined {
  if (typeof name === "string" && name.trim() !== "") return name;
  const parts = [given_name, family_name].flatMap((part) =>
    typeof part === "string" && part !== "" ? [part] : [],
  );
  return parts.length === 0 ? undefined : parts.join(" ");
}
