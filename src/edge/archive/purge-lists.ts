import type { ExportPlace } from "./export-parts.ts";
import { dropPrefix } from "./purge-files.ts";

/**
 * Names that a purge works through twice: written down before their rows go, as afterwards nobody
 * could say which objects and copies there were. They go last.
 */
export type PurgeList = "subjects" | "destinations" | "copies";

const prefixOf = ({ tenant, deletionId }: ExportPlace): string =>
  `purging/tenant=${tenant}/${deletionId}/`;

const keyOf = (place: ExportPlace, list: PurgeList, n: number): string =>
  `${prefixOf(place)}${list}-${n}.json`;

export async function putNames(
  bucket: R2Bucket,
  place: ExportPlace,
  {
    list,
    n,
    names,
  }: { readonly list: PurgeList; readonly n: number; readonly names: readonly string[] },
): Promise<void> {
  await bucket.put(keyOf(place, list, n), JSON.stringify(names));
}

/** Throws where it is gone: what it named would stay. */
export async function getNames(
  bucket: R2Bucket,
  place: ExportPlace,
  { list, n }: { readonly list: PurgeList; readonly n: number },
): Promise<readonly string[]> {
  const object = await bucket.get(keyOf(place, list, n));
  if (object === null) throw new Error(`Cannot purge: the list "${list}-${n}" is not in R2`);
  return object.json();
}

export const dropNames = (bucket: R2Bucket, place: ExportPlace): Promise<void> =>
  dropPrefix(bucket, prefixOf(place));
