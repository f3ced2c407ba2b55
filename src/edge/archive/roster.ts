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

/** Days of which rosters are kept in mind: older ones tell nothing that these do not. */
const DAYS_LOOKED_AT = 35;

/**
 * The days whose rosters together name everybody, the newest first: the newest, which may be on its
 * way, the one before it, and the largest, as a walk over a mirror that has lost its rows names few.
 */
export async function rosterDays(bucket: R2Bucket, tenant: string): Promise<readonly string[]> {
  const prefix = `roster/tenant=${tenant}/date=`;
  const days: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await bucket.list({ prefix, delimiter: "/", ...(cursor && { cursor }) });
    days.push(...page.delimitedPrefixes.map((name) => name.slice(prefix.length, -1)));
    cursor = page.truncated ? page.cursor : undefined;
  } while (cursor !== undefined);
  const known = days.toSorted().toReversed().slice(0, DAYS_LOOKED_AT);
  const sizes = await Promise.all(
    known.map(async (day) => {
      const { objects } = await bucket.list({ prefix: `${prefix}${day}/` });
      return { day, bytes: objects.reduce((sum, { size }) => sum + size, 0) };
    }),
  );
  const [largest] = sizes.toSorted((a, b) => b.bytes - a.bytes);
  const newest = known.slice(0, 2);
  return largest === undefined || newest.includes(largest.day) ? newest : [...newest, largest.day];
}

/** One part of a day's roster, in the order of their keys; where the next one begins, if there is one. */
export async function readRoster(
  bucket: R2Bucket,
  { tenant, day }: { readonly tenant: string; readonly day: string },
  startAfter: string | undefined,
): Promise<{ readonly heads: readonly RosterHead[]; readonly next?: string }> {
  const prefix = `roster/tenant=${tenant}/date=${day}/`;
  const page = await bucket.list({ prefix, limit: 1, ...(startAfter && { startAfter }) });
  const key = page.objects[0]?.key;
  if (key === undefined) return { heads: [] };
  const text = (await (await bucket.get(key))?.text()) ?? "";
  const heads = text.split("\n").flatMap((line) => (line === "" ? [] : [parseHead(line)]));
  return page.truncated ? { heads, next: key } : { heads };
}

// Own text: what putRoster wrote.
const parseHead = (line: string): RosterHead => JSON.parse(line);
