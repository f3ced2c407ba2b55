import { woocommerce } from "#src/senders/woocommerce.ts";
import { signWoocommerce } from "../../../scripts/signing/woocommerce.ts";
import type { Sample } from "../sample.ts";
import { payload } from "./payload.ts";

export const secret = "ck-webhook-s3cret!%&";
export const other = "ck-another-s3cret!%&";

export const samples: readonly Sample[] = [
  {
    sender: woocommerce,
    scheme: "woocommerce-hmac",
    secret,
    other,
    body: payload("woocommerce-order-updated.json"),
    headers: {
      "x-wc-webhook-source": "https://shop.example.org/",
      "x-wc-webhook-topic": "order.updated",
      "x-wc-webhook-resource": "order",
      "x-wc-webhook-event": "updated",
      "x-wc-webhook-id": "14",
      "x-wc-webhook-delivery-id": "acacd1edce9a6d4ab5bbe723062ff15d",
      "content-type": "application/json",
    },
    options: { shop_url: "https://shop.example.org" },
    sign: async (request) => ({ headers: await signWoocommerce(request) }),
    proof: { header: "x-wc-webhook-signature" },
    covers: { body: true, method: false, url: false, headers: [] },
  },
];
