/** What one call of R2 lists, and what one call deletes. */
const FILES_MAX = 1000;

/** Prefixes that end with a tenant's name. Whoever puts something else into R2 adds it here. */
const PREFIXES = [
  (tenant: string) => `raw/tenant=${tenant}/`,
  (tenant: string) => `claims/${tenant}/`,
  (tenant: string) => `oversized/${tenant}/`,
  (tenant: string) => `paused/${tenant}/`,
  (tenant: string) => `paused-broken/${tenant}/`,
  (tenant: string) => `resuming/${tenant}/`,
  (tenant: string) => `roster/tenant=${tenant}/`,
  (tenant: string) => `dead/${tenant}/`,
  (tenant: string) => `exports/tenant=${tenant}/`,
] as const;

/** Those where the day comes first, so that the oldest is drained first. */
const BY_DAY = ["spill/", "spill-broken/"] as const;

/** What of these is a company's own data, and not a copy made for its deletion. */
const isOwn = (prefix: string): boolean => !prefix.startsWith("exports/");

/** A file that a tenant has in R2. */
export interface TenantFile {
  readonly key: string;
  readonly bytes: number;
}

export interface FilesPage {
  readonly files: readonly TenantFile[];
  readonly next?: string;
}

interface Place {
  readonly prefix: string;
  readonly cursor?: string;
}

/** Every prefix under which a tenant has files, or may have, in their order. */
async function prefixesOf(bucket: R2Bucket, tenant: string): Promise<readonly string[]> {
  const prefixes = PREFIXES.map((prefix) => prefix(tenant));
  for (const root of BY_DAY) {
    const { delimitedPrefixes } = await bucket.list({ prefix: root, delimiter: "/" });
    prefixes.push(...delimitedPrefixes.map((day) => `${day}tenant=${tenant}/`));
  }
  return prefixes.toSorted();
}

/** A tenant's files, a page of one prefix at a time. */
export async function filesOf(
  bucket: R2Bucket,
  tenant: string,
  at: string | undefined,
): Promise<FilesPage> {
  const prefixes = (await prefixesOf(bucket, tenant)).filter(isOwn);
  const { prefix, cursor }: Place =
    at === undefined ? { prefix: prefixes[0] ?? "" } : JSON.parse(at);
  const page = await bucket.list({
    prefix,
    limit: FILES_MAX,
    ...(cursor === undefined ? {} : { cursor }),
  });
  const files = page.objects.map(({ key, size }) => ({ key, bytes: size }));
  if (page.truncated) return { files, next: placeText({ prefix, cursor: page.cursor }) };
  // By their order and not by their number: a day of spilled messages can have gone meanwhile.
  const following = prefixes.find((one) => one > prefix);
  return following === undefined ? { files } : { files, next: placeText({ prefix: following }) };
}

const placeText = (place: Place): string => JSON.stringify(place);

/** Deletes some of a tenant's files, the export among them. True where nothing is left. */
export async function purgeFiles(bucket: R2Bucket, tenant: string): Promise<boolean> {
  for (const prefix of await prefixesOf(bucket, tenant)) {
    const { objects } = await bucket.list({ prefix, limit: FILES_MAX });
    if (objects.length === 0) continue;
    await bucket.delete(objects.map(({ key }) => key));
    return false;
  }
  return true;
}

/** Deletes everything under one prefix, some at a time. */
export async function dropPrefix(bucket: R2Bucket, prefix: string): Promise<void> {
  let isEmpty = false;
  while (!isEmpty) {
    const { objects } = await bucket.list({ prefix, limit: FILES_MAX });
    if (objects.length > 0) await bucket.delete(objects.map(({ key }) => key));
    isEmpty = objects.length === 0;
  }
}
