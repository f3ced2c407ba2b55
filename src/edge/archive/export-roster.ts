/** Walks that may have been under way when the tenant was closed: the newest one can be half done. */
const DAYS_MAX = 2;

/** The parts of a tenant's newest rosters: all names there ever were, should the mirror lack some. */
export async function rosterKeys(bucket: R2Bucket, tenant: string): Promise<readonly string[]> {
  const days: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await bucket.list({
      prefix: `roster/tenant=${tenant}/`,
      delimiter: "/",
      ...(cursor === undefined ? {} : { cursor }),
    });
    days.push(...page.delimitedPrefixes);
    cursor = page.truncated ? page.cursor : undefined;
  } while (cursor !== undefined);
  const keys: string[] = [];
  for (const prefix of days.toSorted().slice(-DAYS_MAX)) {
    const { objects } = await bucket.list({ prefix });
    keys.push(...objects.map(({ key }) => key));
  }
  return keys;
}

/** The subjects that one part names. */
export async function rosterNames(bucket: R2Bucket, key: string): Promise<readonly string[]> {
  const object = await bucket.get(key);
  if (object === null) return [];
  const lines = (await object.text()).split("\n").filter((line) => line !== "");
  return lines.map(subjectIn);
}

// Own text: see roster.ts.
function subjectIn(line: string): string {
  const { subject }: { readonly subject: string } = JSON.parse(line);
  return subject;
}
