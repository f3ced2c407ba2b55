import * as z from "zod";
import { amountOf, exactInteger } from "../../core/amount.ts";
import { formatInstant } from "../../core/contracts/instant.ts";
import type { BalanceRow, Part, Reader, Reading, TransferPlace, TransferRow } from "../reading.ts";
import { pageOf, readPage } from "./cursor.ts";
import { readQuery } from "./query.ts";
import { answerRead, invalidParameter, readerOf } from "./reader.ts";
import { ReportTimes, timesOf } from "./report-times.ts";
import { type ApiContext, param, type Route } from "./route.ts";

/** Accounts in one answer; a company with more names a prefix. */
const BALANCES_MAX = 50_000;
const PREFIX_CHARS_MAX = 256;

/** Which transfers count: those that took effect by then, and were known by then. */
interface Times {
  readonly asOfMs?: number;
  readonly knownAtMs?: number;
}

export interface LedgerPorts {
  readonly ledger: {
    /** A subject's transfers, newest first. */
    transfers(
      reader: Reader,
      subject: string,
      part: Part<TransferPlace> & Times,
    ): Promise<Reading<readonly TransferRow[]>>;
    /** Balances other than zero of the accounts that begin so, by account. */
    balances(
      reader: Reader,
      prefix: string,
      part: Part<never> & Times,
    ): Promise<Reading<readonly BalanceRow[]>>;
  };
}

const Place = z.object({ position: z.int(), n: z.int() });

export const TransfersQuery = ReportTimes;

export const BalancesQuery = z.object({
  prefix: z
    .string()
    .max(PREFIX_CHARS_MAX)
    .regex(/^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]*$/u, "Must hold printable characters only")
    .default(""),
  ...ReportTimes.shape,
});

/** `GET …/distributors/{id}/ledger` and `GET …/ledger/balances` */
export const ledgerRoutes = (ports: LedgerPorts): readonly Route[] => [
  {
    method: "GET",
    path: "/v1/tenants/:tenant/distributors/:distributor/ledger",
    permission: "ledger:read",
    handle: (c) => listTransfers(ports, c),
  },
  {
    method: "GET",
    path: "/v1/tenants/:tenant/ledger/balances",
    isHeavy: true,
    permission: "ledger:read",
    handle: (c) => getBalances(ports, c),
  },
];

async function listTransfers({ ledger }: LedgerPorts, c: ApiContext): Promise<Response> {
  const query = readQuery(c, TransfersQuery, { isList: true });
  if (!query.ok) return query.refusal;
  const page = readPage(c, Place, query.value);
  if (!page.ok) return page.refusal;
  const reader = readerOf(c);
  if (!reader.ok) return reader.refusal;
  const part = { ...page.value, limit: page.value.limit + 1, ...timesOf(query.value) };
  const read = await ledger.transfers(reader.value, `dist:${param(c, "distributor")}`, part);
  return answerRead(pageOf(read.value, page.value, { show: showTransfer, at: placeOf }), read);
}

const placeOf = ({ position, n }: TransferRow): TransferPlace => ({ position, n });

/** A transfer as answers show it. */
export const showTransfer = (row: TransferRow) => ({
  position: row.position,
  rule: row.rule,
  debit: row.debit,
  credit: row.credit,
  amount: amountOf(BigInt(row.amountMinor), row.currency),
  reference: row.reference,
  event_id: row.eventId,
  effective_at: formatInstant(row.effectiveMs),
  recorded_at: formatInstant(row.recordedMs),
});

async function getBalances({ ledger }: LedgerPorts, c: ApiContext): Promise<Response> {
  const query = readQuery(c, BalancesQuery);
  if (!query.ok) return query.refusal;
  const { prefix } = query.value;
  const reader = readerOf(c);
  if (!reader.ok) return reader.refusal;
  const part = { limit: BALANCES_MAX + 1, ...timesOf(query.value) };
  const read = await ledger.balances(reader.value, prefix, part);
  if (read.value.length > BALANCES_MAX) {
    const message = `Matches more than ${BALANCES_MAX} balances: must be longer`;
    return invalidParameter("prefix", "range", message);
  }
  return answerRead({ balances: byCurrency(read.value) }, read);
}

function byCurrency(rows: readonly BalanceRow[]) {
  const balances = new Map<string, [string, number | string][]>();
  for (const { account, currency, amount } of rows) {
    const accounts = balances.get(currency) ?? [];
    accounts.push([account, exactInteger(BigInt(amount))]);
    balances.set(currency, accounts);
  }
  const sorted = [...balances].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([name, all]) => [name, Object.fromEntries(all)]));
}
