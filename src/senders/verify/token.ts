import * as z from "zod";
import type { JsonObject } from "../../core/json.ts";
import type { Delivery, Scheme } from "../sender.ts";
import { equalTexts, fromBase64 } from "./bytes.ts";
import { matchSecret, readOne } from "./checks.ts";
import { checkTextSecret } from "./secrets.ts";
import { doubt, found, startTrail, type Found } from "./trail.ts";

/** Reads the token a delivery brings, or says why there is none. */
type ReadToken = (delivery: Delivery, options: JsonObject) => Found<string>;

interface TokenTerms {
  /** What it is called in `explain`. */
  readonly step: string;
  readonly read: ReadToken;
  readonly checkSecret?: (secret: string) => string | undefined;
  /** The body where the token stands in it. */
  readonly covers?: Scheme["covers"];
}

/**
 * A shared secret that the sender shows: compared in constant time with each live secret. It proves
 * who knows it and covers nothing else of the request.
 */
export function sharedToken(terms: TokenTerms): Scheme {
  const { step, read, checkSecret = checkTextSecret, covers = "nothing" } = terms;
  return {
    checkSecret,
    covers,
    async verify(delivery, auth, { options }) {
      const trail = startTrail();
      const token = trail.note(step, read(delivery, options));
      if (token === undefined) return trail.verdict();
      const matched = await matchSecret(auth.secrets, async (secret) => {
        if (secret === "") return "unusable";
        return (await equalTexts(secret, token)) ? "matched" : "mismatched";
      });
      trail.note("token", asToken(matched));
      return trail.verdict();
    },
  };
}

/** Nothing is signed here. */
function asToken(matched: Found<number>): Found<number> {
  const detail = matched.detail.replace("Signed with", "Is");
  if (matched.ok) return found(matched.value, detail);
  return matched.reason === "signature_mismatch" ? doubt("token_invalid", detail) : matched;
}

/** A header that is the token as a whole. */
export const headerToken = (name: string): Scheme =>
  sharedToken({ step: `"${name}" header`, read: (delivery) => readToken(delivery, name) });

/** A header whose value may hold anything, `, ` too: only its absence is refused here. */
function readToken(delivery: Delivery, name: string): Found<string> {
  const value = delivery.header(name);
  if (value === undefined || value === "") return doubt("token_missing", `No "${name}" header`);
  return found(value, `Read "${name}"`);
}

const API_KEY_HEADER = "x-api-key";

/** The option of sources by `api-key`: which header carries it, `x-api-key` where absent. */
export const API_KEY_OPTIONS = {
  api_key_header: z
    .string()
    .regex(/^[\w-]{1,64}$/, "Is no name of a header")
    .exactOptional(),
};

/** A key in a header that the source's options name. */
export const apiKey: Scheme = sharedToken({
  step: "API key",
  read(delivery, { api_key_header: name }) {
    return readToken(delivery, typeof name === "string" ? name.toLowerCase() : API_KEY_HEADER);
  },
});

/** `Bearer:` is what Debezium Server writes (PROVIDERS 0.4). */
const BEARER = /^bearer:? +([^\s,]+)$/i;

/** `Authorization: Bearer <shared token>`, a token that is compared and not a JWT (RFC 6750 §2.1). */
export const bearerToken: Scheme = sharedToken({
  step: "bearer token",
  read(delivery) {
    const header = readOne(delivery, "authorization", "token");
    if (!header.ok) return header;
    const [, token] = BEARER.exec(header.value) ?? [];
    if (token !== undefined) return found(token, 'Read "authorization": a bearer token');
    return doubt("token_invalid", 'Header "authorization" is not "Bearer" and one token');
  },
});

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const BASIC = /^basic +(\S+)$/i;

/** `Authorization: Basic` (RFC 7617); the secret's text is `user:password`. */
export const basic: Scheme = sharedToken({
  step: "basic credentials",
  read(delivery) {
    const header = readOne(delivery, "authorization", "token");
    if (!header.ok) return header;
    const [, encoded = ""] = BASIC.exec(header.value) ?? [];
    const bytes = fromBase64(encoded);
    if (bytes === undefined) {
      return doubt("token_invalid", 'Header "authorization" is not "Basic" and base64');
    }
    try {
      return found(utf8.decode(bytes), 'Read "authorization": basic credentials');
    } catch {
      return doubt("token_invalid", "The basic credentials are not UTF-8");
    }
  },
  checkSecret(secret) {
    const colon = secret.indexOf(":");
    if (colon < 1) return "The secret is not user:password";
    const length = secret.length - colon - 1;
    if (length < 8) return `The password has ${length} characters, fewer than 8`;
    // RFC 7617 §2: no control characters.
    return /\p{Cc}/u.test(secret) ? "The secret contains control characters" : undefined;
  },
});

/**
 * A token in the URL, for products that can send nothing else: `?token=…`, or the last segment of
 * `/in/{tenant}/{source}/{token}`. It is not kept with the delivery, but whoever logs URLs on the
 * way sees it: prefer any other scheme.
 */
export const urlToken: Scheme = sharedToken({
  step: "token in the URL",
  read(delivery) {
    const url = new URL(delivery.url);
    const [given, ...others] = url.searchParams.getAll("token");
    const segment = /^\/in\/[^/]+\/[^/]+\/([^/]+)$/.exec(url.pathname)?.[1];
    if (others.length > 0 || (given !== undefined && segment !== undefined)) {
      return doubt("token_invalid", "The URL holds more than one token");
    }
    const token = given ?? (segment === undefined ? undefined : unescaped(segment));
    if (token === undefined || token === "") {
      return doubt("token_missing", "No ?token= and no segment behind the source");
    }
    return found(token, given === undefined ? "Read the last path segment" : "Read ?token=");
  },
  checkSecret(secret) {
    if (secret.length < 20) return "A token in a URL needs at least 20 characters";
    return /^[\w.~-]+$/.test(secret) ? undefined : "Use letters, digits, and - . _ ~ only";
  },
});

function unescaped(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
