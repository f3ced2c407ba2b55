import { formatInstant } from "../../core/contracts/instant.ts";
import type { Deletion } from "../deletion.ts";

/** A deletion as whoever asked for it sees it. */
export function showDeletion({
  tenant,
  deletionId,
  state,
  progress,
  requestedBy,
  ...times
}: Deletion) {
  const { requestedMs, purgedMs } = times;
  return {
    tenant,
    deletion_id: deletionId,
    state,
    step: progress.step,
    skip_export: progress.skip_export,
    include_raw: progress.include_raw,
    requested_at: formatInstant(requestedMs),
    requested_by: requestedBy,
    parts: progress.parts,
    export: progress.export ?? null,
    confirmed_by: progress.confirmed?.by ?? null,
    messages_dropped: progress.dropped ?? 0,
    purged_at: purgedMs === undefined ? null : formatInstant(purgedMs),
    proof: progress.proof ?? null,
  };
}
