import { env, exports } from "cloudflare:workers";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ROLES } from "#src/edge/control/directory.ts";
import { EVERY_OPERATION, openapi } from "../../../scripts/openapi/document.ts";
import { jsonSchema } from "../../../scripts/openapi/schema.ts";
import { runs } from "../../support/runs.ts";
import { type Company, foundCompany, ORIGIN, w2 } from "../support/company.ts";
import { faultsOfAnswer } from "../support/contract.ts";
import { type Fuzzed, type Known, requestsTo } from "../support/fuzzed.ts";
import { KEPT, keepOfEach } from "../support/kept.ts";
import { w1Plan } from "../support/plans.ts";

/** Of all operations together. */
const REQUESTS = 2000;

const CORE = { core: { url: "https://core.example/api", auth: "secret" } };

const ours = await foundCompany(CORE);
const final = await foundCompany({ mode: "gateway_final" });
const doomed = await foundCompany();

/** Somebody of every kind, something of every kind: what is asked for by name exists. */
async function settle(company: Company): Promise<void> {
  const { tenant, api, post, settled, enrol } = company;
  await api(`PUT /v1/tenants/${tenant}/plans/main`, w1Plan());
  await api(`PUT /v1/tenants/${tenant}/destinations/crm`, { url: "https://shop.example/hook" });
  const little = { destination: "crm", types: ["cdc.gap"] };
  await api(`PUT /v1/tenants/${tenant}/subscriptions/little`, little);
  await enrol("A", "B", "C");
  await post([...w2("B"), payment, refund]);
  await settled([...w2("B").map(({ id }) => id), payment.id]);
  await keepOfEach(tenant);
}

/** Of a payment that nobody told of: it waits. */
const refund = {
  id: "ref-1",
  type: "refund.completed",
  version: 1,
  occurred_at: "2026-07-11T12:00:00.000Z",
  data: {
    refund_id: "R1",
    payment_id: "P-unheard",
    order_id: "O-unheard",
    currency: "USD",
    amount_minor: 100,
  },
};

const payment = {
  id: "pay-1",
  type: "payment.confirmed",
  version: 1,
  occurred_at: "2026-07-10T12:00:00.000Z",
  data: {
    payment_id: "P1",
    order_id: "O1",
    currency: "USD",
    amount_minor: 10_000,
    net_minor: 10_000,
    cv_x100: 10_000,
    source_node: "B",
    order_kind: "store",
  },
};

async function known(): Promise<Known> {
  for (const company of [ours, final]) await settle(company);
  const tokens = await Promise.all(ROLES.map((role) => keyFor(ours, role)));
  const victim = await ours.api(`POST /v1/tenants/${ours.tenant}/keys`, { role: "auditor" });
  const { key_id: victimKey } = await victim.json<{ key_id: string }>();
  const events = await listed(`/v1/tenants/${ours.tenant}/events`);
  const held = await listed(`/v1/tenants/${ours.tenant}/held`);
  const bodies = EVERY_OPERATION.flatMap(({ operation: { id, body } }) =>
    body === undefined ? [] : [[id, jsonSchema(body.schema, "input", id)]],
  );
  const document = { ...plain(openapi()), "x-bodies": plain(Object.fromEntries(bodies)) };
  return {
    document,
    cursors: await realCursors(),
    tokens: [
      ...Array<string>(9).fill(env.ADMIN_TOKEN),
      ...tokens,
      "upl_x",
      "",
      "a.b.c",
      "x".repeat(600),
    ],
    places: {
      tenant: [ours.tenant, ours.tenant, ours.tenant, final.tenant, "nobody"],
      source: ["core", "bank", "shop"],
      destination: ["crm", "shop"],
      subscription: ["little", "all"],
      distributor: ["B", "A", "C", "nobody"],
      event: [...events.items, ...held.items].map(({ event_id: id }) => String(id)),
      plan: ["main", "other"],
      run: [KEPT.run, KEPT.run, "close:main:2026-07", "ranks:main:2026-07"],
      reconciliation: [KEPT.reconciliation],
      rebuild: [KEPT.rebuild],
      replay: [KEPT.replay],
      delivery: [KEPT.delivery],
      break: [KEPT.break],
      month: ["2026-07", "2026-13", "0000-00", "9999-12"],
      period: [KEPT.period],
      subject: ["dist:B", "order:O1", "tree:sponsor", "x"],
      key: [victimKey],
      type: ["commission.posted", "constructor"],
      version: ["1", "999"],
      writeoff: ["wo-1"],
      order_id: ["O1"],
      period_id: ["2026-07"],
      as_of: ["2026-07-31", "2026-07-31T00:00:00.001Z", "0001-01-01", "9999-12-31"],
      known_at: ["2026-12-31", "2026-07-01T00:00:00-12:00"],
      from: ["2026-07-01"],
      to: ["2026-08-01", "2026-01-01"],
      limit: ["1", "2", "200"],
    },
  };
}

