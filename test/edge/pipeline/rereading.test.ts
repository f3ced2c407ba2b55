import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { ORIGIN } from "../support/company.ts";
import { payload } from "../../senders/samples/payload.ts";
import { layLine, type Line } from "../support/line.ts";

/** The consumer reads a body again: what it finds has to be what the edge promised. */
const KEY = "key-0123456789-0123456789";

const ask = (line: Line, request: string, body?: unknown): Promise<Response> => {
  const [method = "GET", path = "/"] = request.split(" ");
  return line.fetch(
    new Request(`${ORIGIN}/v1/tenants/${line.company.tenant}${path}`, {
      method,
      headers: { authorization: `Bearer ${env.ADMIN_TOKEN}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
  );
};

const put = async (line: Line, sender: string, scheme: string, options: object) => {
  const auth = { scheme, secrets: [KEY] };
  const response = await ask(line, "PUT /sources/in", { sender, auth, options });
  expect(response.status).toBeLessThan(300);
};

const post = (line: Line, body: string, headers: Record<string, string> = {}) =>
  line.fetch(
    new Request(`${ORIGIN}/in/${line.company.tenant}/in`, {
      method: "POST",
      headers: { "x-api-key": KEY, ...headers },
      body,
    }),
  );

const rowsOf = async ({ company }: Line) =>
  (
    await env.MIRROR_0.prepare(
      `SELECT e.sender_id AS id, e.outcome, e.code, h.state, h.code AS held FROM events e
        LEFT JOIN held h ON h.tenant = e.tenant AND h.event_id = e.event_id
        WHERE e.tenant = ? ORDER BY e.received_ms, e.event_id`,
    )
      .bind(company.tenant)
      .all()
  ).results;

test("a body that could not be unpacked is not read after all", async () => {
  const line = await layLine();
  const rules = [{ type: "order.cancelled", fields: { order_id: "id", reason: { value: "x" } } }];
  await put(line, "streamsets", "api-key", { rules });
  // A proxy unpacked it and left the header.
  const body = JSON.stringify([{ id: "1" }, { id: "2" }, { id: "3" }]);
  const response = await post(line, body, { "content-encoding": "gzip" });
  const { quarantined } = await response.json<{ quarantined: { id: string }[] }>();
  expect(quarantined).toHaveLength(1);
  await line.drain();
  expect(await rowsOf(line)).toEqual([
    expect.objectContaining({ id: quarantined[0]?.id, outcome: "quarantined", code: "malformed" }),
  ]);
});

test("a snapshot taken again is no contradiction of itself", async () => {
  const line = await layLine();
  await put(line, "debezium", "api-key", { tables: { customers: { key: ["id"] } } });
  const snapshot = payload("debezium-snapshot-read.json");
  await post(line, snapshot);
  await line.drain();
  await post(line, snapshot.replaceAll("1785000050123", "1785000090123"));
  await line.drain();
  expect((await rowsOf(line)).map(({ outcome }) => outcome)).toEqual(["applied", "duplicate"]);
});

const custom = (more: object) => ({
  recipe: { kind: "token", header: "x-api-key" },
  id: "order",
  rules: [
    {
      type: "order.cancelled",
      when: { status: "cancelled" },
      fields: { order_id: "order", reason: { value: "told" } },
    },
  ],
  ...more,
});

test("what tells something else under an id that waits already is held beside it", async () => {
  const line = await layLine();
  await put(line, "custom", "custom", custom({}));
  for (const status of ["pending", "paid", "pending"]) {
    await post(line, JSON.stringify({ order: "7", status }));
    await line.drain();
  }
  const rows = await rowsOf(line);
  expect(rows.map(({ state }) => state)).toEqual(["quarantined", "quarantined", null]);
});

test("a reading that finds other items than it promised loses none of them", async () => {
  const line = await layLine();
  await put(line, "custom", "custom", custom({ list: "event" }));
  const events = ["1", "2", "3"].map((order) => ({ order, status: "cancelled" }));
  await post(line, JSON.stringify({ events }));
  await line.drain();
  const [held] = (
    await env.MIRROR_0.prepare("SELECT message FROM held WHERE tenant = ?")
      .bind(line.company.tenant)
      .all<{ message: string }>()
  ).results;
  await put(line, "custom", "custom", custom({ list: "events" }));
  line.queued.push({ id: "again", body: JSON.parse(held?.message ?? "{}"), attempts: 1 });
  await line.drain();
  // Where three stand now, the one that was promised cannot be told: the body stays kept.
  expect(await rowsOf(line)).toEqual([
    expect.objectContaining({ outcome: "quarantined", state: "quarantined" }),
  ]);
});
