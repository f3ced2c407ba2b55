import { fluid } from "#src/senders/fluid.ts";
import { signFluid } from "../../../scripts/signing/fluid.ts";
import type { Sample } from "../sample.ts";
import { payload } from "./payload.ts";

export const secret = "wvt_9c9b7a6cf3b48d9c37b4396b4dde8f4fff15a02a";
export const other = "dws_0000000000000000000000000000000000000000";

export const samples: readonly Sample[] = [
  {
    sender: fluid,
    scheme: "fluid-hmac",
    secret,
    other,
    body: payload("mlm-fluid-order-created.json"),
    options: { currency: "USD" },
    sign: async ({ secret: key, atMs, body }) => ({
      headers: await signFluid({ secret: key, timestampS: atMs / 1000, body }),
    }),
    proof: { header: "x-fluid-signature" },
    covers: {
      body: true,
      method: false,
      url: false,
      headers: ["x-fluid-timestamp"],
      time: { ageMsMax: 300_000, aheadMsMax: 300_000, unitMs: 1000 },
    },
  },
];
