import { aivenHttpSink } from "#src/senders/aiven-http-sink.ts";
import type { Sample } from "../sample.ts";
import { malformedJoined } from "./joined.ts";
import { bearerJwt } from "./jwt.ts";
import { payload } from "./payload.ts";
import { basicShown, bearerShown, certificateShown, headerShown, urlShown } from "./shown.ts";

const given = {
  sender: aivenHttpSink,
  body: payload("aiven-http-sink-batch.txt"),
  malformed: malformedJoined,
};

export const samples: readonly Sample[] = [
  { ...given, ...bearerShown },
  { ...given, ...basicShown },
  { ...given, ...bearerJwt },
  // A fixed `Authorization` that is neither Bearer nor Basic.
  {
    ...given,
    ...headerShown("api-key", "authorization"),
    options: { api_key_header: "Authorization" },
  },
  { ...given, ...certificateShown },
  { ...given, ...urlShown },
];
