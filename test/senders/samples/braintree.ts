import { braintree } from "#src/senders/braintree.ts";
import { payloadOf, signBraintreeForm } from "../../../scripts/signing/braintree.ts";
import type { Sample } from "../sample.ts";
import { payload } from "./payload.ts";

export const secret = "devpub1a2b:b42a7be71aacd7b583a17ab3fee4d929";
export const other = "devpub9z8y:0f7d3c8e5a1b4c6d8e9f0a1b2c3d4e5f";

const published = new URLSearchParams(payload("braintree-form.txt"));

/** The published form without its proof, which is made up. */
export const unsigned = new URLSearchParams({
  bt_payload: published.get("bt_payload") ?? "",
}).toString();

const form = (btPayload: string): string =>
  new URLSearchParams({ bt_signature: "devpub1a2b|00", bt_payload: btPayload }).toString();
const formOfXml = (xml: string): string => form(payloadOf(xml));

/** Without its percent codes, which may be in either case. */
const partsIn = (text: string): readonly string[] =>
  text.split(/%[\dA-F]{2}/).filter((part) => part.length > 4);

export const samples: readonly Sample[] = [
  {
    sender: braintree,
    scheme: "braintree-sha1",
    secret,
    other,
    body: unsigned,
    headers: { "content-type": "application/x-www-form-urlencoded" },
    async sign({ secret: key, body }) {
      const fields = new URLSearchParams(body);
      const signed = await signBraintreeForm([key], fields.get("bt_payload") ?? "");
      // What else is in the form stays in front, as it was.
      return { body: body.replace(/bt_payload=[^&]*/, () => signed) };
    },
    proof: "body",
    covers: {
      // The line break at the end may be lost on the way: both forms are accepted.
      body: (body) => partsIn(/bt_payload=[^&]*(?=%0A)/.exec(body)?.[0] ?? ""),
      method: false,
      url: false,
      headers: [],
    },
    malformed: [
      ["no bytes", ""],
      ["another form", "webhook_id=14"],
      ["a form without its signature", unsigned],
      ["two payloads", `${form("YQ==")}&bt_payload=YQ%3D%3D`],
      ["a payload that is not base64", form("<notification/>")],
      ["base64 cut short", form("YWJ")],
      ["a challenge", form("0123456789abcdef0123")],
      ["base64 of no XML", form("YWJj")],
      ["XML cut short", formOfXml("<notification><kind>check</kind>")],
      ["a DOCTYPE", formOfXml('<!DOCTYPE a [<!ENTITY x "y">]><notification>&x;</notification>')],
      ["an entity nobody defined", formOfXml("<notification>&x;</notification>")],
      ["33 levels", formOfXml("<a>".repeat(33) + "</a>".repeat(33))],
      ["percent codes cut short", "bt_signature=a%7&bt_payload=YQ"],
      ["bytes that are not UTF-8", Uint8Array.of(0x62, 0xff)],
    ],
    // What is signed is the payload as the form holds it, not the form.
    rawBytes: [["a line break more", (body) => body.replace(/%0A$/, "%0A%0A")]],
    rewritten: [
      ["another field in front", (body) => `x=1&${body}`],
      ["another field behind", (body) => `${body}&x=1`],
    ],
  },
];
