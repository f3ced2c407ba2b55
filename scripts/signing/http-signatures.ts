import { createHash, createHmac } from "node:crypto";

/** What is signed of a request, and how: RFC 9421 §2.5 with RFC 9530. */
export interface HttpSignatureRequest {
  /** Base64 of a shared key, or the PEM of a private key (PKCS#8). */
  readonly secret: string;
  readonly algorithm: HttpSignatureAlgorithm;
  readonly method: string;
  readonly url: string;
  readonly body: string;
  readonly createdS: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Covered components as they are listed, without quotes. */
  readonly components?: readonly string[];
  readonly label?: string;
  readonly keyid?: string;
  /** Further parameters as they are written: `;nonce="n-1"`. */
  readonly more?: string;
}

export type HttpSignatureAlgorithm =
  | "hmac-sha256"
  | "ed25519"
  | "rsa-pss-sha512"
  | "rsa-v1_5-sha256"
  | "ecdsa-p256-sha256"
  | "ecdsa-p384-sha384";

const COMPONENTS = ["@method", "@target-uri", "content-digest", "content-type"];

/** The headers that sign a request: https://www.rfc-editor.org/rfc/rfc9421 */
export async function signHttp(
  request: HttpSignatureRequest,
): Promise<Readonly<Record<string, string>>> {
  const { label = "sig1", keyid = "k1", components = COMPONENTS, algorithm } = request;
  const digest = createHash("sha256").update(request.body).digest("base64");
  const headers = { "content-digest": `sha-256=:${digest}:`, ...request.headers };
  const list = components.map((name) => `"${name}"`).join(" ");
  const { createdS, more = "" } = request;
  const params = `(${list});created=${createdS};keyid="${keyid}";alg="${algorithm}"${more}`;
  const lines = components.map((name) => `"${name}": ${valueOf(name, request, headers)}`);
  const base = [...lines, `"@signature-params": ${params}`].join("\n");
  return {
    ...headers,
    "signature-input": `${label}=${params}`,
    signature: `${label}=:${await signed(request, base)}:`,
  };
}

function valueOf(
  name: string,
  { method, url }: HttpSignatureRequest,
  headers: Readonly<Record<string, string>>,
): string {
  const { host, pathname, search, protocol } = new URL(url);
  const derived: Readonly<Record<string, string>> = {
    "@method": method,
    "@target-uri": url,
    "@authority": host,
    "@scheme": protocol.slice(0, -1),
    "@request-target": pathname + search,
    "@path": pathname,
    "@query": search === "" ? "?" : search,
  };
  return derived[name] ?? headers[name] ?? "";
}

/** By WebCrypto, which is the same in Node and in workerd. */
const KEYS = {
  ed25519: { name: "Ed25519" },
  "rsa-pss-sha512": { name: "RSA-PSS", hash: "SHA-512", saltLength: 64 },
  "rsa-v1_5-sha256": { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
  "ecdsa-p256-sha256": { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
  "ecdsa-p384-sha384": { name: "ECDSA", namedCurve: "P-384", hash: "SHA-384" },
} as const;

async function signed({ algorithm, secret }: HttpSignatureRequest, base: string): Promise<string> {
  if (algorithm === "hmac-sha256") {
    return createHmac("sha256", Buffer.from(secret, "base64")).update(base).digest("base64");
  }
  const how = KEYS[algorithm];
  const der = Buffer.from(secret.replaceAll(/-----[^-]+-----|\s/g, ""), "base64");
  const key = await crypto.subtle.importKey("pkcs8", der, how, false, ["sign"]);
  return Buffer.from(await crypto.subtle.sign(how, key, Buffer.from(base))).toString("base64");
}
