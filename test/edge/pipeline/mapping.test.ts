import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test, vi } from "vitest";
import { signStandard } from "../../../scripts/signing.ts";
import { payload } from "../../senders/samples/payload.ts";
import { ORIGIN, SECRET } from "../support/company.ts";
import { layLine, type Line } from "../support/line.ts";

const auth = { scheme: "standard-webhooks-v1", secrets: [SECRET] };

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

let sent = 0;

const post = async (line: Line, body: string): Promise<Response> => {
  sent += 1;
  // A connector that was restarted sends the same row under a new id.
  const id = `msg_${sent}`;
  const headers = await signStandard({
    secret: SECRET,
    id,
    timestampS: Math.floor(Date.now() / 1000),
    body,
  });
  const url = `${ORIGIN}/in/${line.company.tenant}/cdc`;
  return line.fetch(new Request(url, { method: "POST", headers: { ...headers }, body }));
};

const rowsOf = async ({ company }: Line) =>
  (
    await env.MIRROR_0.prepare(
      `SELECT e.type, e.outcome, e.subject, h.state FROM events e
        LEFT JOIN held h ON h.tenant = e.tenant AND h.event_id = e.event_id
        WHERE e.tenant = ? ORDER BY e.event_id`,
    )
      .bind(company.tenant)
      .all()
  ).results;

const leads = {
  tables: {
    "public.customers": {
      key: ["id"],
      events: [
        {
          type: "lead.upserted",
          fields: {
            crm: { value: "shop" },
            object_id: { path: "id", as: "text" },
            fields: "$after",
          },
        },
      ],
    },
  },
};

test("what no mapping knew is applied when the mapping is mended and a person retries it", async () => {
  const line = await layLine();
  expect((await ask(line, "PUT /sources/cdc", { sender: "debezium", auth })).status).toBe(201);
  expect((await post(line, payload("debezium-insert.json"))).status).toBe(202);
  await line.drain();
  expect(await rowsOf(line)).toEqual([
    { type: "row c", outcome: "quarantined", subject: null, state: "quarantined" },
  ]);

  const mended = { sender: "debezium", auth, options: leads };
  expect((await ask(line, "PUT /sources/cdc", mended)).status).toBe(200);
  const held = await env.MIRROR_0.prepare("SELECT event_id AS id FROM held WHERE tenant = ?")
    .bind(line.company.tenant)
    .first<{ id: string }>();
  const path = `/v1/tenants/${line.company.tenant}/held/${held?.id}/retry`;
  expect((await line.company.api(`POST ${path}`)).status).toBe(202);
  const applied = { type: "row c", outcome: "applied", subject: null, state: null };
  await vi.waitUntil(async () => (await rowsOf(line))[0]?.["outcome"] === "applied", 10_000);
  expect(await rowsOf(line)).toEqual([
    { ...applied, type: "lead.upserted", subject: "lead:shop:1004" },
  ]);
});

test("an update that overtakes its insert stands, by position and not by text", async () => {
  const line = await layLine();
  const options = { tables: { customers: { key: ["id"] } } };
  await ask(line, "PUT /sources/cdc", { sender: "debezium", auth, options });
  const row = (lsn: number, name: string) =>
    payload("debezium-insert.json").replaceAll("24023128", String(lsn)).replace("Anne", name);
  // As text, "9" would be above "10".
  await post(line, row(10_000_000, "Newer"));
  await post(line, row(9_999_999, "Older"));
  await line.drain();
  const { results } = await env.MIRROR_0.prepare(
    "SELECT outcome, of FROM events WHERE tenant = ? AND type = 'cdc.row' ORDER BY event_id",
  )
    .bind(line.company.tenant)
    .all();
  expect(results.map(({ outcome }) => outcome)).toEqual(["applied", "applied"]);
  const name = `${line.company.tenant}/cdc:shop.shopdb.public.customers:1004`;
  const current = await runInDurableObject(env.RECORD.getByName(name), (_object, state) =>
    state.storage.sql
      .exec("SELECT rev FROM registers ORDER BY epoch DESC, digits DESC, rev DESC LIMIT 1")
      .toArray(),
  );
  expect(current).toEqual([{ rev: "10000000" }]);
});

test("a restarted connector that sends everything again changes nothing", async () => {
  const line = await layLine();
  const options = { tables: { customers: { key: ["id"] } } };
  await ask(line, "PUT /sources/cdc", { sender: "debezium", auth, options });
  for (const _ of [1, 2]) await post(line, payload("debezium-batch.json"));
  await line.drain();
  const rows = await rowsOf(line);
  expect(rows.slice(0, 3).map(({ outcome }) => outcome)).toEqual(Array(3).fill("applied"));
  expect(rows.slice(3).map(({ outcome }) => outcome)).toEqual(Array(3).fill("duplicate"));
});