const plain = (value: object): object => JSON.parse(JSON.stringify(value));

async function keyFor({ tenant, api }: Company, role: string): Promise<string> {
  const subject = role === "distributor" ? { subject: "B" } : {};
  const made = await api(`POST /v1/tenants/${tenant}/keys`, { role, ...subject });
  return (await made.json<{ key: string }>()).key;
}

interface Page {
  readonly items: readonly Record<string, unknown>[];
  readonly next_cursor: string | null;
}

const listed = async (path: string): Promise<Page> => (await ours.api(`GET ${path}`)).json<Page>();

/** Without which a list answers nothing. */
const NEEDED: Readonly<Record<string, string>> = {
  listOrderLines: "&order_id=O1",
  listSales: "&from=2026-07-01&to=2026-08-01",
};

/** The cursor behind the first item of each list that has more than one. */
async function realCursors(): Promise<ReadonlyMap<string, string>> {
  const lists = EVERY_OPERATION.filter(
    ({ path, operation }) => operation.answer.isList && path.includes("{tenant}"),
  );
  const found = new Map<string, string>();
  for (const { path, operation } of lists) {
    const place = path
      .replace("{tenant}", ours.tenant)
      .replace("{distributor}", "B")
      .replace("{subject}", "dist%3AB")
      .replace("{plan}", "main")
      .replaceAll(/\{\w+\}/g, "none");
    const needs = NEEDED[operation.id] ?? "";
    const { next_cursor: cursor } = await listed(`${place}?limit=1${needs}`);
    if (typeof cursor === "string") found.set(operation.id, cursor);
  }
  return found;
}

async function send({ method, target, headers, body }: Fuzzed): Promise<Response> {
  const init = { method, headers, redirect: "manual" as const };
  return exports.default.fetch(`${ORIGIN}${target}`, {
    ...init,
    ...(body === undefined ? {} : { body }),
  });
}

/** Operations of which at least one request was right enough to be done. */
const done = new Set<string>();

const facts = await known();
const doomedFacts = { ...facts, places: { ...facts.places, tenant: [doomed.tenant, "nobody"] } };

describe("malformed input", () => {
  const each = runs(Math.ceil(REQUESTS / EVERY_OPERATION.length));

  test.each(EVERY_OPERATION)("$method $path answers as documented", async (operation) => {
    const isFatal = operation.method === "DELETE" && operation.path === "/v1/tenants/{tenant}";
    const requests = requestsTo(operation, isFatal ? doomedFacts : facts);
    await fc.assert(
      fc.asyncProperty(requests, async (request) => {
        const response = await send(request);
        const sent = { method: request.method, url: `${ORIGIN}${request.target}` };
        const faults = await faultsOfAnswer(sent, response);
        if (response.ok) done.add(operation.operation.id);
        await response.body?.cancel();
        response.webSocket?.accept();
        response.webSocket?.close();
        expect({ faults, isOurFault: response.status >= 500 }).toEqual({
          faults: [],
          isOurFault: false,
        });
      }),
      { numRuns: each },
    );
  });

  test("gets as far as it should: most operations did something, some lists went on", () => {
    expect(facts.cursors.size).toBeGreaterThan(5);
    const undone = EVERY_OPERATION.map(({ operation }) => operation.id).filter(
      (id) => !done.has(id),
    );
    // What needs an event that waits, a run or a debt is refused however well it is written.
    expect(undone.length / EVERY_OPERATION.length).toBeLessThan(0.4);
  });
});
