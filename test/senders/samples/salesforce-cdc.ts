import { salesforceCdc } from "#src/senders/salesforce-cdc.ts";
import type { Sample } from "../sample.ts";
import { bearerJwt } from "./jwt.ts";
import { payload } from "./payload.ts";
import { basicShown, bearerShown, certificateShown, headerShown, urlShown } from "./shown.ts";

const given = {
  sender: salesforceCdc,
  body: payload("salesforce-cdc-eventbridge.json"),
  options: { tables: { Account: { key: ["Id"] } } },
};

export const samples: readonly Sample[] = [
  { ...headerShown("api-key", "x-api-key"), ...given },
  { ...basicShown, ...given },
  { ...bearerShown, ...given },
  { ...bearerJwt, ...given },
  { ...certificateShown, ...given },
  { ...urlShown, ...given },
];
