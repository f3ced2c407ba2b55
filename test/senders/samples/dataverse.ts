import { dataverse } from "#src/senders/dataverse.ts";
import type { Sample } from "../sample.ts";
import { payload } from "./payload.ts";
import { headerShown, urlShown } from "./shown.ts";

const given = {
  sender: dataverse,
  body: payload("dataverse-contact-update.json"),
  headers: {
    "x-ms-dynamics-organization": "acmedev.crm4.dynamics.com",
    "x-ms-dynamics-entity-name": "contact",
    "x-ms-dynamics-request-name": "Update",
  },
};

export const samples: readonly Sample[] = [
  { ...given, ...headerShown("api-key", "x-api-key") },
  {
    ...given,
    ...headerShown("api-key", "x-dataverse-key"),
    options: { api_key_header: "X-Dataverse-Key" },
  },
  {
    ...given,
    ...urlShown,
    scheme: "webhook-key",
    sign: async ({ secret, url }) => ({ url: `${url}?code=${secret}` }),
  },
  { ...given, ...urlShown },
];
