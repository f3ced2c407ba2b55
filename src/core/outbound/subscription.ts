/** What a destination wants to be told. */
export interface Subscription {
  readonly subscription: string;
  readonly destination: string;
  /** `payment.confirmed`, `payment.*`, `*`. */
  readonly types: readonly string[];
  /** Only what these sources told; whatever it was where absent. */
  readonly sources?: readonly string[];
  /** Not what these sources told: whoever told it need not hear of it. */
  readonly exceptSources?: readonly string[];
}
