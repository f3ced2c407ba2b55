import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { createApi } from "#src/compose/api.ts";
import { createParts } from "#src/compose/parts.ts";
import { readPorts } from "#src/compose/reads.ts";
import { putManifest, putPart } from "#src/edge/archive/export-parts.ts";
import {
  BOOKMARK_PATTERN,
  bookmarkHeaders,
  objectName,
  readBookmarks,
} from "#src/edge/http/bookmarks.ts";
import { readRoutes } from "#src/edge/http/reads.ts";
import openapi from "../../../public/openapi.json";
import { foundCompany, ORIGIN, w2 } from "../support/company.ts";
import { asDocumented } from "../support/contract.ts";
import { KEPT, keepOfEach } from "../support/kept.ts";
import { call, controlRig, newTenant } from "../support/control-rig.ts";
import { w1Plan } from "../support/plans.ts";

const HEADER = "D1-Bookmark";
const bookmark = (n: number): string =>
  `0000000${n}-00000000-00004d5e-0123456789abcdef0123456789abcdef`;
const [OLD, NEW] = [bookmark(0), bookmark(1)];
const OBJECT = "dist:0123456789abcdef=";
const PLACE = `${OBJECT}0000000000000007`;

/** Where each session of D1 began. */
const begun: string[] = [];
const watched = new Proxy(env.MIRROR_0, {
  get: (d1, name) => {
    if (name !== "withSession") return Reflect.get(d1, name);
    return (from: string) => {
      begun.push(from);
      return d1.withSession(from);
    };
  },
});
const parts = createParts({ ...env, MIRROR_0: watched });
const api = createApi(parts, readRoutes(readPorts(parts)));

