import { pipedrive } from "#src/senders/pipedrive.ts";
import type { Sample } from "../sample.ts";
import { payload } from "./payload.ts";
import { basicShown, urlShown } from "./shown.ts";

const given = { sender: pipedrive, body: payload("pipedrive-deal-change-v2.json") };

export const samples: readonly Sample[] = [
  { ...given, ...basicShown, scheme: "pipedrive-basic" },
  { ...given, ...urlShown },
];
