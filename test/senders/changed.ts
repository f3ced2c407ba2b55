import { expect, test } from "vitest";
import { changedAt, changesOf, neighbourOf, othersThan, placesIn } from "./changes.ts";
import { deliver, URL_CALLED } from "./deliver.ts";
import { believes, partsOf } from "./parts.ts";
import type { Sample } from "./sample.ts";

const METHODS = ["GET", "PUT", "PATCH", "DELETE", "POST", "post"] as const;
const QUERY = "a=1&b=x-y&order=17";
/** A scheme that signs what a query says, and not how, takes codes of either case for the same. */
const ESCAPED = "c=Zo%C3%AB";

/** That nothing which is covered can be changed by one byte, and what is not covered is not looked at. */
export function refusesTheChanged(sample: Sample): void {
  refusesAnotherBody(sample);
  refusesAnotherProof(sample);
  refusesAnotherSecret(sample);
  refusesAnotherLine(sample);
}

function refusesAnotherBody(sample: Sample): void {
  const { covers } = sample;
  const { verify, request } = partsOf(sample);

  test("judges any one byte of the body changed", async () => {
    const signed = await request();
    const bytes = new TextEncoder().encode(signed.body);
    const believed: number[] = [];
    const places = placesOf(sample, signed.body, bytes.length);
    for (const at of places) {
      for (const bit of [0x01, 0x20]) {
        const changed = bytes.map((byte, index) => (index === at ? byte ^ bit : byte));
        const result = await verify(deliver({ ...signed, body: changed }));
        if (believes(result)) believed.push(at);
      }
    }
    expect(believed).toEqual(covers.body === false ? places.flatMap((at) => [at, at]) : []);
  });
}

function refusesAnotherProof(sample: Sample): void {
  const { covers, proof } = sample;
  const { verify, request } = partsOf(sample);
  const believedOf = async (name: string, texts: readonly string[]) => {
    const signed = await request();
    const believed: string[] = [];
    for (const text of texts) {
      const headers = { ...signed.headers, [name]: text };
      if (believes(await verify(deliver({ ...signed, headers })))) believed.push(text);
    }
    return believed;
  };

  const header = typeof proof === "object" ? proof.header : undefined;
  test.runIf(header !== undefined)("refuses any one byte of the proof changed", async () => {
    const name = header ?? "";
    const text = (await request()).headers[name] ?? "";
    expect(text).not.toBe("");
    const changed = changesOf(text).filter((other) => !isSameProof(sample, text, other));
    expect(await believedOf(name, changed)).toEqual([]);
  });

  test.runIf(header !== undefined)("refuses a proof cut short, doubled or empty", async () => {
    const name = header ?? "";
    const text = (await request()).headers[name] ?? "";
    const bare = text.replace(/=+$/, "");
    const changed = ["", " ", text.slice(0, -1), bare, `${text}, ${text}`, `${text}A`, `${text}=`];
    const others = changed.filter((other) => other !== text);
    expect(await believedOf(name, others)).toEqual([]);
  });

  test.each(covers.headers)("refuses another %s, none, and two", async (name) => {
    const text = (await request()).headers[name] ?? "";
    const odd = [`${text}1`, `1${text}`, text.slice(1), "", `${text}, ${text}`];
    expect(await believedOf(name, [...odd, ...changesOf(text)])).toEqual([]);
  });
}

/** A word that its standard writes in any case (RFC 9110 §11.1), and digits that a product does. */
function isSameProof({ proof }: Sample, text: string, other: string): boolean {
  if (text.toLowerCase() !== other.toLowerCase()) return false;
  if (typeof proof === "object" && proof.isCaseless === true) return true;
  const [word = ""] = /^(?:basic|bearer)\b/i.exec(text) ?? [];
  return text.slice(word.length) === other.slice(word.length);
}

