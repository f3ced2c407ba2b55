/** Whether any message waits for a queue that would not take it: see spill.ts, whose prefix this is. */
export async function isSpilled(bucket: Pick<R2Bucket, "list">): Promise<boolean> {
  const { objects } = await bucket.list({ prefix: "spill/", limit: 1 });
  return objects.length > 0;
}

/** Whether deliveries of a tenant's paused sources are held: accepted, and without an outcome yet. */
export async function isHolding(bucket: Pick<R2Bucket, "list">, tenant: string): Promise<boolean> {
  const { objects } = await bucket.list({ prefix: `paused/${tenant}/`, limit: 1 });
  return objects.length > 0;
}

/** Sources of a tenant that deliveries are held of; of a thousand or more some are left out. */
export async function holdingSources(
  bucket: Pick<R2Bucket, "list">,
  tenant: string,
): Promise<ReadonlySet<string>> {
  const prefix = `paused/${tenant}/`;
  const { delimitedPrefixes } = await bucket.list({ prefix, delimiter: "/" });
  return new Set(delimitedPrefixes.map((name) => name.slice(prefix.length, -1)));
}
