/*
 * What happens to a placement tree, as texts that sort by time and then by id. Who joins sees the
 * moves of that very time done.
 */

/** Puts every instant that RFC 3339 can write above zero, and within so many digits. */
const ORIGIN_MS = 100_000_000_000_000;
const DIGITS = 15;

const timed = (ms: number, rest: string): string =>
  `${String(ms + ORIGIN_MS).padStart(DIGITS, "0")}${rest}`;

const MOVE = "0";
const JOIN = "1";

export const joinStep = (ms: number, id: string): string => timed(ms, JOIN + id);
export const moveStep = (ms: number, id: string): string => timed(ms, MOVE + id);

export interface Step {
  readonly ms: number;
  readonly id: string;
  readonly isMove: boolean;
}

export const readStep = (step: string): Step => ({
  ms: Number(step.slice(0, DIGITS)) - ORIGIN_MS,
  id: step.slice(DIGITS + 1),
  isMove: step[DIGITS] === MOVE,
});
