import { pillars } from "#src/senders/pillars.ts";
import { parseHttpFile } from "../http-file.ts";
import type { Sample } from "../sample.ts";
import { bearerJwt } from "./jwt.ts";
import { payload } from "./payload.ts";
import { basicShown, bearerShown, certificateShown, headerShown, urlShown } from "./shown.ts";

const { headers, body } = parseHttpFile(payload("mlm-pillars-customer-created.http"));
const given = { sender: pillars, headers, body };

export const samples: readonly Sample[] = [
  { ...urlShown, ...given },
  { ...basicShown, ...given },
  { ...bearerShown, ...given },
  { ...headerShown("api-key", "x-api-key"), ...given },
  { ...bearerJwt, ...given },
  { ...certificateShown, ...given },
];
