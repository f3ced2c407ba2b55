/** A subject and how far its log is mirrored. */
export interface RosterHead {
  readonly tenant: string;
  readonly subject: string;
  readonly position: number;
  readonly head: string;
}

/** One object of the archive: what one page of a day's walk holds of one tenant. */
export interface RosterPart {
  readonly objectKey: string;
  readonly heads: readonly RosterHead[];
}

/**
 * Parts a page by tenant. Parts of a tenant are numbered by page: ascending, with holes. A page that
 * is written again may repeat subjects of the next: of a subject's lines the furthest counts.
 */
export const partRoster = (
  heads: readonly RosterHead[],
  { day, page }: { readonly day: string; readonly page: number },
): readonly RosterPart[] =>
  [...Map.groupBy(heads, ({ tenant }) => tenant)].map(([tenant, own]) => ({
    objectKey: `roster/tenant=${tenant}/date=${day}/part-${page}.ndjson`,
    heads: own,
  }));

/** Writes one part, a line a subject. Repeating it changes nothing. */
export async function putRoster(bucket: R2Bucket, { objectKey, heads }: RosterPart): Promise<void> {
  const text = heads
    .map(({ tenant, subject, position, head }) =>
      [JSON.stringify({ tenant, subject, position, head }), "\n"].join(""),
    )
    .join("");
  await bucket.put(objectKey, text, { httpMetadata: { contentType: "application/x-ndjson" } });
}
