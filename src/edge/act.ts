import type { Claim } from "./idempotency.ts";

/** Who does something, and when, as the stores and the audit trail know it. */
export interface Act {
  readonly actor: string;
  readonly nowMs: number;
  /** Where it has an `Idempotency-Key`: once another request has that, nothing is written. */
  readonly claim?: Claim;
  /** Called once something of it is saved: what fails from then on has not left all as it was. */
  readonly saved?: () => void;
}
