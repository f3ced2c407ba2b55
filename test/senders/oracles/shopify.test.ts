import { ApiVersion, shopifyApi } from "@shopify/shopify-api";
import { describe, expect, test } from "vitest";
import { shopify } from "#src/senders/shopify.ts";
import { signShopify } from "../../../scripts/signing/shopify.ts";
import { deliver, URL_CALLED, verifyBy } from "../deliver.ts";
import { payload } from "../samples/payload.ts";

const secret = "4979ae7e9b2105d61309e4273ee41205";
const other = "hush-another-client-secret";

// The library asks for its runtime before anything else.
await import("@shopify/shopify-api/adapters/web-api");

/** Shopify's own library judges: https://www.npmjs.com/package/@shopify/shopify-api */
const { webhooks } = shopifyApi({
  apiKey: "dev",
  apiSecretKey: secret,
  apiVersion: ApiVersion.July26,
  hostName: "hooks.example.net",
  isEmbeddedApp: false,
  logger: { level: 0 },
});

const BODIES = [
  payload("shopify-order-paid.json"),
  payload("shopify-app-uninstalled.json"),
  payload("shopify-customers-redact.json"),
  '{"name":"Zoë 😀","note":"a\\/b"}\r\n',
];
const FAMILIES = ["x-shopify", "shopify"] as const;

const around = (family: string) => ({
  [`${family}-topic`]: "orders/paid",
  [`${family}-shop-domain`]: "dev-shop.myshopify.com",
  [`${family}-api-version`]: "2026-07",
  [`${family}-webhook-id`]: "w-1",
  [`${family}-event-id`]: "e-1",
});

async function judge(headers: Record<string, string>, body: string) {
  const rawRequest = new Request(URL_CALLED, { method: "POST", headers, body });
  const theirs = await webhooks.validate({ rawBody: body, rawRequest });
  const ours = await verifyBy(shopify, "shopify-hmac", deliver({ headers, body }), {
    secrets: [secret],
  });
  return { theirs: theirs.valid, ours: ours.ok };
}

describe("shopify and its library", () => {
  test.each(FAMILIES.flatMap((family) => BODIES.map((body) => [family, body] as const)))(
    "both judge headers of %s alike",
    async (family, body) => {
      const name = `${family}-hmac-sha256`;
      const signed = await signShopify({ secret, body, family });
      const digest = signed[name] ?? "";
      const withProof = (text: string) => ({ ...around(family), [name]: text });
      expect(await judge(withProof(digest), body)).toEqual({ theirs: true, ours: true });

      const forged = [
        (await signShopify({ secret: other, body, family }))[name] ?? "",
        Buffer.from(digest, "base64").toString("hex"),
        `${digest.slice(0, -4)}AAA=`,
        "AAAA",
      ];
      for (const text of forged) {
        expect(await judge(withProof(text), body)).toEqual({ theirs: false, ours: false });
      }
      expect(await judge(withProof(digest), `${body} `)).toEqual({ theirs: false, ours: false });
      expect(await judge(around(family), body)).toEqual({ theirs: false, ours: false });
    },
  );
});
