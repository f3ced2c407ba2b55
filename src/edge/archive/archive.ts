import type { DeliveryMessage } from "../message.ts";

/** One object of the archive: what one tenant has in one batch. */
export interface ArchivePart {
  readonly tenant: string;
  readonly objectKey: string;
  readonly lines: readonly DeliveryMessage[];
}

export interface Batch {
  readonly batchId: string;
  readonly nowMs: number;
}

/**
 * Parts a batch by tenant: one put each, as a put costs nine messages. The date and hour are
 * those of the batch, up to the queue's retention later than those of the deliveries in it.
 */
export function partArchive(
  messages: readonly DeliveryMessage[],
  { batchId, nowMs }: Batch,
): readonly ArchivePart[] {
  const iso = new Date(nowMs).toISOString();
  const hour = `date=${iso.slice(0, 10)}/hour=${iso.slice(11, 13)}`;

  return [...Map.groupBy(messages, ({ tenant }) => tenant)].map(([tenant, lines]) => ({
    tenant,
    objectKey: `raw/tenant=${tenant}/${hour}/${batchId}.ndjson`,
    lines,
  }));
}

/** Writes one part: a line per delivery, still sealed, claims still claims. Repeating it changes nothing. */
export async function putArchive(bucket: R2Bucket, part: ArchivePart): Promise<void> {
  const text = part.lines.map((line) => `${JSON.stringify(line)}\n`).join("");
  await bucket.put(part.objectKey, text, {
    httpMetadata: { contentType: "application/x-ndjson" },
  });
}
