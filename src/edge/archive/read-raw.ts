import type { DeliveryMessage } from "../message.ts";

/** A stored batch of deliveries, as they came. */
export interface RawPart {
  readonly objectKey: string;
  readonly deliveries: readonly DeliveryMessage[];
}

const pad = (n: number): string => String(n).padStart(2, "0");

/** Where the deliveries of an hour begin: `…/date=2026-07-01/hour=09`. */
function hourAt(tenant: string, atMs: number): string {
  const at = new Date(atMs);
  const day = at.toISOString().slice(0, "yyyy-mm-dd".length);
  return `raw/tenant=${tenant}/date=${day}/hour=${pad(at.getUTCHours())}`;
}

/**
 * A page of the batches that were archived since an instant, in the order of the hours in which they
 * were consumed; where the next page begins, if there is one.
 */
export async function readRaw(
  bucket: R2Bucket,
  { tenant, fromMs }: { readonly tenant: string; readonly fromMs: number },
  { after, limit }: { readonly after: string | undefined; readonly limit: number },
): Promise<{ readonly parts: readonly RawPart[]; readonly next?: string }> {
  const prefix = `raw/tenant=${tenant}/`;
  // Keys of the hour itself sort behind its own name.
  const startAfter = after ?? hourAt(tenant, fromMs);
  const page = await bucket.list({ prefix, limit, startAfter });
  const parts = await Promise.all(
    page.objects.map(async ({ key }) => {
      const text = (await (await bucket.get(key))?.text()) ?? "";
      const lines = text.split("\n").filter((line) => line !== "");
      return { objectKey: key, deliveries: lines.map(parseDelivery) };
    }),
  );
  const last = page.objects.at(-1)?.key;
  return page.truncated && last !== undefined ? { parts, next: last } : { parts };
}

// Own text: what putArchive wrote.
const parseDelivery = (line: string): DeliveryMessage => JSON.parse(line);
