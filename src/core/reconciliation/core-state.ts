import type { Snapshot } from "./wire.ts";

/** What is kept of what a tenant's core told last of itself. Plain JSON. */
export interface CoreState {
  /** Which core told it; absent where it was kept before cores had names. */
  readonly core?: string;
  readonly epoch: number;
  /** Its change number, decimal text; absent where none was told in this epoch yet. */
  readonly seq?: string;
  /** It was restored from a backup: what has to be looked at next since. */
  readonly due?: "lines" | "balances";
  /** The epoch of one answer, outside any run: whether the core is in it, a run over all lines tells. */
  readonly told?: number;
}

/** The state that a core answers in: of an answer that is looked at for its epoch alone, no more. */
export interface ToldState {
  readonly core?: string;
  readonly epoch: number;
  readonly asOfSeq?: string;
  /** A person has said that the core is in this epoch. */
  readonly accepted?: number;
}

/** Why a core is not believed, with what it told before. */
export type Doubt =
  | { readonly kind: "epoch_fell" | "epoch_jumped"; readonly epoch: number }
  | { readonly kind: "seq_fell"; readonly seq: string };

export type StateNoted = { readonly kind: "believed" } | Doubt;

const BELIEVED: StateNoted = { kind: "believed" };

/**
 * Holds what a core tells against what it told before, and says what is to be kept; nothing where it
 * is not believed. Within an epoch change numbers only rise: what is behind is a replica, and older
 * than what was healed by. Each restore is one epoch: one answer that is far ahead would have every
 * later one refused. Another core is believed whatever it tells, and so is the first one.
 */
export function judgeState(
  known: CoreState | undefined,
  told: ToldState,
): { readonly noted: StateNoted; readonly state?: CoreState } {
  const { epoch } = told;
  const state = stateOf({ ...told, core: told.core ?? known?.core });
  if (known === undefined) return { noted: BELIEVED, state };
  const isOther = known.core !== undefined && known.core !== state.core;
  if (isOther)
    return { noted: BELIEVED, state: { ...state, ...(known.due && { due: known.due }) } };
  const isRestored = epoch === told.accepted || epoch === known.epoch + 1;
  if (isRestored) return { noted: BELIEVED, state: { ...state, due: "lines" } };
  const doubt = doubtOf(known, told);
  return doubt === undefined
    ? { noted: BELIEVED, state: { ...known, ...state } }
    : { noted: doubt };
}

/**
 * Holds an answer against what the core told before that no other one confirms, and says what is to be
 * kept: that all lines are due where it is of a later epoch, and nothing else. One answer that is wrong
 * would have every later run refused.
 */
export function judgeAnswer(
  known: CoreState | undefined,
  told: ToldState,
): { readonly noted: StateNoted; readonly state?: CoreState } {
  const { noted } = judgeState(known, told);
  const isOther = known?.core !== undefined && told.core !== undefined && known.core !== told.core;
  const isLater = known !== undefined && !isOther && told.epoch > known.epoch;
  if (noted.kind !== "believed" || !isLater) return { noted };
  return { noted, state: { ...known, due: "lines", told: told.epoch } };
}

const stateOf = ({
  core,
  epoch,
  asOfSeq,
}: Omit<ToldState, "core"> & { readonly core: string | undefined }): CoreState => ({
  ...(core === undefined ? {} : { core }),
  epoch,
  ...(asOfSeq === undefined ? {} : { seq: asOfSeq }),
});

function doubtOf(known: CoreState, { epoch, asOfSeq }: ToldState): Doubt | undefined {
  if (epoch < known.epoch) return { kind: "epoch_fell", epoch: known.epoch };
  if (epoch > known.epoch) return { kind: "epoch_jumped", epoch: known.epoch };
  if (asOfSeq === undefined || known.seq === undefined) return undefined;
  return isLess(asOfSeq, known.seq) ? { kind: "seq_fell", seq: known.seq } : undefined;
}

/** Of whole numbers as text, without leading zeros: too large for a number. */
const isLess = (one: string, other: string): boolean =>
  one.length === other.length ? one < other : one.length < other.length;

/** One sentence for the report of a run. */
export function sayUnbelieved(noted: Doubt, { asOfSeq, epoch }: Snapshot): string {
  const accept = `If that is right, start a run with accept_epoch ${epoch}`;
  switch (noted.kind) {
    case "epoch_fell":
      return `The core answers in epoch ${epoch}, and was in ${noted.epoch} before. ${accept}`;
    case "epoch_jumped":
      return `The core answers in epoch ${epoch}, and was in ${noted.epoch} before: a restore is one epoch. ${accept}`;
    case "seq_fell":
      return `The core answers as of change ${asOfSeq} of epoch ${epoch}, and was at ${noted.seq} before. ${accept}`;
  }
}
