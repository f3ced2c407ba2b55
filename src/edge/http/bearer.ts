import { createHash } from "node:crypto";
import { bearerProtocol } from "./bearer-protocol.ts";
import { JWT_CHARS_MAX } from "./jwt.ts";
import type { ApiContext } from "./route.ts";

/** A token that a request brings to say who calls. */
export interface Bearer {
  readonly token: string;
  /** Its SHA-256: of the size that an API key is stored as, in hash.ts. */
  readonly digest: Buffer;
  /** The same in hex. */
  readonly hash: string;
}

const BEARER = /^Bearer +([^\s]+)$/i;
const HEADER_CHARS_MAX = JWT_CHARS_MAX + "Bearer ".length;

/**
 * The request's bearer token: `"unreadable"` where it proves itself by something else, or by more
 * than any token has; undefined where it brings nothing. Read and hashed once a request.
 */
export function bearerOf(c: ApiContext): Bearer | "unreadable" | undefined {
  const known = c.get("bearer");
  if (known !== undefined) return known;
  const header = c.req.header("Authorization") ?? bearerProtocol(c);
  if (header === undefined) return undefined;
  const bearer = read(header);
  c.set("bearer", bearer);
  return bearer;
}

function read(header: string): Bearer | "unreadable" {
  const token = header.length > HEADER_CHARS_MAX ? undefined : BEARER.exec(header)?.[1];
  if (token === undefined) return "unreadable";
  const digest = createHash("sha256").update(token).digest();
  return { token, digest, hash: digest.toString("hex") };
}
