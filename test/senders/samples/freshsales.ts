import { freshsales } from "#src/senders/freshsales.ts";
import type { Sample } from "../sample.ts";
import { payload } from "./payload.ts";
import { basicShown, headerShown, urlShown } from "./shown.ts";

const given = { sender: freshsales, body: payload("freshsales-workflow-contact.json") };

export const samples: readonly Sample[] = [
  { ...given, ...basicShown },
  { ...given, ...headerShown("api-key", "x-api-key") },
  { ...given, ...urlShown },
];
