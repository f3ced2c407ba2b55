import { activecampaign } from "#src/senders/activecampaign.ts";
import type { Sample } from "../sample.ts";
import { payload } from "./payload.ts";
import { urlShown } from "./shown.ts";

export const samples: readonly Sample[] = [
  {
    ...urlShown,
    sender: activecampaign,
    // A form has no line end; the file has one.
    body: payload("activecampaign-contact-update.txt").trimEnd(),
    headers: { "content-type": "application/x-www-form-urlencoded" },
    malformed: [
      ["no bytes", ""],
      ["nothing between ampersands", "&&"],
      ["a percent code that is none", "type=%zz"],
      ["a percent code cut short", "type=upd%4"],
      ["a percent code that is not UTF-8", "contact%5Bid%5D=%ff"],
      ["bytes that are not UTF-8", Uint8Array.of(0x61, 0x3d, 0xff)],
      ["a thousand fields and one", "a[]=1&".repeat(1001)],
      ["nine levels", `a${"[b]".repeat(8)}=1`],
      ["a value with members", "contact=1&contact[id]=1"],
    ],
    rewritten: [
      ["spaces as codes", (body) => body.replaceAll("+", "%20")],
      ["brackets as they are", (body) => body.replaceAll("%5B", "[").replaceAll("%5D", "]")],
      ["codes in lower case", (body) => body.replaceAll("%3A", "%3a")],
      ["an ampersand at the end", (body) => `${body}&`],
    ],
  },
];
