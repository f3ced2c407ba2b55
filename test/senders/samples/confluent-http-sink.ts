import { confluentHttpSink } from "#src/senders/confluent-http-sink.ts";
import type { Sample } from "../sample.ts";
import { malformedJoined } from "./joined.ts";
import { bearerJwt } from "./jwt.ts";
import { payload } from "./payload.ts";
import { basicShown, bearerShown, certificateShown, headerShown, urlShown } from "./shown.ts";

const given = {
  sender: confluentHttpSink,
  body: payload("confluent-http-sink-batch.json"),
  malformed: malformedJoined,
};
const joined = { ...given, body: payload("confluent-http-sink-string-batch.txt") };

export const samples: readonly Sample[] = [
  { ...given, ...basicShown },
  { ...joined, ...basicShown, method: "PUT" },
  { ...given, ...bearerJwt },
  { ...given, ...bearerShown },
  { ...joined, ...headerShown("api-key", "x-api-key") },
  { ...given, ...certificateShown },
  { ...given, ...urlShown },
];
