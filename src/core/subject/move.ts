import type { Recruit } from "../genealogy/placement-person.ts";
import type { DispatchedLine } from "../ledger/line.ts";
import type { Passage } from "./entry.ts";
import type { Want } from "./surroundings.ts";

/** What reaches an object without an event of its own. Absolute: the same move twice is one. */
export type Move =
  /** An order tells a distributor how a line stands. */
  | {
      readonly kind: "line";
      readonly line: DispatchedLine;
      readonly event_id: string;
      /** When the payment or return happened that changed it: from when the change counts. */
      readonly occurred_ms: number;
      readonly passage?: Passage;
    }
  /** The time of a gateway's line has come: its holdback is over, its reversal overdue. */
  | { readonly kind: "due"; readonly line_id: string }
  /** The core confirmed nothing until long after the period was closed (DOMAIN §12.5). */
  | { readonly kind: "void"; readonly line_id: string }
  /** An edge or standing of the past became known: an order prices its lines anew. */
  | { readonly kind: "recompute"; readonly event_id: string; readonly want: Want }
  /**
   * Enrolments that a tenant's tree has to find slots for; none, to have it go on. With `all` it was
   * told of everybody; after a `part` others follow in the same call, and nobody is placed yet.
   */
  | {
      readonly kind: "place";
      readonly recruits: readonly Recruit[];
      readonly of: "some" | "part" | "all";
      readonly event_id: string;
    }
  /**
   * The core counts a later epoch and does not have what a stream waits for: what waits there is set
   * aside for a person. Old where another event's turn has come since.
   */
  | {
      readonly kind: "epoch_over";
      readonly source: string;
      readonly epoch: number;
      /** The first seq that the core was asked for, and does not have. */
      readonly from_seq: number;
      /** The core's epoch by now. */
      readonly core_epoch: number;
    }
  /** A run of a period tells a distributor what it earned in it; posted by difference. */
  | { readonly kind: "run_line"; readonly line: RunLine; readonly run_id: string }
  /** The close of a period leaves so much of an order's lines, by line id (DOMAIN §4.7). */
  | {
      readonly kind: "cap";
      readonly cuts: readonly (readonly [line_id: string, amount_minor: number])[];
      readonly run_id: string;
    }
  /** A person writes a debt off, in two steps (P14). */
  | {
      readonly kind: "write_off";
      readonly act_id: string;
      readonly distributor_id: string;
      readonly step: "receivable" | "bad_debt";
      readonly currency: string;
      readonly amount_minor: number;
    };

/**
 * What somebody earned in a period as a whole, by a component that pays at its close: absolute
 * state under a growing version, so that a run that is done again posts what differs and no more.
 */
export interface RunLine {
  /** `{run_id}:{component}:{distributor_id}` */
  readonly line_id: string;
  readonly distributor_id: string;
  readonly component: string;
  readonly rate_ppm: number | null;
  /** Minor units of `currency`; 0 where a later attempt left nothing of it. */
  readonly amount_minor: number;
  readonly currency: string;
  readonly bucket: "held" | "available";
  readonly period_id: string;
  /** The period's last millisecond. */
  readonly effective_ms: number;
  /** When a held line becomes payable. */
  readonly available_ms: number | null;
  readonly ver: number;
}
