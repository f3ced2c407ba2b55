import { type DeliveryMessage, nameOf } from "../message.ts";
import { drain, type Drained, type DrainPorts } from "./drain.ts";

const RESUMING_PREFIX = "resuming/";

export interface SourcePlace {
  readonly tenant: string;
  readonly source: string;
}

/** A source that was resumed or removed, or was about to be, and may have messages held. */
export interface Resuming extends SourcePlace {
  readonly sinceMs: number;
  /** Of its marker: another one when that is written anew. */
  readonly version: string;
}

/** Holds a message of a paused source until {@link drainPaused} sends it: a person wants it to wait. */
export async function hold(bucket: R2Bucket, message: DeliveryMessage): Promise<void> {
  const { tenant, source } = message;
  const held: DeliveryMessage = { ...message, passage: "aside" };
  await bucket.put(`paused/${tenant}/${source}/${nameOf(message)}.json`, JSON.stringify(held));
}

/** Sends what is held of one source, at most `limit` messages a call. Throws while the queue refuses. */
export const drainPaused = (
  ports: DrainPorts,
  { tenant, source }: SourcePlace,
  { limit }: { readonly limit: number },
): Promise<Drained> =>
  drain(ports, {
    prefix: `paused/${tenant}/${source}/`,
    brokenPrefix: `paused-broken/${tenant}/${source}/`,
    objectsMax: limit,
  });

/**
 * Tells cron that a source goes on. Written before the source itself is resumed or removed, as nobody
 * could be trusted to come back for it, and after that once more. While the source is paused nothing
 * comes of it.
 */
export async function markResuming(bucket: R2Bucket, place: SourcePlace): Promise<void> {
  await bucket.put(markerKey(place), "");
}

/** Forgets a marker once what was held is sent; not one that was written anew since it was listed. */
export async function clearResuming(bucket: R2Bucket, place: Resuming): Promise<void> {
  const key = markerKey(place);
  const marker = await bucket.head(key);
  if (marker?.version === place.version) await bucket.delete(key);
}

/** Sources being resumed, at most `limit`. */
export async function listResuming(
  bucket: R2Bucket,
  { limit }: { readonly limit: number },
): Promise<readonly Resuming[]> {
  const { objects } = await bucket.list({ prefix: RESUMING_PREFIX, limit });
  return objects.flatMap(({ key, uploaded, version }) => {
    const [tenant, source] = key.slice(RESUMING_PREFIX.length).split("/");
    if (tenant === undefined || source === undefined) return [];
    return [{ tenant, source, sinceMs: uploaded.getTime(), version }];
  });
}

const markerKey = ({ tenant, source }: SourcePlace) => `${RESUMING_PREFIX}${tenant}/${source}`;
