import { fivetran } from "#src/senders/fivetran.ts";
import { signFivetran } from "../../../scripts/signing/fivetran.ts";
import type { Sample } from "../sample.ts";
import { payload } from "./payload.ts";

export const secret = "3f4cbaf40feec82e3ab73b8ff067566e786713fc";
export const other = "0000000000000000000000000000000000000000";

export const samples: readonly Sample[] = [
  {
    sender: fivetran,
    scheme: "fivetran-hmac",
    secret,
    other,
    body: payload("fivetran-sync-end.json"),
    sign: async (request) => ({ headers: await signFivetran(request) }),
    proof: { header: "x-fivetran-signature-256", isCaseless: true },
    covers: { body: true, method: false, url: false, headers: [] },
  },
];
