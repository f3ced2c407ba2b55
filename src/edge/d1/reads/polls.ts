import type { Usage } from "../../../pollers/budget.ts";
import type { Reader, Reading } from "../../reading.ts";
import { SOURCE_ROW } from "../polls.ts";
import { type MirrorOf, readingOf, rowsOf, sessionOf } from "./session.ts";

/** What a round of a stream came to, or has so far. */
interface Counts {
  readonly began_ms: number;
  readonly ended_ms: number | null;
  readonly pages: number;
  readonly records: number;
  readonly told: number;
}

/** How a stream of a source stands. */
export interface StreamStanding {
  readonly stream: string;
  readonly nextMs: number;
  readonly failures: number;
  readonly watermarkMs: number | null;
  readonly round: Counts | null;
  readonly last: Counts | null;
  readonly error: ErrorKept | null;
}

/** Why nothing comes; `since_ms` absent of what was kept before it was. */
interface ErrorKept {
  readonly at_ms: number;
  readonly since_ms?: number;
  readonly kind: string;
  readonly detail: string;
}

/** How the polling of a source stands. */
export interface PollStanding {
  /** Looking up what webhooks name. */
  readonly lookUp: Pick<StreamStanding, "failures" | "error">;
  /** Nothing is asked before then. */
  readonly notBeforeMs: number;
  readonly usage: Usage;
  readonly streams: readonly StreamStanding[];
}

interface Row {
  readonly stream: string;
  readonly nextMs: number;
  readonly failures: number;
  readonly cursor: string;
  readonly report: string;
}

const ROWS = `SELECT stream, next_ms AS nextMs, failures, cursor, report FROM polls
  WHERE tenant = ?1 AND source = ?2 ORDER BY stream`;

/** How sources are polled. */
export const pollReads = (mirrorOf: MirrorOf) => ({
  async standing(reader: Reader, source: string): Promise<Reading<PollStanding>> {
    const session = sessionOf(mirrorOf, reader);
    const rows = await rowsOf<Row>(session, ROWS, [reader.tenant, source]);
    const self = rows.find(({ stream }) => stream === SOURCE_ROW);
    const kept: { usage?: Usage } = JSON.parse(self?.cursor ?? "{}");
    return readingOf(session, {
      notBeforeMs: self?.nextMs ?? 0,
      usage: kept.usage ?? [],
      lookUp: { failures: self?.failures ?? 0, error: errorIn(self) },
      streams: rows.filter(({ stream }) => stream !== SOURCE_ROW).map(standingOf),
    });
  },
});

// Own text: what the job kept.
function errorIn(row: Row | undefined): ErrorKept | null {
  const { error = null }: { error?: ErrorKept | null } = JSON.parse(row?.report ?? "{}");
  return error;
}

function standingOf({ stream, nextMs, failures, cursor, report }: Row): StreamStanding {
  const { watermarkMs = null }: { watermarkMs?: number | null } = JSON.parse(cursor);
  const told: Partial<Pick<StreamStanding, "round" | "last" | "error">> = JSON.parse(report);
  const { round = null, last = null, error = null } = told;
  return { stream, nextMs, failures, watermarkMs, round, last, error };
}
