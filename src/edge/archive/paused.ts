import { type DeliveryMessage, nameOf } from "../message.ts";
import { drain, type Drained, type DrainPorts } from "./drain.ts";

const RESUMING_PREFIX = "resuming/";

export interface SourcePlace {
  readonly tenant: string;
  readonly source: string;
}

/** A source that was resumed and may still have messages held. */
export interface Resuming extends SourcePlace {
  readonly sinceMs: number;
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

/** Tells cron that a source goes on. Written by resume after the source itself. */
export async function markResuming(bucket: R2Bucket, place: SourcePlace): Promise<void> {
  await bucket.put(markerKey(place), "");
}

/** Forgets a marker: what was held is sent, or the source is paused again. */
export async function clearResuming(bucket: R2Bucket, place: SourcePlace): Promise<void> {
  await bucket.delete(markerKey(place));
}

/** Sources being resumed, at most `limit`. */
export async function listResuming(
  bucket: R2Bucket,
  { limit }: { readonly limit: number },
): Promise<readonly Resuming[]> {
  const { objects } = await bucket.list({ prefix: RESUMING_PREFIX, limit });
  return objects.flatMap(({ key, uploaded }) => {
    const [tenant, source] = key.slice(RESUMING_PREFIX.length).split("/");
    if (tenant === undefined || source === undefined) return [];
    return [{ tenant, source, sinceMs: uploaded.getTime() }];
  });
}

const markerKey = ({ tenant, source }: SourcePlace) => `${RESUMING_PREFIX}${tenant}/${source}`;
