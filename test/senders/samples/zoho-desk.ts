import { zohoDesk } from "#src/senders/zoho-desk.ts";
import type { Sample } from "../sample.ts";
import { bearerJwt } from "./jwt.ts";
import { payload } from "./payload.ts";
import { basicShown, bearerShown, certificateShown, headerShown, urlShown } from "./shown.ts";

const given = { sender: zohoDesk, body: payload("zoho-desk-ticket-add.json") };

export const samples: readonly Sample[] = [
  { ...urlShown, ...given },
  {
    ...bearerJwt,
    ...given,
    scheme: "zoho-desk-jwt",
    sign: async (request) => {
      const { headers } = await bearerJwt.sign(request);
      return {
        headers: { "x-zdesk-jwt": (headers["authorization"] ?? "").slice("Bearer ".length) },
      };
    },
    proof: { header: "x-zdesk-jwt" },
  },
  { ...basicShown, ...given },
  { ...bearerShown, ...given },
  { ...headerShown("api-key", "x-api-key"), ...given },
  { ...bearerJwt, ...given },
  { ...certificateShown, ...given },
];
