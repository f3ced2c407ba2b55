import { eventIdsFrom } from "../event-count.ts";
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
      const deliveries = (await readRawPart(bucket, key)) ?? [];
      return { objectKey: key, deliveries };
    }),
  );
  const last = page.objects.at(-1)?.key;
  return page.truncated && last !== undefined ? { parts, next: last } : { parts };
}

/** The deliveries of one stored batch; undefined where it is not there any more. */
export async function readRawPart(
  bucket: R2Bucket,
  objectKey: string,
): Promise<readonly DeliveryMessage[] | undefined> {
  const object = await bucket.get(objectKey);
  if (object === null) return undefined;
  const lines = (await object.text()).split("\n").filter((line) => line !== "");
  return lines.map(parseDelivery);
}

/** What names of batches begin with that were consumed at an instant; those of before sort before it. */
const batchAt = (tenant: string, atMs: number): string =>
  `${hourAt(tenant, atMs)}/${eventIdsFrom(atMs).slice("evt_".length)}`;

/**
 * Names of the batches that were consumed since one instant and before another, in their order;
 * where the next page begins, if there is one.
 */
export async function rawKeys(
  bucket: R2Bucket,
  { tenant, fromMs, untilMs }: { tenant: string; fromMs: number; untilMs: number },
  { after, limit }: { readonly after: string | undefined; readonly limit: number },
): Promise<{ readonly keys: readonly string[]; readonly next?: string }> {
  const prefix = `raw/tenant=${tenant}/`;
  const startAfter = after ?? batchAt(tenant, fromMs);
  const page = await bucket.list({ prefix, limit, startAfter });
  const end = batchAt(tenant, untilMs);
  const keys = page.objects.map(({ key }) => key).filter((key) => key < end);
  const last = keys.at(-1);
  const isMore = page.truncated && keys.length === page.objects.length;
  return isMore && last !== undefined ? { keys, next: last } : { keys };
}

// Own text: what putArchive wrote.
const parseDelivery = (line: string): DeliveryMessage => JSON.parse(line);
