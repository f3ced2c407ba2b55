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
