import { type Amount, amountOf } from "../amount.ts";
import { formatInstant } from "../contracts/instant.ts";
import type { JsonObject } from "../json.ts";
import { type Bucket, bucketOf } from "../ledger/transfer.ts";
import type { Standing } from "../subject/entry.ts";
import { balanceOf, type DistributorView, statusAt } from "./view.ts";

/** What is known of a distributor, and at which instant it is looked at. */
export interface StatusSource {
  readonly distributorId: string;
  readonly view: DistributorView;
  readonly name: string | undefined;
  /** Nothing where the mirror that counts them does not answer. */
  readonly frontline: number | undefined;
  readonly position: number;
  readonly asOfMs: number;
  /** Which of several statuses holds depends on it. */
  readonly nowMs: number;
}

const BUCKETS = ["pending", "held", "available", "in_transit"] as const satisfies readonly Bucket[];

/** The live status of a distributor as the API shows it. */
export function statusOf(source: StatusSource) {
  const { distributorId, view, name, frontline, position, asOfMs, nowMs } = source;
  return {
    distributor_id: distributorId,
    name: name ?? null,
    status: statusAt(view, nowMs) ?? null,
    ...enrolment(view),
    ranks: view.rank === undefined ? null : ranks(view.rank),
    volumes: view.volume === undefined ? null : volumes(view.volume),
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

const ranks = ({ value, period_id, rev }: Standing) => ({
  pay_rank: value["pay_rank"] ?? null,
  career_rank: value["career_rank"] ?? null,
  period_id,
  rev,
});

function volumes({ value, period_id, rev }: Standing) {
  const legs: unknown = JSON.parse(String(value["legs"] ?? "[]"));
  const { pv_x100 = null, gv_x100 = null } = value;
  return { period_id, pv_x100, gv_x100, legs, rev };
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
