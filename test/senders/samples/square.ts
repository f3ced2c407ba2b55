import { square } from "#src/senders/square.ts";
import { signSquare } from "../../../scripts/signing/square.ts";
import type { Sample } from "../sample.ts";
import { payload } from "./payload.ts";

export const secret = "SkcXd1eU1prbUBnJmlYq1A";
export const other = "SkcXd1eU1prbUBnJmlAAAA";

export const samples: readonly Sample[] = [
  {
    sender: square,
    scheme: "square-hmac",
    secret,
    other,
    body: payload("square-payment-updated.json"),
    headers: {
      "square-environment": "Sandbox",
      "square-initial-delivery-timestamp": "2026-07-25T17:20:41.000Z",
      "content-type": "application/json",
    },
    sign: async (request) => ({ headers: await signSquare(request) }),
    proof: { header: "x-square-hmacsha256-signature" },
    covers: { body: true, method: false, url: true, headers: [] },
  },
];
