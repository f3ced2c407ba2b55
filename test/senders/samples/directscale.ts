import { directscale } from "#src/senders/directscale.ts";
import { parseHttpFile } from "../http-file.ts";
import type { Sample } from "../sample.ts";
import { payload } from "./payload.ts";
import { bearerShown, urlShown } from "./shown.ts";

const { authorization: _proof, ...headers } = parseHttpFile(
  payload("mlm-directscale-request.http"),
).headers;

export const samples: readonly Sample[] = [
  {
    ...bearerShown,
    sender: directscale,
    headers,
    body: parseHttpFile(payload("mlm-directscale-request.http")).body,
  },
  { ...urlShown, sender: directscale, body: payload("mlm-directscale-enrollment.json") },
];