function refusesAnotherSecret(sample: Sample): void {
  const { secret, proof } = sample;
  const { verify, request } = partsOf(sample);

  test("refuses any one byte of the secret changed", async () => {
    const delivery = deliver(await request());
    const isBelieved = async (changed: string) => believes(await verify(delivery, [changed]));
    const believed: string[] = [];
    let tried = 0;
    for (const part of sample.secretParts ?? partsOfSecret(secret)) {
      const from = secret.indexOf(part);
      const changes = placesIn(part.length).map((at) =>
        changedAt(part, at, neighbourOf(part.charAt(at))),
      );
      const isKey = !(await isBelieved(secret.replace(part, otherwise(part))));
      for (const other of isKey ? changes.filter((change) => !isSameKey(part, change)) : []) {
        tried += 1;
        if (await isBelieved(secret.slice(0, from) + other + secret.slice(from + part.length))) {
          believed.push(other);
        }
      }
    }
    expect(believed).toEqual([]);
    expect(tried).toBeGreaterThanOrEqual(8);
  });

  test.runIf(proof === "url")("refuses any one character of the URL's token changed", async () => {
    const signed = await request();
    const from = signed.url.indexOf("=") + 1;
    const places = placesIn(signed.url.length - from).map((at) => from + at);
    const believed: string[] = [];
    for (const url of changesOf(signed.url, places)) {
      if (believes(await verify(deliver({ ...signed, url })))) believed.push(url);
    }
    expect(believed).toEqual([]);
  });
}

/** What a secret is made of: JSON holds more than keys, of which only some are for this delivery. */
function partsOfSecret(secret: string): readonly string[] {
  if (!secret.startsWith("{")) return [secret];
  return [...secret.matchAll(/:"([^"\\]{8,})"/g)].map(([, value = ""]) => value);
}

const otherwise = (text: string): string => Array.from(text, neighbourOf).join("");

/** The members of a JWK are base64url: what differs in bits that are not read is the same key. */
const isSameKey = (part: string, other: string): boolean =>
  /^[\w-]{42,}$/.test(part) &&
  Buffer.from(part, "base64url").equals(Buffer.from(other, "base64url"));

function refusesAnotherLine(sample: Sample): void {
  const { covers, proof, method: usual = "POST" } = sample;
  const { verify, request } = partsOf(sample);

  test("judges every other method", async () => {
    const signed = await request();
    for (const method of METHODS.filter((other) => other !== usual)) {
      const result = await verify(deliver({ ...signed, method }));
      expect([method, believes(result)]).toEqual([method, !covers.method]);
    }
  });

  const isCovered = (url: string): boolean =>
    covers.url === true || (covers.url === "query" && url.includes("?"));

  test.runIf(proof !== "url")("judges every other URL", async () => {
    const signed = await request();
    const others = [`${URL_CALLED}x`, `${URL_CALLED}/`, `${URL_CALLED}?a=1`, `${URL_CALLED}?`];
    const judged = [...others, URL_CALLED.replace("https", "http")];
    for (const url of judged.filter((other) => covers.url !== "query" || !other.endsWith("?"))) {
      const result = await verify(deliver({ ...signed, url }));
      expect([url, believes(result)]).toEqual([url, !isCovered(url)]);
    }
  });

  test.runIf(covers.url !== false)("refuses any one byte of the URL changed", async () => {
    const url = `${URL_CALLED}?${QUERY}${covers.url === true ? `&${ESCAPED}` : ""}`;
    const signed = await request({ url });
    expect(believes(await verify(deliver(signed)))).toBe(true);
    const from = covers.url === true ? "https://".length : URL_CALLED.length + 1;
    const believed: string[] = [];
    for (const at of placesIn(url.length - from).map((place) => from + place)) {
      for (const other of othersIn(url, at)) {
        const changed = changedAt(url, at, other);
        if (believes(await verify(deliver({ ...signed, url: changed })))) believed.push(changed);
      }
    }
    expect(believed).toEqual([]);
  });
}

/** A host name has no case: nobody can call the same URL with another one. */
const othersIn = (url: string, at: number): readonly string[] =>
  at < url.indexOf("/", "https://".length)
    ? [neighbourOf(url.charAt(at))]
    : othersThan(url.charAt(at));

/** Places of what the scheme covers; of a body that it does not cover, too. */
function placesOf({ covers }: Sample, body: string, bytes: number): readonly number[] {
  if (typeof covers.body === "boolean") return placesIn(bytes);
  return covers.body(body).flatMap((part) => {
    const from = Buffer.byteLength(body.slice(0, body.indexOf(part)));
    return placesIn(Buffer.byteLength(part)).map((at) => from + at);
  });
}
