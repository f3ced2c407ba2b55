import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createHmac } from "node:crypto";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { member } from "../../scripts/local/client.ts";
import { type LocalGateway, makeStateDir, startLocal } from "./support/gateway.ts";
import { enrolment, w2 } from "./support/streams.ts";
import { openTenant, type TestTenant } from "./support/tenant.ts";

const NAME = "outbound";
const WAIT_MS_MAX = 60_000;
const state = makeStateDir();

interface Received {
  readonly path: string;
  readonly id: string;
  readonly body: string;
  readonly isSigned: boolean;
  readonly status: number;
}

const received: Received[] = [];
let secret = "";
/** How a request is answered, by its path and how many of the same path came before. */
let statusOf = (_path: string, _n: number): number => 200;

/** A receiver as the documentation has it, with nothing of ours. */
const server = createServer((incoming: IncomingMessage, outgoing: ServerResponse) => {
  const pieces: Buffer[] = [];
  incoming.on("data", (piece: Buffer) => pieces.push(piece));
  incoming.on("end", () => {
    const body = Buffer.concat(pieces).toString();
    const header = (name: string) => String(incoming.headers[name]);
    const key = Buffer.from(secret.slice("whsec_".length), "base64");
    const signed = `${header("webhook-id")}.${header("webhook-timestamp")}.${body}`;
    const mac = `v1,${createHmac("sha256", key).update(signed).digest("base64")}`;
    const path = incoming.url ?? "/";
    const status = statusOf(path, received.filter((one) => one.path === path).length);
    const isSigned = header("webhook-signature").split(" ").includes(mac);
    received.push({ path, id: header("webhook-id"), body, isSigned, status });
    outgoing.writeHead(status);
    outgoing.end();
  });
});

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

function urlOf(path: string): string {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port");
  return `http://127.0.0.1:${address.port}${path}`;
}

const base = `/v1/tenants/${NAME}`;

const deliveries = async (query: string): Promise<readonly Record<string, unknown>[]> => {
  const items = member(await tenant.get(`deliveries?${query}`), "items");
  return Array.isArray(items) ? items.map((item) => ({ ...Object(item) })) : [];
};

const until = (isSo: () => Promise<boolean> | boolean) =>
  vi.waitUntil(isSo, { timeout: WAIT_MS_MAX, interval: 50 });

/** Makes a destination of one's own machine, and reads its secret, which is shown this once. */
async function openDestination(name: string, more: object = {}): Promise<string> {
  const made = await gateway.client.must(`PUT ${base}/destinations/${name}`, {
    url: urlOf(`/${name}`),
    ...more,
  });
  return String(member(made, "secret"));
}

test("event in, webhook out: what fails is tried again, signed, with the same id, until it is taken", async () => {
  secret = await openDestination("shop");
  await gateway.client.must(`PUT ${base}/subscriptions/enrolments`, {
    destination: "shop",
    types: ["distributor.*"],
  });
  statusOf = (_path, n) => (n < 2 ? 500 : 200);
  await tenant.post([enrolment("B"), ...w2("B")]);
  await tenant.idle();

  // The second attempt comes by itself; the third is five minutes away, unless a person asks for it.
  await until(() => received.length === 2);
  const isTriedTwice = async () => (await deliveries("destination=shop"))[0]?.["attempts"] === 2;
  await until(isTriedTwice);
  const [waiting] = await deliveries("destination=shop");
  expect(waiting).toMatchObject({ state: "pending", type: "distributor.enrolled", attempts: 2 });
  const id = String(waiting?.["delivery_id"]);
  await gateway.client.must(`POST ${base}/deliveries/${id}/retry`);
  await until(async () => (await deliveries("state=delivered")).length === 1);

  expect(received.map(({ status, isSigned }) => [status, isSigned])).toEqual([
    [500, true],
    [500, true],
    [200, true],
  ]);
  expect(new Set(received.map((one) => `${one.id} ${one.body}`)).size).toBe(1);
  expect(received[0]?.id).toBe(id);
  const told: unknown = JSON.parse(received[0]?.body ?? "");
  expect(told).toMatchObject({
    type: "distributor.enrolled",
    data: { id: enrolment("B").id, source: "core", subject: "dist:B" },
  });
  const shown = await tenant.get(`deliveries/${id}`);
  expect(shown).toMatchObject({
    state: "delivered",
    attempts_made: [{ status: 500 }, { status: 500 }, { status: 200 }],
    body: told,
  });
});

test("a destination that is gone is sent nothing more, until it is resumed; one that is removed never", async () => {
  secret = await openDestination("crm");
  await gateway.client.must(`PUT ${base}/subscriptions/money`, {
    destination: "crm",
    types: ["commission.posted", "payout.*"],
  });
  statusOf = () => 410;
  await tenant.post([enrolment("C")]);
  await tenant.post(w2("C"));
  await tenant.idle();
  const stateOf = async () => member(await tenant.get("destinations/crm"), "state");
  await until(async () => (await stateOf()) === "gone");
  const wanted = w2("C").filter(({ type }) => /^commission.posted|^payout/.test(String(type)));
  await until(async () => (await deliveries("destination=crm")).length === wanted.length);
  expect(await deliveries("destination=crm&state=delivered")).toEqual([]);

  statusOf = () => 200;
  await gateway.client.must(`POST ${base}/destinations/crm/resume`);
  await until(
    async () => (await deliveries("destination=crm&state=delivered")).length === wanted.length,
  );
  const taken = received.filter(({ path, status }) => path === "/crm" && status === 200);
  expect(taken.every(({ isSigned }) => isSigned)).toBe(true);
  const types = taken.map(({ body }) => String(member(JSON.parse(body), "type")));
  expect(types.toSorted()).toEqual(wanted.map(({ type }) => String(type)).toSorted());

  await gateway.client.must(`POST ${base}/destinations/crm/pause`);
  await tenant.post([enrolment("D")]);
  await tenant.post(w2("D"));
  await tenant.idle();
  await until(
    async () => (await deliveries("destination=crm&state=pending")).length === wanted.length,
  );
  await gateway.client.must(`DELETE ${base}/destinations/crm`);
  await until(
    async () => (await deliveries("destination=crm&state=cancelled")).length === wanted.length,
  );
  expect(received.filter(({ path }) => path === "/crm").length).toBe(
    received.filter(({ path, status }) => path === "/crm" && status === 410).length + taken.length,
  );
});
