import { dateOf } from "./sum-slices.ts";

/*
 * Sums that rows of some subjects are part of, or were before somebody changed them: `?3` is those
 * subjects as JSON. Totals that are right still name the days of rows that are gone.
 */

const IS_LEFT_OUT = "subject IN (SELECT value FROM json_each(?3))";

const touched = (account: string): string =>
  `SELECT ${account}, currency, ${dateOf("effective_ms")}, ${dateOf("recorded_ms")}
    FROM transfers WHERE tenant = ?1 AND ${IS_LEFT_OUT}`;

/** Accounts of distributors: their buckets, and what they owe. */
const ofDistributor = (account: string): string =>
  `(${account} GLOB 'dist:*' OR ${account} GLOB 'recv:dist:*')`;

const isOwn = (account: string, subject: string): string =>
  `(substr(${account}, 1, length(${subject}) + 1) = ${subject} || ':'
    OR ${account} = 'recv:' || ${subject})`;

const OWN_DAYS = `SELECT a.currency, a.day, a.known_day FROM json_each(?3) j CROSS JOIN account_days a
    ON a.tenant = ?1 AND a.account > j.value || ':' AND a.account < j.value || ';'
  WHERE j.value GLOB 'dist:*'`;

/** Of a row with `account`, `currency`, `day` and `known_day`. */
export const IS_TOTAL_LEFT_OUT = `(
  EXISTS (SELECT 1 FROM json_each(?3) j WHERE ${isOwn("account", "j.value")})
  OR (account, currency, day, known_day) IN (${touched("debit")} UNION ${touched("credit")})
  OR (NOT ${ofDistributor("account")} AND (
    EXISTS (SELECT 1 FROM json_each(?3) j WHERE j.value NOT GLOB 'dist:*')
    OR (currency, day, known_day) IN (
      SELECT currency, ${dateOf("effective_ms")}, ${dateOf("recorded_ms")} FROM transfers
        WHERE tenant = ?1 AND ${IS_LEFT_OUT}
      UNION ${OWN_DAYS}))))`;
