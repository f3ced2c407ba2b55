import { parseDictionary } from "structured-headers";
import type { Delivery } from "../sender.ts";
import { equalBytes } from "./bytes.ts";
import { doubt, found, type Found } from "./trail.ts";

/** RFC 9530 §5 «Active»; the others are broken or no digests, and are not looked at. */
const HASHES = { "sha-256": "SHA-256", "sha-512": "SHA-512" } as const;

/**
 * Holds `Content-Digest` against the body: one digest we know at least, and each of those equal.
 * https://www.rfc-editor.org/rfc/rfc9530#section-2
 */
export async function checkDigest({ header, body }: Delivery): Promise<Found<true>> {
  const text = header("content-digest");
  if (text === undefined || text === "") {
    return doubt("digest_mismatch", 'No "content-digest" header');
  }
  const told = digestsOf(text);
  if (told === undefined) {
    return doubt("digest_mismatch", 'Header "content-digest" tells no sha-256 and no sha-512');
  }
  for (const [name, bytes] of told) {
    const digest = new Uint8Array(await crypto.subtle.digest(HASHES[name], body));
    if (!equalBytes(digest, bytes)) {
      return doubt("digest_mismatch", `The ${name} digest is not that of the body`);
    }
  }
  return found(true, `${told.map(([name]) => name).join(" and ")} of ${body.length} bytes`);
}

type Told = readonly (readonly [keyof typeof HASHES, Uint8Array])[];

const NONE = new Uint8Array(0);

function digestsOf(text: string): Told | undefined {
  try {
    const dictionary = parseDictionary(text);
    const told = (["sha-256", "sha-512"] as const).flatMap((name) => {
      if (!dictionary.has(name)) return [];
      const bytes = dictionary.get(name)?.[0];
      // What is named and is no byte sequence equals no digest.
      return [[name, bytes instanceof ArrayBuffer ? new Uint8Array(bytes) : NONE] as const];
    });
    return told.length === 0 ? undefined : told;
  } catch {
    return undefined;
  }
}
