import { env } from "cloudflare:workers";
import { expect } from "vitest";
import type { ClientCertificate } from "#src/senders/sender.ts";
import type { Sample } from "../../senders/sample.ts";
import { everySample } from "../../senders/samples/every.ts";
import { ORIGIN } from "../support/company.ts";
import type { Line } from "../support/line.ts";

/** What a scheme on trial vouches for is only explained. */
export const taking: readonly Sample[] = everySample.filter(
  ({ sender, scheme }) => !sender.schemes[scheme]?.isTrial,
);

/** A request as Cloudflare would hand it over. */
export interface Made {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly certificate?: ClientCertificate;
}

export const tlsOf = ({ certificate }: Made) =>
  certificate === undefined
    ? undefined
    : {
        certPresented: "1",
        certVerified: certificate.status,
        certRevoked: "0",
        certFingerprintSHA256: certificate.fingerprintSha256,
        certSubjectDNRFC2253: certificate.subject,
        certIssuerDNRFC2253: certificate.issuer,
      };

/** What tests do with samples at the gateway itself. */
export function gateOf(line: () => Line) {
  let sources = 0;

  const call = async (request: string, body?: unknown): Promise<Response> => {
    const [method = "GET", path = "/"] = request.split(" ");
    return line().fetch(
      new Request(ORIGIN + path, {
        method,
        headers: { authorization: `Bearer ${env.ADMIN_TOKEN}`, "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
  };

  /** A source of its own for a sample, made through the API. */
  async function makeSource({ sender, scheme, secret, options = {} }: Sample): Promise<string> {
    sources += 1;
    const source = `s${sources}`;
    const path = `/v1/tenants/${line().company.tenant}/sources/${source}`;
    const body = { sender: sender.name, auth: { scheme, secrets: [secret] }, options };
    const response = await call(`PUT ${path}`, body);
    expect([response.status, await response.clone().text()]).toEqual([201, expect.any(String)]);
    return source;
  }

  async function prove(sample: Sample, source: string, body = sample.body): Promise<Made> {
    const { method = "POST", headers = {}, secret, signingSecret = secret } = sample;
    const url = `${ORIGIN}/in/${line().company.tenant}/${source}`;
    // Whole seconds: some sign no less.
    const atMs = Math.floor(Date.now() / 1000) * 1000;
    const proof = await sample.sign({ secret: signingSecret, method, url, body, atMs, headers });
    const { certificate } = proof;
    return {
      url: proof.url ?? url,
      method,
      headers: { ...headers, ...proof.headers },
      body: proof.body ?? body,
      ...(certificate === undefined ? {} : { certificate }),
    };
  }

  function post(made: Made): Promise<Response> {
    const { url, method, headers, body } = made;
    const tls = tlsOf(made);
    const request = new Request(url, { method, headers, body });
    // Only the platform sets it, so that nobody can claim to have shown a certificate.
    if (tls !== undefined) Object.defineProperty(request, "cf", { value: { tlsClientAuth: tls } });
    return line().fetch(request);
  }

  return { call, makeSource, prove, post };
}
