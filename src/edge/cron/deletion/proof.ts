import { canonicalJson } from "../../../core/canonical.ts";
import { formatInstant } from "../../../core/contracts/instant.ts";
import { sha256Of } from "../../archive/export-parts.ts";
import type { Deletion, DeletionProgress, DeletionProof } from "../../deletion.ts";

/** What is kept for ever: the proof, and nothing that led to it. */
export function prove(deletion: Deletion, purgedMs: number): DeletionProgress {
  const { skip_export, include_raw, parts, rows, bytes, export: made } = deletion.progress;
  const { confirmed } = deletion.progress;
  const told = proofOf(deletion, purgedMs);
  return {
    skip_export,
    include_raw,
    step: "purged",
    parts,
    rows,
    bytes,
    ...(made === undefined ? {} : { export: made }),
    ...(confirmed === undefined ? {} : { confirmed }),
    proof: { ...told, sha256: sha256Of(canonicalJson(told)) },
  };
}

function proofOf(deletion: Deletion, purgedMs: number): Omit<DeletionProof, "sha256"> {
  const { progress, requestedMs } = deletion;
  return {
    tenant: deletion.tenant,
    deletion_id: deletion.deletionId,
    jurisdiction: deletion.jurisdiction ?? null,
    requested_at: formatInstant(requestedMs),
    requested_by: deletion.requestedBy,
    confirmed_by: progress.confirmed?.by ?? null,
    purge_began_at: formatInstant(progress.purging_ms ?? requestedMs),
    purged_at: formatInstant(purgedMs),
    export_manifest_sha256: progress.export?.manifest_sha256 ?? null,
    ...countedIn(deletion),
    heads_sha256: progress.heads_sha256 ?? sha256Of(""),
    copies: progress.copies ?? 0,
    data_key: "destroyed",
  };
}

function countedIn({ progress, deletionId }: Deletion): Pick<DeletionProof, "before" | "after"> {
  const { before, after } = progress;
  if (before === undefined || after === undefined) {
    throw new Error(`Cannot prove deletion "${deletionId}": nothing was counted`);
  }
  return { before, after };
}
