import { shopify } from "#src/senders/shopify.ts";
import { signShopify } from "../../../scripts/signing/shopify.ts";
import type { Sample } from "../sample.ts";
import { payload } from "./payload.ts";

export const secret = "4979ae7e9b2105d61309e4273ee41205";
export const other = "hush-another-client-secret";

const covers = { body: true, method: false, url: false, headers: [] };

export const samples: readonly Sample[] = [
  {
    sender: shopify,
    scheme: "shopify-hmac",
    secret,
    other,
    body: payload("shopify-order-paid.json"),
    headers: {
      "x-shopify-topic": "orders/paid",
      "x-shopify-shop-domain": "dev-shop.myshopify.com",
      "x-shopify-webhook-id": "3c9b8d1e-0c1f-4e2f-9b6e-0a1b2c3d4e5f",
      "x-shopify-event-id": "98880550-7158-44d4-b7cd-2c97c8a091b5",
      "x-shopify-triggered-at": "2026-07-25T17:20:41.123456789Z",
      "content-type": "application/json",
    },
    options: { shop_domain: "dev-shop.myshopify.com" },
    sign: async (request) => ({ headers: await signShopify(request) }),
    proof: { header: "x-shopify-hmac-sha256" },
    covers,
  },
  {
    sender: shopify,
    scheme: "shopify-hmac",
    secret,
    other,
    body: payload("shopify-order-paid.json"),
    headers: {
      "shopify-topic": "Order",
      "shopify-action": "update",
      "shopify-shop-domain": "dev-shop.myshopify.com",
      "shopify-webhook-id": "4d0c9e2f-0c1f-4e2f-9b6e-0a1b2c3d4e5f",
      "content-type": "application/json",
    },
    sign: async (request) => ({ headers: await signShopify({ ...request, family: "shopify" }) }),
    proof: { header: "shopify-hmac-sha256" },
    covers,
  },
];
