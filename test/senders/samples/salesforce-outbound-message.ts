import { salesforceOutboundMessage } from "#src/senders/salesforce-outbound-message.ts";
import type { Sample } from "../sample.ts";
import { payload } from "./payload.ts";
import { certificateShown, urlShown } from "./shown.ts";

const sender = salesforceOutboundMessage;
const body = payload("salesforce-outbound-message.xml");

export const malformed: NonNullable<Sample["malformed"]> = [
  ["no bytes", ""],
  ["JSON", "{}"],
  ["an unclosed tag", body.replace("</soapenv:Envelope>", "")],
  ["two envelopes", body + body.slice(body.indexOf("<soapenv:Envelope"))],
  ["a DOCTYPE", body.replace("<soapenv:Envelope", "<!DOCTYPE x><soapenv:Envelope")],
  ["an entity", body.replace("Okafor", "&who;")],
  ["33 levels", "<a>".repeat(33) + "</a>".repeat(33)],
  ["another encoding", body.replace("UTF-8", "UTF-16")],
  ["bytes that are not UTF-8", Uint8Array.of(0x3c, 0x61, 0x3e, 0xff, 0x3c, 0x2f, 0x61, 0x3e)],
];

const rewritten: NonNullable<Sample["rewritten"]> = [
  ["a byte order mark", (xml) => `\uFEFF${xml}`],
  ["CRLF", (xml) => xml.replaceAll("\n", "\r\n")],
  ["a comment", (xml) => `${xml}<!-- sent twice -->`],
];

/** What `mtls-pin` pins where the certificate is renewed under the same names. */
export const names = {
  subject: "CN=proxy.salesforce.com,O=Salesforce\\, Inc.,L=San Francisco,ST=California,C=US",
  issuer: "CN=DigiCert TLS RSA SHA256 2020 CA1,O=DigiCert Inc,C=US",
};

export const samples: readonly Sample[] = [
  { ...urlShown, sender, body, malformed, rewritten },
  {
    ...certificateShown,
    sender,
    body,
    malformed,
    rewritten,
    options: { organization_id: "00D5e000000AbCdEAK" },
    secret: JSON.stringify(names),
    other: JSON.stringify({ ...names, subject: "CN=proxy.example.net" }),
    sign: async ({ secret }) => ({
      certificate: {
        verified: true,
        status: "SUCCESS",
        fingerprintSha256: "ef".repeat(32),
        ...names,
        ...JSON.parse(secret),
      },
    }),
  },
];
