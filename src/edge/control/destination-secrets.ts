import { destinationPlace } from "../crypto/keyring.ts";
import { open, seal } from "../crypto/seal.ts";

/** Whose secrets they are: sealed, they open nowhere else. */
interface Place {
  readonly tenant: string;
  readonly destination: string;
}

interface Sealed extends Place {
  readonly secrets: string;
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
  { tenant, destination, secrets }: Sealed,
  key: CryptoKey,
): Promise<readonly string[]> {
  const bytes = await open(key, secrets, destinationPlace(tenant, destination));
  return JSON.parse(new TextDecoder().decode(bytes));
}

/** Whether other secrets sign now, or in another order: sealed anew, the same ones are another text. */
export async function signsOtherwise(old: Sealed, now: Sealed, key: CryptoKey): Promise<boolean> {
  if (old.secrets === now.secrets) return false;
  try {
    const [before, after] = await Promise.all([openSecrets(old, key), openSecrets(now, key)]);
    return before.length !== after.length || before.some((secret, at) => secret !== after[at]);
  } catch {
    // What no longer opens signs nothing: whoever writes over it has changed it.
    return true;
  }
}
