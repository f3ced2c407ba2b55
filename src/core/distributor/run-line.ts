import type { Line } from "../ledger/line.ts";
import type { OwnLine } from "../ledger/own-line.ts";
import { bucketOf, COMMISSION, signedTransfer, type Transfer } from "../ledger/transfer.ts";
import type { Move, RunLine } from "../subject/move.ts";
import type { Moved, Rules } from "../subject/rules.ts";
import type { SubjectState } from "../subject/state.ts";
import { ownKey } from "./own-kept.ts";
import { arrived, moveDistributor } from "./own-line.ts";

/** What reaches a distributor without an event of its own, from orders and from runs. */
export const moveByRuns: NonNullable<Rules["move"]> = (move, state, at) =>
  move.kind === "run_line" ? runLineTold(move, state) : moveDistributor(move, state, at);

/**
 * PL of `gateway_final` for a whole period: what a run says of a line beyond what was posted of it,
 * in the bucket the line is in by now. An older version, and the same again, is nothing.
 */
export function runLineTold(
  { line: told, run_id }: Extract<Move, { readonly kind: "run_line" }>,
  state: SubjectState,
): Moved | undefined {
  const key = ownKey(told.line_id);
  const fact = state.fact(key);
  const before = fact === undefined ? undefined : parseOwn(fact.state);
  if (before !== undefined && told.ver <= before.ver) return undefined;

  const after = ownAfter(before, told);
  const transfers = given(after.line, told.amount_minor - (before?.line.amount_minor ?? 0));
  // A line that was never there has no row; but its version is remembered: an older one may follow.
  const lines = after.line.state === "void" ? [] : [after.line];
  return {
    cause: { kind: "line", event_id: run_id, occurred_ms: told.effective_ms },
    effects: {
      ...(lines.length === 0 ? {} : { lines }),
      ...(transfers.length === 0 ? {} : { transfers }),
    },
    writes: [
      { put: "fact", key, fact: { essence: "", eventId: run_id, state: JSON.stringify(after) } },
      ...(before === undefined ? [arrived(told.line_id)] : []),
    ],
  };
}

function ownAfter(before: OwnLine | undefined, told: RunLine): OwnLine {
  const isThere = before !== undefined && before.line.state !== "void";
  return {
    line: { ...(isThere ? before.line : opened(told)), ...amountOf(told) },
    ver: told.ver,
    computation: 1,
    available_ms: told.available_ms ?? before?.available_ms ?? null,
  };
}

// Own text: what runLineTold() and the rules of orders' lines wrote.
const parseOwn = (text: string): OwnLine => JSON.parse(text);

const amountOf = ({ amount_minor, rate_ppm }: RunLine) => ({ amount_minor, rate_ppm });

const opened = (told: RunLine): Line =>
  told.amount_minor === 0 ? nothing(told) : { ...nothing(told), ...placeOf(told) };

const placeOf = ({ bucket, available_ms }: RunLine): Pick<Line, "state" | "due_ms"> => ({
  state: bucket,
  due_ms: bucket === "held" ? available_ms : null,
});

const nothing = (told: RunLine): Line => ({
  line_id: told.line_id,
  distributor_id: told.distributor_id,
  order_id: null,
  component: told.component,
  level: null,
  depth: null,
  rate_ppm: told.rate_ppm,
  amount_minor: 0,
  reversed_minor: 0,
  currency: told.currency,
  state: "void",
  period_id: told.period_id,
  effective_ms: told.effective_ms,
  origin: "gateway",
  due_ms: null,
});

const given = (line: Line, amount_minor: number): readonly Transfer[] =>
  signedTransfer({
    rule: "PL",
    debit: COMMISSION,
    credit: bucketOf(line.distributor_id, line.state === "held" ? "held" : "available"),
    amount_minor,
    currency: line.currency,
    reference: line.line_id,
  });
