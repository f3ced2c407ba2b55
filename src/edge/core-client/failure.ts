import type { Violation } from "../../core/contracts/event.ts";
import type { Snapshot } from "../../core/reconciliation/wire.ts";

/** Why there is no answer that can be used. None of it holds a credential or text of the core's. */
interface Failures {
  /** No connection, or one that broke. */
  readonly unreachable: { readonly detail: string };
  /** The whole answer was not there in time. */
  readonly timeout: { readonly afterMs: number };
  /** Another status than 200 that no other kind stands for: credentials, a bad question, an outage. */
  readonly status: { readonly status: number };
  /** The core does not offer this: 404, 405 or 501. */
  readonly unsupported: { readonly status: number };
  /** A redirect: it is followed nowhere, as credentials would go along. */
  readonly moved: { readonly status: number };
  readonly too_large: { readonly bytesMax: number };
  /** No JSON, or JSON that breaks the interface. */
  readonly malformed: { readonly errors: readonly Violation[] };
  /** What the interface allows, but nobody asked for. */
  readonly not_asked: { readonly errors: readonly Violation[] };
  /** A listing that comes by where it was before. */
  readonly cursor_repeated: { readonly pages: number };
  /** A listing with more pages than any may have, or with empty ones on and on. */
  readonly endless: { readonly pages: number };
  /** Another state of the core than the one that was asked for; `got` where the core named it. */
  readonly snapshot_changed: { readonly asked: Snapshot; readonly got?: Snapshot };
  /** What the call may use up is used up: no fault of anybody, to be gone on with later. */
  readonly budget: { readonly what: "requests" | "bytes" | "time" };
}

type Of<Kind extends keyof Failures> = {
  [One in Kind]: { readonly kind: One } & Failures[One];
}[Kind];

/** What a core did wrong, or could not do. */
export type CoreFailure = Of<Exclude<keyof Failures, "budget">>;

/** A clear stop: what is left to do is for the next call. */
export type BudgetSpent = Of<"budget">;

const SAID: { readonly [Kind in keyof Failures]: (failure: Failures[Kind]) => string } = {
  unreachable: ({ detail }) => `The core cannot be reached: ${detail}`,
  timeout: ({ afterMs }) => `The core did not answer within ${afterMs} ms`,
  status: ({ status }) => `The core answered with status ${status}`,
  unsupported: ({ status }) => `The core does not offer this: status ${status}`,
  moved: ({ status }) => `The core redirects (status ${status}): its address has changed`,
  too_large: ({ bytesMax }) => `The core's answer has more than ${bytesMax} bytes`,
  malformed: ({ errors }) => `The core's answer breaks the interface: ${sayErrors(errors)}`,
  not_asked: ({ errors }) => `The core answered what nobody asked for: ${sayErrors(errors)}`,
  cursor_repeated: ({ pages }) => `The core's listing goes in a circle, after ${pages} pages`,
  endless: ({ pages }) => `The core's listing does not end: ${pages} pages so far`,
  snapshot_changed: ({ asked, got }) =>
    got === undefined
      ? `The core cannot answer as of ${saySnapshot(asked)} any more`
      : `The core answers as of ${saySnapshot(got)} where ${saySnapshot(asked)} was asked for`,
  budget: ({ what }) => `All ${what} that this call may use are used`,
};

/** One sentence for the report of a run. */
export const sayFailure = <Kind extends keyof Failures>(failure: Of<Kind>): string =>
  SAID[failure.kind](failure);

const sayErrors = (errors: readonly Violation[]): string =>
  errors.map(({ path, rule, message }) => `${path} (${rule}): ${message}`).join("; ");

const saySnapshot = ({ asOfSeq, epoch }: Snapshot): string => `change ${asOfSeq} of epoch ${epoch}`;

const UNANSWERED: ReadonlySet<string> = new Set(["unreachable", "timeout", "status", "moved"]);

/** Whether the core did not answer at all: asked for something else it may not either. */
export const isUnanswered = (failure: string): boolean => UNANSWERED.has(failure);
