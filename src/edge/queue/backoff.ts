/** The queue's `max_retries` plus the first try: after it, an event is dead until a person asks. */
export const ATTEMPTS_MAX = 20;

const FIRST_SECONDS = 2;
/** Half an hour: with {@link ATTEMPTS_MAX} an outage of five hours kills nothing. */
const DELAY_SECONDS_MAX = 1800;

/** How long an event that failed `attempts` times waits: doubling, so that a sick part can rest. */
export const delaySeconds = (attempts: number): number =>
  Math.min(DELAY_SECONDS_MAX, FIRST_SECONDS * 2 ** Math.max(0, attempts - 1));
