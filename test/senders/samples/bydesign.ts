import { bydesign } from "#src/senders/bydesign.ts";
import { parseHttpFile } from "../http-file.ts";
import type { Sample } from "../sample.ts";
import { bearerJwt } from "./jwt.ts";
import { payload } from "./payload.ts";
import { basicShown, bearerShown, certificateShown, headerShown, urlShown } from "./shown.ts";

const given = {
  sender: bydesign,
  body: parseHttpFile(payload("mlm-bydesign-request.http")).body,
};

export const samples: readonly Sample[] = [
  { ...basicShown, ...given },
  { ...bearerShown, ...given },
  { ...headerShown("api-key", "x-api-key"), ...given },
  { ...bearerJwt, ...given },
  { ...certificateShown, ...given },
  { ...urlShown, ...given },
];
