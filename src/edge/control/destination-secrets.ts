import { destinationPlace } from "../crypto/keyring.ts";
import { open, seal } from "../crypto/seal.ts";

/** Whose secrets they are: sealed, they open nowhere else. */
interface Place {
  readonly tenant: string;
  readonly destination: string;
}

/** The secrets that sign, newest first, sealed under the tenant's data key. */
export const sealSecrets = (
  { tenant, destination }: Place,
  key: CryptoKey,
  secrets: readonly string[],
): Promise<string> => {
  const bytes = new TextEncoder().encode(JSON.stringify(secrets));
  return seal(key, bytes, destinationPlace(tenant, destination));
};

/** What {@link sealSecrets} sealed: never shown, never logged. Throws where it stood elsewhere. */
export async function openSecrets(
  { tenant, destination, secrets }: Place & { readonly secrets: string },
  key: CryptoKey,
): Promise<readonly string[]> {
  const bytes = await open(key, secrets, destinationPlace(tenant, destination));
  return JSON.parse(new TextDecoder().decode(bytes));
}
