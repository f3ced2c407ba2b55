import { env, exports } from "cloudflare:workers";
import { describe, expect, test, vi } from "vitest";
import { createParts } from "#src/compose/parts.ts";
import { prepareArrival } from "#src/edge/queue/arrival.ts";
import { event as eventOf } from "../../core/support/events.ts";
import { foundCompany, ORIGIN } from "../support/company.ts";
import { bookOf, keyOf, listen, openStream, WAIT } from "../support/live.ts";

const company = await foundCompany();
let distributors = 0;

async function enrolled() {
  distributors += 1;
  const id = `s${distributors}`;
  const book = bookOf(company, id);
  await book.enrol();
  return { id, book };
}

describe("Server-Sent Events", () => {
  test("say the same as a WebSocket, with an id each", async () => {
    const { id, book } = await enrolled();
    const stream = await openStream(company, id);
    const client = await listen(company, id);
    await client.until(1);
    await book.told({});
    await client.until(2);
    await stream.until(2);
    expect(stream.response.headers.get("Content-Type")).toBe("text/event-stream; charset=utf-8");
    expect(stream.response.headers.get("Cache-Control")).toBe("no-store, no-transform");
    // Not the mirror alone: the object can be ahead of it.
    expect(stream.response.headers.get("D1-Bookmark")).toMatch(/, dist:[0-9a-f]{16}=0{15}1$/);
    expect(stream.frames()[0]).toBe("retry: 2000");
    expect(stream.events().map(({ event, id: at }) => ({ event, at }))).toEqual(
      client.heard.map(({ type, id: at }) => ({ event: type, at })),
    );
    expect(stream.events()[1]?.body).toEqual(client.heard[1]);
    client.close();
    await stream.cancel();
  });

  test("go on after Last-Event-ID: nothing missed, nothing twice", async () => {
    const { id, book } = await enrolled();
    const stream = await openStream(company, id);
    await book.lines(2);
    await stream.until(3);
    await stream.cancel();
    await book.lines(2);
    const back = await openStream(company, id, { lastId: stream.events().at(-1)?.id });
    await back.until(5);
    await book.lines(1);
    await back.until(6);
    const told = back.events().map(({ body }) => body);
    expect(told).toMatchObject([
      { after: 3, position: 5, lines: [{ line_id: "L3" }, { line_id: "L4" }] },
      { after: 5, position: 6, lines: [{ line_id: "L5" }] },
    ]);
    await back.cancel();
  });

  test("begin anew with an id that is none of ours", async () => {
    const { id } = await enrolled();
    for (const lastId of ["nonsense", "7", "1-00000000", "9".repeat(5000)]) {
      const stream = await openStream(company, id, { lastId });
      await stream.until(1);
      expect(stream.events()).toMatchObject([{ event: "status", body: { reset: true } }]);
      await stream.cancel();
    }
  });

  test("end for a reader that does not take them, and leave the object nobody to serve", async () => {
    const { id, book } = await enrolled();
    const sockets = () => book.followers();
    const stream = await openStream(company, id);
    await vi.waitUntil(async () => (await sockets()) === 1, WAIT);
    for (let i = 0; (await sockets()) > 0 && i < 60; i += 1) await book.lines(50);
    expect(await sockets()).toBe(0);
    const position = await book.position();
    await stream.until(position);
    const last = stream.events().at(-1);
    expect(last?.body.position).toBeLessThan(position);
    // What it lacks begins behind what it has.
    const back = await openStream(company, id, { lastId: last?.id });
    await back.until(position);
    expect(back.events()[0]?.body.after).toBe(last?.body.position);
    await back.cancel();
  });

  test("leave nobody behind when their reader goes", async () => {
    const { id, book } = await enrolled();
    const stream = await openStream(company, id);
    await stream.until(1);
    await stream.cancel();
    await vi.waitUntil(async () => (await book.followers()) === 0, WAIT);
    expect(await book.followers()).toBe(0);
  });

  test("are refused before they begin", async () => {
    const { id } = await enrolled();
    const ask = (distributor: string, headers: Readonly<Record<string, string>>) =>
      exports.default.fetch(
        `${ORIGIN}/v1/tenants/${company.tenant}/distributors/${distributor}/live`,
        { headers: { Accept: "text/event-stream", ...headers } },
      );
    const admin = { Authorization: `Bearer ${env.ADMIN_TOKEN}` };
    const statuses = await Promise.all([
      ask(id, {}),
      ask("nobody", admin),
      ask(id, { ...admin, Accept: "application/json" }),
    ]);
    expect(statuses.map(({ status }) => status)).toEqual([401, 404, 426]);
    for (const response of statuses) {
      expect(response.headers.get("Content-Type")).toBe("application/problem+json");
    }
  });
});

test("who may not see names is told the masked one, who may is told to read it again", async () => {
  const { directory } = createParts(env);
  const tenant = await directory.tenant(company.tenant);
  if (tenant === undefined) throw new Error("No tenant");
  const id = "named";
  const book = bookOf(company, id);
  const enrol = async (name: string, rev: number) => {
    const pii = { name, email: "a@example.com" };
    const named = { distributor_id: id, pii };
    const told = eventOf("distributor.enrolled", { id: name, key: `dist:${id}`, rev }, named);
    const carriage = { tenant, deliveryId: "dlv_1", receivedAtMs: Date.now() };
    const arrival = await prepareArrival(told, `evt_${name}`, carriage);
    return book.settle({ arrivals: [arrival] });
  };
  await enrol("Ada Lovelace", 1);
  const support = await listen(company, id, { token: await keyOf(company, "support") });
  const own = await listen(company, id, { token: await keyOf(company, "distributor", id) });
  await enrol("Grace Hopper", 2);
  await support.until(2);
  await own.until(2);
  expect(support.heard).toMatchObject([{ status: { name: "A. L." } }, { set: { name: "G. H." } }]);
  expect(support.heard[1]?.stale).toEqual([]);
  expect(own.heard).toMatchObject([{ status: { name: "Ada Lovelace" } }, { stale: ["name"] }]);
  expect(own.heard[1]?.set).not.toHaveProperty("name");
  expect(support.texts.join("")).not.toMatch(/Lovelace|Hopper|example\.com/);
  support.close();
  own.close();
});
