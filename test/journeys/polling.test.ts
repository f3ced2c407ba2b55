import { createServer, type ServerResponse } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fakeHubspot } from "../support/products/hubspot.ts";
import { productStore } from "../support/products/store.ts";
import { type LocalGateway, makeStateDir, startLocal } from "./support/gateway.ts";
import { openTenant, type TestTenant } from "./support/tenant.ts";

const NAME = "polling";
const state = makeStateDir();
const store = productStore(Date.parse("2026-03-01T00:00:00Z"));
const product = fakeHubspot(store, []);

/** HubSpot's API on a port of one's own machine. */
const server = createServer((incoming, outgoing) => {
  const pieces: Buffer[] = [];
  incoming.on("data", (piece: Buffer) => pieces.push(piece));
  incoming.on("end", () => {
    const headers = new Headers();
    for (const [name, value] of Object.entries(incoming.headers)) headers.set(name, String(value));
    const { method = "GET", url = "/" } = incoming;
    const body = method === "GET" ? {} : { body: Buffer.concat(pieces) };
    const answered = product.fetch(
      new Request(`http://127.0.0.1${url}`, { method, headers, ...body }),
    );
    void answer(answered, outgoing);
  });
});

async function answer(answered: Promise<Response>, outgoing: ServerResponse): Promise<void> {
  const response = await answered;
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.end(Buffer.from(await response.arrayBuffer()));
}

let gateway: LocalGateway;
let tenant: TestTenant;

beforeAll(async () => {
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  gateway = await startLocal(state.stateDir);
  tenant = await openTenant(gateway.client, NAME);
});

afterAll(async () => {
  await gateway.stop();
  server.close();
  state.remove();
});

function baseUrl(): string {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port");
  return `http://127.0.0.1:${address.port}`;
}

async function minute() {
  const worker = await gateway.miniflare.getWorker();
  await worker.scheduled({ cron: "* * * * *", scheduledTime: new Date() });
  await tenant.idle();
}

test("a HubSpot account is polled over HTTP, by cron, into leads", async () => {
  for (let n = 1; n <= 7; n += 1) {
    store.nowMs += n % 2;
    store.put(String(n), { email: `${n}@x.example` });
  }
  const path = `/v1/tenants/${NAME}/sources/hubspot`;
  await gateway.client.must(`PUT ${path}`, {
    sender: "hubspot",
    auth: { secrets: ["a3c5e7f9-1b2d-4c6e-8f0a-112233445566"] },
    options: {
      poll: {
        kind: "hubspot",
        account: "62515",
        base_url: baseUrl(),
        auth: {
          kind: "refresh_token",
          client_id: "client-1",
          client_secret: "client-secret-0001",
          refresh_token: "refresh-1",
        },
        streams: [{ name: "contacts", object: "contacts", fields: ["email"], page_size: 3 }],
      },
    },
  });
  await minute();
  expect(await tenant.get("sources/hubspot/polls")).toMatchObject({
    state: "active",
    streams: [{ stream: "contacts", failures: 0, last: { records: expect.any(Number), told: 7 } }],
  });
  expect(await tenant.get("events?source=hubspot")).toMatchObject({
    items: Array.from({ length: 7 }, () => ({ type: "lead.upserted", outcome: "applied" })),
  });
  // Not due again yet.
  const asked = product.asked.length;
  await minute();
  expect(product.asked).toHaveLength(asked);
});
