import { eventbridge } from "#src/senders/eventbridge.ts";
import type { Sample } from "../sample.ts";
import { bearerJwt } from "./jwt.ts";
import { payload } from "./payload.ts";
import { basicShown, bearerShown, certificateShown, headerShown, urlShown } from "./shown.ts";

const given = { sender: eventbridge, body: payload("eventbridge-api-destination.json") };

export const samples: readonly Sample[] = [
  { ...given, ...headerShown("api-key", "x-api-key") },
  { ...given, ...basicShown },
  { ...given, ...bearerShown },
  { ...given, ...urlShown },
  { ...given, ...certificateShown },
  { ...given, ...bearerJwt },
];
