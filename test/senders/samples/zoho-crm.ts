import { zohoCrm } from "#src/senders/zoho-crm.ts";
import type { Sample } from "../sample.ts";
import { payload } from "./payload.ts";
import { urlShown } from "./shown.ts";

export const secret = "tok.crm.deals.9d1f";
export const other = "tok.crm.deals.0000";

const { token: _token, ...unproven } = JSON.parse(payload("zoho-notification.json"));
const body = JSON.stringify(unproven);

/** The token is the last member, as Zoho writes it. */
export const withToken = (text: string, token: string): string => {
  const end = text.lastIndexOf("}");
  return `${text.slice(0, end)},"token":${JSON.stringify(token)}${text.slice(end)}`;
};

export const samples: readonly Sample[] = [
  {
    sender: zohoCrm,
    scheme: "zoho-crm-token",
    secret,
    other,
    body,
    options: { channel_ids: ["1000000068001"] },
    sign: async ({ secret: token, body: text }) => ({ body: withToken(text, token) }),
    proof: "body",
    covers: { body: () => [secret], method: false, url: false, headers: [] },
  },
  { ...urlShown, sender: zohoCrm, body: payload("zoho-notification.json") },
];
