import { LogCheck } from "../../core/subject/log-check.ts";
import type { LogChecked, SubjectView } from "../subject.ts";
import { sha256, type SqlStore } from "./sql-store.ts";

/** Rows that are computed again in one call: some milliseconds. */
const CHECKED_ROWS = 1000;

/** A log that is computed again, in parts, so that events need not wait for a long one. */
export class LogChecking {
  #begun: { readonly upTo: number; readonly check: LogCheck } | undefined;

  /** Goes on with the check up to a position. Asked for another position, it begins anew. */
  next(store: SqlStore | undefined, upTo: number, viewOf: () => SubjectView): LogChecked {
    const end = store?.position() ?? 0;
    if (end < upTo) return { kind: "short", position: end };
    const check = this.#checkUpTo(upTo);
    const limit = Math.min(CHECKED_ROWS, upTo - check.position);
    const broken = check.take(store?.rowsAfter(check.position, limit) ?? []);
    if (broken === undefined && check.position < upTo) return { kind: "more" };
    this.#begun = undefined;
    if (broken !== undefined) return { kind: "broken", position: broken };
    return { kind: "whole", sums: check.sums(), position: end, view: viewOf() };
  }

  #checkUpTo(upTo: number): LogCheck {
    if (this.#begun?.upTo !== upTo) this.#begun = { upTo, check: new LogCheck(sha256) };
    return this.#begun.check;
  }
}
