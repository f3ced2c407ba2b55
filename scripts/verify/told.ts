import { member } from "../local/client.ts";

/** One transfer: a debit account, a credit account, an amount above zero. */
export interface Transfer {
  readonly debit: string;
  readonly credit: string;
  readonly currency: string;
  readonly amount: bigint;
}

/** A commission line as a log last told it. */
export interface Line {
  readonly line_id: string;
  readonly distributor_id: string;
  readonly currency: string;
  readonly amount: bigint;
  readonly reversed: bigint;
  readonly state: string;
  /** Ours, and not the core's. */
  readonly isOwn: boolean;
}

/** A line as its order sent it out. */
export interface SentLine extends Omit<Line, "isOwn" | "state"> {
  readonly period_id: string | undefined;
  readonly ver: number;
  readonly computation: number;
}

/** What is said to have been sent out: how many lines, and by currency what they come to. */
export interface Sent {
  readonly lines: number;
  readonly sums: string;
}

/** What an order says of it. */
export interface Manifest extends Sent {
  readonly position: number;
  readonly order_id: string;
}

/** By currency and account, debit above zero. */
export type Sums = Map<string, bigint>;

export const sumKey = (currency: string, account: string): string => `${currency} ${account}`;

export function add(sums: Sums, { debit, credit, currency, amount }: Transfer): void {
  const [from, to] = [sumKey(currency, debit), sumKey(currency, credit)];
  sums.set(from, (sums.get(from) ?? 0n) + amount);
  sums.set(to, (sums.get(to) ?? 0n) - amount);
}

/** A transfer, or what is wrong with it. */
export function readTransfer(value: unknown): Transfer | string {
  const [debit, credit, currency] = ["debit", "credit", "currency"].map((name) =>
    textOf(member(value, name)),
  );
  const amount = integerOf(member(value, "amount_minor"));
  if (debit === undefined || credit === undefined || currency === undefined) {
    return "a transfer lacks an account or its currency";
  }
  // Equal amounts on two accounts: with these, debits and credits add up to nothing.
  if (amount === undefined || amount <= 0n) return "a transfer's amount is no integer above zero";
  if (debit === credit) return `a transfer moves money from "${debit}" to itself`;
  return { debit, credit, currency, amount };
}

/** A line, or what is wrong with it. */
export function readLine(value: unknown): Line | string {
  const texts = ["line_id", "distributor_id", "currency"].map((name) =>
    textOf(member(value, name)),
  );
  const [line_id, distributor_id, currency] = texts;
  const amount = integerOf(member(value, "amount_minor"));
  const reversed = integerOf(member(value, "reversed_minor"));
  if (line_id === undefined || distributor_id === undefined || currency === undefined) {
    return "a line lacks its id, its distributor or its currency";
  }
  if (amount === undefined || reversed === undefined) return `line "${line_id}" has no amounts`;
  if (reversed < 0n || reversed > amount) {
    return `line "${line_id}" is reversed by ${reversed}, of ${amount}`;
  }
  const state = textOf(member(value, "state")) ?? "";
  const isOwn = member(value, "origin") === "gateway";
  return { line_id, distributor_id, currency, amount, reversed, state, isOwn };
}

/** A line as it was sent out, or what is wrong with it. */
export function readSent(value: unknown): SentLine | string {
  const line = readLine(value);
  if (typeof line === "string") return line;
  const { line_id, distributor_id, currency, amount, reversed } = line;
  const [ver, computation] = [member(value, "ver"), member(value, "computation")].map(Number);
  const versions = { ver: ver ?? 0, computation: computation ?? 0 };
  const period_id = textOf(member(value, "period_id"));
  return { line_id, distributor_id, currency, amount, reversed, period_id, ...versions };
}

/** The manifest in an order's row, if it is one. */
export function readManifest(value: unknown, position: number): Manifest | undefined {
  const order_id = textOf(member(value, "order_id"));
  const sent = readSentSums(value, "manifest");
  return order_id === undefined || sent === undefined ? undefined : { position, order_id, ...sent };
}

/** Lines and their sums, the latter under this name. */
export function readSentSums(value: unknown, name: string): Sent | undefined {
  const sums = textOf(member(value, name));
  const lines = member(value, "lines");
  return sums === undefined || typeof lines !== "number" ? undefined : { lines, sums };
}

export const textOf = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;

/** Beyond 2^53 the gateway writes text. */
export function integerOf(value: unknown): bigint | undefined {
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  return typeof value === "string" && /^-?\d+$/.test(value) ? BigInt(value) : undefined;
}

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
