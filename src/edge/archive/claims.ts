export interface ClaimPlace {
  readonly tenant: string;
  readonly deliveryId: string;
}

/** What a sealed body is bound to, whether a message or R2 carries it. */
export const bodyAad = ({ tenant, deliveryId }: ClaimPlace): string =>
  `delivery:${tenant}/${deliveryId}`;

/** Keeps a sealed body that is too large for a message. Returns the claim that the message carries. */
export async function putClaim(
  bucket: R2Bucket,
  { tenant, deliveryId }: ClaimPlace,
  sealed: string,
): Promise<string> {
  const claim = `claims/${tenant}/${deliveryId}`;
  await bucket.put(claim, sealed);
  return claim;
}

/** The sealed body behind a claim. Throws where it is gone: an accepted delivery may not vanish. */
export async function getClaim(bucket: R2Bucket, claim: string): Promise<string> {
  const object = await bucket.get(claim);
  if (object === null) throw new Error(`Cannot open claim "${claim}": it is not in the archive`);
  return object.text();
}
