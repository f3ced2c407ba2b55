/** Whether any message waits for a queue that would not take it: see spill.ts, whose prefix this is. */
export async function isSpilled(bucket: Pick<R2Bucket, "list">): Promise<boolean> {
  const { objects } = await bucket.list({ prefix: "spill/", limit: 1 });
  return objects.length > 0;
}