async function ask(line: string, headers: Readonly<Record<string, string>> = {}, body?: object) {
  const [method = "GET", path = ""] = line.split(" ");
  const init = {
    method,
    headers: {
      Authorization: `Bearer ${env.ADMIN_TOKEN}`,
      "Content-Type": "application/json",
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
  const response = await api.fetch(new Request(`${ORIGIN}${path}`, init));
  return asDocumented({ method, url: path }, response);
}

const { tenant, api: admin, post, settled, enrol } = await foundCompany();
const leaving = await foundCompany();

const TOLD = { url: "https://shop.example/hook" };
/** What nobody of this company tells: nothing is sent. */
const LITTLE = { destination: "crm", types: ["cdc.gap"] };

/** Something of every kind, so that every read finds what it is asked for. */
async function settle(): Promise<Readonly<Record<string, string>>> {
  await admin(`PUT /v1/tenants/${tenant}/plans/main`, w1Plan());
  await admin(`PUT /v1/tenants/${tenant}/destinations/crm`, TOLD);
  await admin(`PUT /v1/tenants/${tenant}/subscriptions/little`, LITTLE);
  await enrol("B");
  const events = w2("B");
  await post(events);
  await settled(events.map(({ id }) => id));
  await keepOfEach(tenant);
  const found = await admin(`GET /v1/tenants/${tenant}/events?limit=1`);
  const page = await found.json<{ items: readonly { event_id: string }[] }>();
  return {
    tenant,
    source: "core",
    destination: "crm",
    subscription: "little",
    distributor: "B",
    event: page.items[0]?.event_id ?? "",
    plan: "main",
    month: "2026-07",
    subject: "dist%3AB",
    ...KEPT,
    n: "1",
  };
}

/** A tenant on its way out, its export made. */
async function exported(): Promise<string> {
  const { tenant: name } = leaving;
  const asked = await leaving.api(`DELETE /v1/tenants/${name}?confirm=${name}`);
  const { deletion_id: deletionId } = await asked.json<{ deletion_id: string }>();
  const place = { tenant: name, deletionId };
  await putPart(env.ARCHIVE_0, place, { n: 1, name: "tables/audit", lines: [{ tenant: name }] });
  const madeAt = "2026-07-01T10:00:00.000Z";
  const made = await putManifest(env.ARCHIVE_0, place, { parts: 1, madeAt });
  const { sha256: manifest_sha256, ...sizes } = made;
  const summary = { ...sizes, parts: 1, manifest_sha256, made_at: madeAt };
  await env.MIRROR_0.prepare(
    `UPDATE deletions SET state = 'exported',
       progress = json_set(progress, '$.export', json(?2)) WHERE tenant = ?1`,
  )
    .bind(name, JSON.stringify(summary))
    .run();
  return name;
}

const places = await settle();
const goodbye = await exported();

/** What some of them need to be answered 200. */
const MORE: Readonly<Record<string, { query?: string; accept?: string }>> = {
  listOrderLines: { query: "?order_id=B-O1" },
  listSales: { query: "?from=2026-07-01&to=2026-08-01" },
  followDistributor: { accept: "text/event-stream" },
};

/** The object alone answers it, as it is now: no replica is behind it. */
const OF_OBJECTS = ["getWriteOff"];

const reads = Object.entries(openapi.paths).flatMap(([path, methods]) => {
  const id = "get" in methods ? methods.get.operationId : undefined;
  const isOfTenant = path.startsWith("/v1/tenants/{tenant}");
  return id === undefined || !isOfTenant || OF_OBJECTS.includes(id) ? [] : [{ id, path }];
});

test("every read under /v1 is a tenant's, but for the contracts", () => {
  const others = Object.keys(openapi.paths).filter(
    (path) => path.startsWith("/v1/") && !path.startsWith("/v1/tenants/{tenant}"),
  );
  expect(others.filter((path) => !path.startsWith("/v1/contracts"))).toEqual([]);
  expect(reads.length).toBeGreaterThan(38);
});

describe.each(reads)("$id", ({ id, path }) => {
  const isLeaving = path.includes("/deletion");
  const { query = "", accept = "application/json" } = MORE[id] ?? {};
  const at = path
    .replace("{tenant}", isLeaving ? goodbye : tenant)
    .replaceAll(/\{(\w+)\}/g, (_all, name: string) => places[name] ?? name);
  const read = async (headers: Readonly<Record<string, string>>) => {
    begun.length = 0;
    const response = await ask(`GET ${at}${query}`, { Accept: accept, ...headers });
    const { status } = response;
    // A stream would go on for a quarter of an hour.
    const isStream = response.ok && accept === "text/event-stream";
    if (isStream) await response.body?.cancel();
    const body = isStream ? "" : Buffer.from(await response.arrayBuffer()).toString();
    return { status, body, given: response.headers.get(HEADER) ?? "", begun: [...begun] };
  };

  test("gives a bookmark, and is read no earlier than the one it is brought", async () => {
    const first = await read({});
    expect([first.status, first.body]).toEqual([200, expect.any(String)]);
    expect(first.given).toMatch(new RegExp(BOOKMARK_PATTERN));
    const second = await read({ [HEADER]: first.given });
    expect(second.status).toBe(200);
    expect(second.given >= first.given).toBe(true);
    // A deletion is read from the primary, which is behind nobody.
    const { mirror } = readBookmarks(first.given) ?? {};
    expect(second.begun).toContain(isLeaving ? "first-primary" : mirror);
    expect(second.begun).not.toContain("first-unconstrained");
  });

  test.each([`${OLD}0`, `${OBJECT}9999999999999999`])(
    "refuses %s: no answer gave it",
    async (text) => {
      const refused = await read({ [HEADER]: text });
      expect(refused.status).toBe(400);
      expect(JSON.parse(refused.body)).toMatchObject({
        code: "parameter_invalid",
        errors: [{ path: HEADER, rule: "format" }],
      });
      expect(refused.begun.filter((from) => from === text)).toEqual([]);
    },
  );
});

describe("a write of the control tables", () => {
  const path = `/v1/tenants/${tenant}`;
  const secret = `whsec_${btoa("0123456789abcdef0123456789abcdef")}`;
  const shop = { sender: "standard", auth: { secrets: [secret] } };

  test.each([
    { line: `PUT ${path}`, body: { name: "Acme", mode: "mirror", currency: "USD" }, see: path },
    { line: `PUT ${path}/sources/shop`, body: shop, see: `${path}/sources/shop` },
    { line: `POST ${path}/sources/shop/rotate`, body: { secret, keep: 0 }, see: `${path}/sources` },
    { line: `POST ${path}/sources/shop/pause`, see: `${path}/sources/shop` },
    { line: `POST ${path}/sources/shop/resume`, see: `${path}/sources/shop` },
    { line: `DELETE ${path}/sources/shop`, see: `${path}/sources` },
    { line: `PUT ${path}/destinations/new`, body: TOLD, see: `${path}/destinations/new` },
    { line: `POST ${path}/destinations/new/rotate`, see: `${path}/destinations` },
    { line: `POST ${path}/destinations/new/pause`, see: `${path}/destinations/new` },
    { line: `POST ${path}/destinations/new/resume`, see: `${path}/destinations/new` },
    { line: `PUT ${path}/subscriptions/new`, body: LITTLE, see: `${path}/subscriptions/new` },
    { line: `DELETE ${path}/subscriptions/new`, see: `${path}/subscriptions` },
    { line: `DELETE ${path}/destinations/new`, see: `${path}/destinations` },
    { line: `POST ${path}/keys`, body: { role: "auditor" }, see: `${path}/keys` },
    { line: `PUT ${path}/plans/main`, body: w1Plan({ holdback_days: 3 }), see: `${path}/plans` },
    { line: `PUT ${path}/plans/main`, body: w1Plan({ holdback_days: 3 }), see: `${path}/plans` },
  ])("$line gives the bookmark that a read of it can ask for", async ({ line, body, see }) => {
    const written = await ask(line, {}, body ?? {});
    expect(written.ok).toBe(true);
    const given = written.headers.get(HEADER) ?? "";
    expect(given).toMatch(new RegExp(BOOKMARK_PATTERN));
    begun.length = 0;
    const seen = await ask(`GET ${see}`, { [HEADER]: given });
    expect([seen.status, begun]).toEqual([200, [given]]);
  });

  test("answers the first one's again under its Idempotency-Key", async () => {
    const body = { name: "Acme", mode: "mirror", currency: "USD" };
    const headers = { "Idempotency-Key": crypto.randomUUID() };
    const first = await ask(`PUT ${path}`, headers, body);
    const again = await ask(`PUT ${path}`, headers, body);
    expect(again.headers.get("Idempotency-Replayed")).toBe("true");
    expect(again.headers.get(HEADER)).toBe(first.headers.get(HEADER));
  });

  test("is decided upon the primary, whatever it brings", async () => {
    begun.length = 0;
    const body = { name: "Acme", mode: "mirror", currency: "USD" };
    await ask(`PUT ${path}`, { [HEADER]: OLD }, body);
    expect(begun).toEqual(["first-primary"]);
  });
});

describe("a tenant of another shard than the control tables'", () => {
  const rig = controlRig();

  test("has its bookmarks of both, each where it belongs", async () => {
    const name = await newTenant(rig, { jurisdiction: "eu" });
    const path = `/v1/tenants/${name}`;
    const body = { sender: "acme", auth: { secrets: ["first-secret-0001"] } };
    const written = await call(rig, `PUT ${path}/sources/shop`, { body });
    const control = written.headers.get(HEADER) ?? "";
    expect(control).toMatch(/^control=[0-9a-f-]{59}$/);
    // The mirror's is not for the control tables: it is given back as it came.
    const headers = { [HEADER]: `${NEW}, ${control}` };
    const read = await call(rig, `GET ${path}/sources/shop`, { headers });
    const told = readBookmarks(read.headers.get(HEADER) ?? "");
    expect([read.status, told?.mirror]).toEqual([200, NEW]);
    expect(`control=${told?.control}` >= control).toBe(true);
    const alone = await call(rig, `GET ${path}`, { headers: { [HEADER]: NEW } });
    expect(alone.headers.get(HEADER)).toMatch(new RegExp(`^${NEW}, control=`));
  });
});

describe("the header's text", () => {
  const positionsOf = (n: number) =>
    new Map(Array.from({ length: n }, (_, i) => [objectName(`d${i}`), i + 1]));

  test.each([
    { mirror: OLD },
    { control: OLD },
    { mirror: OLD, control: NEW },
    { positions: positionsOf(1) },
    { mirror: OLD, positions: positionsOf(2) },
    { control: OLD, positions: positionsOf(8) },
    { mirror: OLD, control: NEW, positions: positionsOf(1) },
    { positions: new Map([[objectName("d0"), Number.MAX_SAFE_INTEGER]]) },
  ])("is read as it was written: %j", (bookmarks) => {
    expect(readBookmarks(bookmarkHeaders(bookmarks)[HEADER] ?? "")).toEqual(bookmarks);
  });

  test.each([
    "",
    "x",
    "first-primary",
    `control=${OLD}, ${NEW}`,
    `${OLD}, ${NEW}`,
    `control=${OLD}, control=${NEW}`,
    `${OLD},control=${NEW}`,
    `mirror=${OLD}`,
    OLD.toUpperCase(),
    `${OLD} `,
    `${OLD}\n`,
    `${PLACE}, ${OLD}`,
    `${PLACE}, control=${OLD}`,
    `${PLACE}0`,
    PLACE.replace("dist", "order"),
    `${OLD}, ${Array(9).fill(PLACE).join(", ")}`,
    `${OBJECT}${Number.MAX_SAFE_INTEGER + 1}`,
    `${OLD}, ${PLACE}, ${OBJECT}9999999999999999`,
  ])("is none of ours: %j", (text) => {
    expect(readBookmarks(text)).toBeUndefined();
  });

  test("names no more objects than it takes back: those seen last", () => {
    const text = bookmarkHeaders({ positions: positionsOf(9) })[HEADER] ?? "";
    expect([...(readBookmarks(text)?.positions ?? [])]).toEqual([...positionsOf(9)].slice(1));
  });

  test("is absent where nothing was asked", () => {
    expect(bookmarkHeaders({})).toEqual({});
  });
});
