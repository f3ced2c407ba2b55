import { readFile } from "node:fs/promises";
import { signHubspotV3, type SignedHeaders, signStandard, signStripe } from "../scripts/signing.ts";
import { signFivetran } from "../scripts/signing/fivetran.ts";
import { signFluid } from "../scripts/signing/fluid.ts";
import { signShopify } from "../scripts/signing/shopify.ts";
import { signSquare } from "../scripts/signing/square.ts";
import { signWoocommerce } from "../scripts/signing/woocommerce.ts";
import { signZendesk, zendeskTimestamp } from "../scripts/signing/zendesk.ts";
import { bundle } from "./bundle.ts";
import type { Figure, Findings, Options } from "./figure.ts";
import { OBJECTS, type Rig, startRig } from "./rig.ts";
import { alternate, compare, type Pair } from "./rounds.ts";

const URL_CALLED = "https://hooks.example.net/in/bench/bench";
const RECEIVED_AT_MS = 1_785_000_060_000;
const SECRET = "a3c5e7f9-1b2d-4c6e-8f0a-112233445566";
const BODY_BYTES = 1024;
/** Judged one after the other in one request: what asking costs is spread over them. */
const TIMES = 1000;
const WARM_UP_ROUNDS = 2;
const MICROSECONDS = 1000;

interface Told {
  readonly sender: string;
  readonly payload: string;
  readonly secret?: string;
  readonly headers?: SignedHeaders;
  readonly sign: (body: string) => Promise<SignedHeaders>;
}

const timestampS = RECEIVED_AT_MS / 1000;
const whsec = `whsec_${Buffer.from(SECRET).toString("base64")}`;

const TOLD: readonly Told[] = [
  {
    sender: "standard",
    payload: "",
    secret: whsec,
    sign: (body) => signStandard({ secret: whsec, id: "msg_1", timestampS, body }),
  },
  {
    sender: "stripe",
    payload: "stripe-payment-intent-succeeded",
    sign: (body) => signStripe({ secret: SECRET, timestampS, body }),
  },
  {
    sender: "hubspot",
    payload: "hubspot-object-generic",
    sign: (body) =>
      signHubspotV3({
        secret: SECRET,
        method: "POST",
        url: URL_CALLED,
        body,
        timestampMs: RECEIVED_AT_MS,
      }),
  },
  {
    sender: "shopify",
    payload: "shopify-order-paid",
    headers: {
      "x-shopify-topic": "orders/paid",
      "x-shopify-shop-domain": "dev-shop.myshopify.com",
      "x-shopify-webhook-id": "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
      "x-shopify-api-version": "2026-07",
    },
    sign: (body) => signShopify({ secret: SECRET, body }),
  },
  {
    sender: "woocommerce",
    payload: "woocommerce-order-updated",
    headers: { "x-wc-webhook-topic": "order.updated" },
    sign: (body) => signWoocommerce({ secret: SECRET, body }),
  },
  {
    sender: "square",
    payload: "square-payment-updated",
    sign: (body) => signSquare({ secret: SECRET, url: URL_CALLED, body }),
  },
  {
    sender: "zendesk",
    payload: "zendesk-ticket-status-changed",
    sign: (body) =>
      signZendesk({ secret: SECRET, timestamp: zendeskTimestamp(RECEIVED_AT_MS), body }),
  },
  {
    sender: "fivetran",
    payload: "fivetran-sync-end",
    sign: (body) => signFivetran({ secret: SECRET, body }),
  },
  {
    sender: "fluid",
    payload: "mlm-fluid-subscription-started",
    sign: (body) => signFluid({ secret: SECRET, timestampS, body }),
  },
];

/** What one delivery of 1 KB costs to verify and translate, beside one HMAC and one JSON.parse. */
export async function measureSenders({ rounds, directory }: Options): Promise<Findings> {
  const rig = await startRig({
    script: await bundle("bench/senders-worker.ts", directory),
    objects: OBJECTS,
  });
  try {
    const figures: Figure[] = [];
    const all: Record<string, readonly Pair<number>[]> = {};
    for (const told of TOLD) {
      const pairs = await measure(rig, told, rounds);
      all[told.sender] = pairs;
      figures.push({
        group: "sender",
        name: told.sender,
        unit: "µs",
        ...compare(pairs, (microseconds) => microseconds),
        budget: { of: "ours", atMost: 100 },
      });
    }
    const note =
      `sender: verify and read one delivery of ${BODY_BYTES} bytes in workerd, ${TIMES} in a row on one thread, ` +
      "by the clock of who asks; bare is one HMAC-SHA256 with a key at hand and one JSON.parse.";
    return { figures, rounds: all, notes: [note] };
  } finally {
    await rig.stop();
  }
}

async function measure(rig: Rig, told: Told, rounds: number): Promise<readonly Pair<number>[]> {
  const body = await bodyOf(told.payload);
  const task = {
    sender: told.sender,
    secret: told.secret ?? SECRET,
    url: URL_CALLED,
    headers: { ...told.headers, ...(await told.sign(body)) },
    body,
    receivedAtMs: RECEIVED_AT_MS,
    times: TIMES,
  };
  const time = async (path: string) => {
    const startMs = performance.now();
    const { read } = await rig.call<{ read: number }>(`POST ${path}`, task);
    if (read < TIMES) throw new Error(`Cannot measure "${told.sender}": it read ${read} items`);
    return ((performance.now() - startMs) * MICROSECONDS) / TIMES;
  };
  const pairs = await alternate(
    rounds + WARM_UP_ROUNDS,
    () => time("/ours"),
    () => time("/bare"),
  );
  return pairs.slice(WARM_UP_ROUNDS);
}

const ENVELOPE = JSON.stringify({
  id: "evt-1",
  type: "order.cancelled",
  version: 1,
  occurred_at: "2026-07-25T17:20:00.000Z",
  data: { order_id: "O-1", reason: "out of stock" },
});

/** A payload filled up to a kilobyte by a member that its product does not know. */
async function bodyOf(payload: string): Promise<string> {
  const file = new URL(`../test/senders/fixtures/payloads/${payload}.json`, import.meta.url);
  const text = payload === "" ? ENVELOPE : await readFile(file, "utf8");
  const compact = JSON.stringify(JSON.parse(text));
  const spare = BODY_BYTES - Buffer.byteLength(compact) - '"padding":"",'.length;
  return spare <= 0 ? compact : compact.replace("{", `{"padding":"${"x".repeat(spare)}",`);
}
