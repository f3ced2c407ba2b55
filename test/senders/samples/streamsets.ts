import { streamsets } from "#src/senders/streamsets.ts";
import type { Sample } from "../sample.ts";
import { bearerJwt } from "./jwt.ts";
import { payload } from "./payload.ts";
import { basicShown, bearerShown, certificateShown, headerShown, urlShown } from "./shown.ts";

const malformed: NonNullable<Sample["malformed"]> = [
  ["no bytes", ""],
  ["text that is not JSON", "{"],
  ["delimited data", "id,op,table\n9,INSERT,orders\n"],
  ["a comma and nothing behind it", "{},"],
  ["bytes that are not UTF-8", Uint8Array.of(0x22, 0xff, 0x22)],
  ["65 levels", "[".repeat(65) + "]".repeat(65)],
];

const given = {
  sender: streamsets,
  body: payload("streamsets-http-client.json"),
  headers: { "x-record-id": "orders::9" },
  malformed,
};

export const samples: readonly Sample[] = [
  { ...given, ...headerShown("api-key", "x-api-key") },
  { ...given, ...basicShown },
  { ...given, ...bearerShown },
  { ...given, ...urlShown },
  { ...given, ...certificateShown },
  { ...given, ...bearerJwt },
];
