import { X509Certificate } from "node:crypto";
import type { Means, SigningCertificate } from "../../senders/sender.ts";
import { download } from "../download.ts";
import type { Log } from "../log.ts";

/** Senders refer to one or two certificates each, for months. */
const KEPT_MAX = 20;
const KEPT_MS = 3_600_000;
/** What could not be had is not asked for again so soon: forged deliveries name what is not there. */
const FAILED_MS = 60_000;
const FAILED_MAX = 200;
/** Of all URLs together: whoever makes up a new one for each delivery gets no further. */
const FETCHES_PER_MINUTE_MAX = 30;

const FETCH_MS_MAX = 5000;
const LIMITS = { msMax: FETCH_MS_MAX, bytesMax: 64 * 1024 };
const CHAIN_MAX = 8;
/** How often somebody who waits for another's fetch looks whether it has come. */
const LOOK_MS = 50;

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

export interface CertificatePorts {
  readonly fetch: typeof fetch;
  readonly nowMs: () => number;
  readonly log?: Log;
}

/**
 * Certificates that senders refer to by URL, kept in the isolate's memory. That a URL is one of the
 * sender's own is for its scheme to say, before it asks: TLS to that host is what vouches for the
 * certificate, whose chain is checked link by link and not against any root.
 */
export function signingCertificates({
  fetch,
  nowMs,
  log,
}: CertificatePorts): Means["certificateAt"] {
  const memory = createMemory(nowMs);
  const mayFetch = allowPerMinute(FETCHES_PER_MINUTE_MAX, nowMs);
  const underWay = new Set<string>();

  async function load(url: string): Promise<SigningCertificate | undefined> {
    underWay.add(url);
    try {
      const bytes = await download(fetch, url, LIMITS);
      const certificate = readChain(Buffer.from(bytes).toString("latin1"), nowMs());
      memory.keep(url, certificate);
      return certificate;
    } catch (error) {
      log?.("warn", "certificate_unavailable", { host: new URL(url).host, error });
      memory.keep(url, undefined);
      return undefined;
    } finally {
      underWay.delete(url);
    }
  }

  /** Looks, and shares no promise: in a Worker that belongs to the request that made it. */
  async function awaitOther(url: string): Promise<SigningCertificate | undefined> {
    for (let waitedMs = 0; waitedMs <= FETCH_MS_MAX; waitedMs += LOOK_MS) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      if (!underWay.has(url)) return memory.recall(url)?.certificate;
    }
    // The request that fetched was cut off: the next one to ask fetches anew.
    underWay.delete(url);
    return undefined;
  }

  return async (url) => {
    const kept = memory.recall(url);
    if (kept !== undefined) return kept.certificate;
    if (underWay.has(url)) return awaitOther(url);
    if (URL.canParse(url) && new URL(url).protocol === "https:" && mayFetch()) return load(url);
    log?.("warn", "certificate_not_fetched", { reason: "not https, or too many in a minute" });
    return undefined;
  };
}

interface Kept {
  readonly certificate: SigningCertificate | undefined;
  readonly untilMs: number;
}

/** What failed is kept apart, so that made-up URLs push out nothing that is needed. */
function createMemory(nowMs: () => number) {
  const good = new Map<string, Kept>();
  const failed = new Map<string, Kept>();

  return {
    recall(url: string): Kept | undefined {
      const kept = good.get(url) ?? failed.get(url);
      if (kept === undefined || kept.untilMs > nowMs()) return kept;
      good.delete(url);
      failed.delete(url);
      return undefined;
    },
    keep(url: string, certificate: SigningCertificate | undefined): void {
      const [place, entriesMax, keptMs] =
        certificate === undefined
          ? ([failed, FAILED_MAX, FAILED_MS] as const)
          : ([good, KEPT_MAX, KEPT_MS] as const);
      place.set(url, { certificate, untilMs: nowMs() + keptMs });
      const [oldest] = place.keys();
      if (place.size > entriesMax && oldest !== undefined) place.delete(oldest);
    },
  };
}

function allowPerMinute(timesMax: number, nowMs: () => number): () => boolean {
  let [minute, times] = [-1, 0];
  return () => {
    const current = Math.floor(nowMs() / 60_000);
    if (current !== minute) [minute, times] = [current, 0];
    times += 1;
    return times <= timesMax;
  };
}

/** The first certificate of a chain in PEM. Throws where a link is missing, unsigned or out of date. */
function readChain(pem: string, nowMs: number): SigningCertificate {
  const chain = (pem.match(PEM) ?? []).map((text) => new X509Certificate(text));
  const [leaf] = chain;
  if (leaf === undefined || chain.length > CHAIN_MAX) {
    throw new Error(`Cannot read a certificate: ${chain.length} in the chain`);
  }
  for (const [at, certificate] of chain.entries()) {
    const { notBeforeMs, notAfterMs } = datesOf(certificate);
    if (!(notBeforeMs <= nowMs && nowMs <= notAfterMs)) {
      throw new Error(`Cannot use a certificate: number ${at} of the chain is not valid now`);
    }
    const issuer = chain[at + 1];
    if (issuer !== undefined && !isIssued(certificate, issuer)) {
      throw new Error(`Cannot use a certificate: number ${at} is not issued by the next`);
    }
  }
  return {
    publicKey: leaf.publicKey.export({ type: "spki", format: "pem" }).toString(),
    names: namesOf(leaf),
    ...datesOf(leaf),
  };
}

const isIssued = (certificate: X509Certificate, issuer: X509Certificate): boolean =>
  issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);

const datesOf = ({ validFrom, validTo }: X509Certificate) => ({
  notBeforeMs: Date.parse(validFrom),
  notAfterMs: Date.parse(validTo),
});

/** Subject CN, a line each, and DNS names. A name that is odd is quoted, and so equals none. */
const namesOf = ({ subject, subjectAltName = "" }: X509Certificate): readonly string[] => [
  ...named(subject.split("\n"), "CN="),
  ...named(subjectAltName.split(", "), "DNS:"),
];

const named = (texts: readonly string[], prefix: string): readonly string[] =>
  texts.filter((text) => text.startsWith(prefix)).map((text) => text.slice(prefix.length));
