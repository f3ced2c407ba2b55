import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import type { Distributor } from "#src/edge/objects/distributor.ts";
import { runs } from "../../support/runs.ts";
import { foundCompany } from "../support/company.ts";
import { bookOf, type Heard, keyOf, listen, upgrade, WAIT } from "../support/live.ts";

const company = await foundCompany();
let distributors = 0;

async function enrolled() {
  distributors += 1;
  const id = `d${distributors}`;
  const book = bookOf(company, id);
  await book.enrol();
  return { id, book };
}

const strong = async (id: string) =>
  (
    await company.api(`GET /v1/tenants/${company.tenant}/distributors/${id}?consistency=strong`)
  ).json<Record<string, unknown>>();

/** What a page has after these messages. */
const merged = (heard: readonly Heard[]) =>
  heard.reduce<Record<string, unknown>>(
    (status, { type, status: whole, set, position }) =>
      type === "status" ? { ...whole } : { ...status, ...set, position },
    {},
  );

const without = (status: Record<string, unknown>, ...names: readonly string[]) =>
  Object.fromEntries(Object.entries(status).filter(([name]) => !names.includes(name)));

const positions = (heard: readonly Heard[]) => heard.map(({ position }) => position);

const linesIn = (heard: readonly Heard[]) =>
  heard.flatMap(({ lines = [] }) => lines.map(({ line_id }) => line_id));

describe("a WebSocket", () => {
  test("begins with the whole status, as the strong read shows it", async () => {
    const { id } = await enrolled();
    const client = await listen(company, id);
    await client.until(1);
    const [first] = client.heard;
    expect(first).toMatchObject({ type: "status", position: 1 });
    expect(first?.id).toMatch(/^1-[0-9a-f]{8}$/);
    expect(first).not.toHaveProperty("reset");
    expect(without(first?.status ?? {}, "as_of")).toEqual(without(await strong(id), "as_of"));
    client.close();
  });

  test("tells of a line that an order sends, and of what becomes of it", async () => {
    const { id, book } = await enrolled();
    const client = await listen(company, id);
    await client.until(1);
    await book.told({});
    await client.until(2);
    expect(client.heard[1]).toMatchObject({
      type: "change",
      after: 1,
      position: 2,
      lines: [{ line_id: "O1:unilevel:1:B", amount_minor: 500, state: "pending" }],
      transfers: [{ position: 2, amount: { amount: "5.00", currency: "USD" } }],
      set: { balances: { USD: { pending: { amount: "5.00" } } } },
    });
    await book.told({ reversed_minor: 200, returned: [2, 5], ver: 2 });
    await client.until(3);
    expect(client.heard[2]).toMatchObject({
      set: { balances: { USD: { pending: { amount: "3.00" } } } },
    });
    expect(without(merged(client.heard), "as_of")).toEqual(without(await strong(id), "as_of"));
    client.close();
  });

  test("says one thing of one call, whatever it brought", async () => {
    const { id, book } = await enrolled();
    const client = await listen(company, id);
    await client.until(1);
    await book.lines(5);
    await client.until(6);
    expect(positions(client.heard)).toEqual([1, 6]);
    expect(linesIn(client.heard)).toEqual(["L1", "L2", "L3", "L4", "L5"]);
    client.close();
  });

  test("cuts what is long into messages that follow on each other", async () => {
    const { id, book } = await enrolled();
    const client = await listen(company, id);
    await client.until(1);
    await book.lines(250);
    await client.until(251);
    expect(client.heard.map(({ after, position }) => [after, position])).toEqual([
      [undefined, 1],
      [1, 101],
      [101, 201],
      [201, 251],
    ]);
    expect(new Set(linesIn(client.heard)).size).toBe(250);
    client.close();
  });

  test("goes on after the last id: nothing missed, nothing twice", async () => {
    const { id, book } = await enrolled();
    const client = await listen(company, id);
    await book.lines(2);
    await client.until(3);
    client.close();
    await book.lines(3);
    const back = await listen(company, id, { lastId: client.lastId() });
    await back.until(6);
    expect(back.heard).toMatchObject([{ type: "change", after: 3, position: 6 }]);
    expect(linesIn(back.heard)).toEqual(["L3", "L4", "L5"]);
    back.close();
    const upToDate = await listen(company, id, { lastId: back.lastId() });
    await book.lines(1);
    await upToDate.until(7);
    expect(linesIn(upToDate.heard)).toEqual(["L6"]);
    upToDate.close();
  });

  test("goes on after a bare position", async () => {
    const { id, book } = await enrolled();
    await book.lines(2);
    const client = await listen(company, id, { lastId: "2" });
    await client.until(3);
    expect(linesIn(client.heard)).toEqual(["L2"]);
    client.close();
  });

  test.each([
    { name: "of the future", lastId: () => "99" },
    { name: "of another log", lastId: () => "1-00000000" },
    { name: "too far back", lastId: (first: string) => first },
  ])("begins anew with an id $name", async ({ name, lastId }) => {
    const { id, book } = await enrolled();
    const before = await listen(company, id);
    await before.until(1);
    before.close();
    await book.lines(name === "too far back" ? 501 : 1);
    const client = await listen(company, id, { lastId: lastId(before.lastId() ?? "") });
    const position = await book.position();
    await client.until(position);
    expect(client.heard).toMatchObject([{ type: "status", reset: true, position }]);
    client.close();
  });

  test("survives hibernation, and wakes for what happens then", async () => {
    const { id, book } = await enrolled();
    const client = await listen(company, id);
    await client.until(1);
    await evictDurableObject(book.stub);
    await book.lines(1);
    await client.until(2);
    await evictDurableObject(book.stub);
    await book.lines(2);
    await client.until(4);
    expect(positions(client.heard)).toEqual([1, 2, 4]);
    expect(client.ended).toEqual([]);
    client.close();
  });

  test("answers heartbeats without waking the object", async () => {
    const { id, book } = await enrolled();
    const client = await listen(company, id);
    await client.until(1);
    const born = () =>
      runInDurableObject(book.stub, (object: Distributor) => {
        const known = object as Distributor & { bornAs?: string };
        return (known.bornAs ??= crypto.randomUUID());
      });
    const first = await born();
    await evictDurableObject(book.stub);
    client.socket.send("ping");
    await vi.waitUntil(() => client.texts.includes("pong"), WAIT);
    // Nobody is there to be evicted: the heartbeat has woken no one.
    await expect(evictDurableObject(book.stub)).rejects.toThrow(/not.*running/i);
    expect(await born()).not.toBe(first);
    client.close();
  });

  test.each([
    { said: 1000, answered: 1000 },
    { said: 4001, answered: 4001 },
    { said: undefined, answered: 1000 },
  ])("is answered when it closes with $said", async ({ said, answered }) => {
    const { id, book } = await enrolled();
    const client = await listen(company, id);
    await client.until(1);
    client.socket.close(said);
    await vi.waitUntil(() => client.ended.length > 0, WAIT);
    expect(client.ended).toMatchObject([{ code: answered }]);
    expect(await book.followers()).toBe(0);
  });

  test("has nothing to say but its heartbeat", async () => {
    const { id } = await enrolled();
    for (const said of ["hello", JSON.stringify({ resume: 1 }), "x".repeat(100_000)]) {
      const client = await listen(company, id);
      await client.until(1);
      client.socket.send(said);
      await vi.waitUntil(() => client.ended.length > 0, WAIT);
      expect(client.ended).toMatchObject([{ code: 1008 }]);
    }
  });

  test("is let go when it shows no sign of reading, and stays with a heartbeat", async () => {
    const { id, book } = await enrolled();
    const silent = await listen(company, id);
    const lively = await listen(company, id);
    await silent.until(1);
    for (let i = 1; silent.ended.length === 0 && i <= 30; i += 1) {
      await book.lines(100);
      await lively.until(1 + i * 100);
      lively.socket.send("ping");
      await vi.waitUntil(() => lively.texts.filter((text) => text === "pong").length === i, WAIT);
    }
    expect(silent.ended).toMatchObject([{ code: 4008 }]);
    expect(lively.ended).toEqual([]);
    // Who was let go finds the rest where it left.
    const position = await book.position();
    const back = await listen(company, id, { lastId: lively.lastId() });
    await book.lines(1);
    await back.until(position + 1);
    expect(positions(back.heard)).toEqual([position + 1]);
    lively.close();
    back.close();
  });

  test("ends with its credential, though another ended before", async () => {
    const { id, book } = await enrolled();
    const ends = async (inMs: number) => {
      const made = await company.api(`POST /v1/tenants/${company.tenant}/keys`, {
        role: "support",
        expires_at: new Date(Date.now() + inMs).toISOString(),
      });
      const { key: token } = await made.json<{ key: string }>();
      return listen(company, id, { token });
    };
    const clients = [await ends(1500), await ends(2500)];
    for (const client of clients) {
      await client.until(1);
      await vi.waitUntil(() => client.ended.length > 0, WAIT);
      expect(client.ended).toMatchObject([{ code: 4000 }]);
    }
    await book.lines(1);
    for (const { heard } of clients) expect(heard).toHaveLength(1);
  });

  test("shows each role no more than its reads", async () => {
    const { id, book } = await enrolled();
    const own = await listen(company, id, { token: await keyOf(company, "distributor", id) });
    const support = await listen(company, id, { token: await keyOf(company, "support") });
    await book.told({});
    await own.until(2);
    await support.until(2);
    expect(own.heard.at(-1)).toHaveProperty("lines");
    expect(own.heard.at(-1)).toHaveProperty("transfers");
    expect(support.heard.at(-1)).not.toHaveProperty("lines");
    expect(support.heard.at(-1)).not.toHaveProperty("transfers");
    expect(support.heard.at(-1)).toMatchObject({ set: { balances: { USD: {} } } });
    own.close();
    support.close();
  });

  test("takes a browser's credential as a subprotocol, and selects its own alone", async () => {
    const { id } = await enrolled();
    const token = await keyOf(company, "distributor", id);
    const offered = `upline.live.v1, bearer.${token}`;
    const client = await listen(company, id, {
      token: "",
      headers: { "Sec-WebSocket-Protocol": offered, Origin: "https://elsewhere.example" },
    });
    await client.until(1);
    expect(client.response.headers.get("Sec-WebSocket-Protocol")).toBe("upline.live.v1");
    client.close();
  });
});

describe("refusals before the upgrade", () => {
  const refusal = async (response: Response) => ({
    status: response.status,
    code: (await response.json<{ code: string }>()).code,
  });

  test("look like those of the status", async () => {
    const { id } = await enrolled();
    const other = await keyOf(company, "distributor", "somebody");
    const path = `/v1/tenants/${company.tenant}/distributors/${id}/live`;
    const asked = {
      "no credential": upgrade(company, id, { token: "" }),
      "a wrong one": upgrade(company, id, { token: "upl_00000000_nothing" }),
      "a wrong one as subprotocol": upgrade(company, id, {
        token: "",
        headers: { "Sec-WebSocket-Protocol": "upline.live.v1, bearer.nothing" },
      }),
      "somebody else's page": upgrade(company, id, { token: other }),
      "nobody of that id": upgrade(company, "nobody", {}),
      "neither form": company.api(`GET ${path}`),
      "an id that is none": upgrade(company, id, { lastId: "nonsense" }),
    };
    const got = await Promise.all(
      Object.entries(asked).map(async ([name, answer]) => [name, await refusal(await answer)]),
    );
    expect(Object.fromEntries(got)).toEqual({
      "no credential": { status: 401, code: "unauthorized" },
      "a wrong one": { status: 401, code: "unauthorized" },
      "a wrong one as subprotocol": { status: 401, code: "unauthorized" },
      "somebody else's page": { status: 404, code: "not_found" },
      "nobody of that id": { status: 404, code: "not_found" },
      "neither form": { status: 426, code: "upgrade_required" },
      "an id that is none": { status: 400, code: "parameter_invalid" },
    });
  });

  test("a subprotocol is no credential of anything but an upgrade", async () => {
    const { exports } = await import("cloudflare:workers");
    const response = await exports.default.fetch(
      `https://gateway.example/v1/tenants/${company.tenant}`,
      { headers: { "Sec-WebSocket-Protocol": `bearer.${env.ADMIN_TOKEN}` } },
    );
    expect(response.status).toBe(401);
  });
});

test("whatever is settled while clients come and go, each hears all of it once", async () => {
  const step = fc.record({
    lines: fc.integer({ min: 1, max: 4 }),
    drops: fc.boolean(),
    evicts: fc.integer({ min: 0, max: 5 }),
    waits: fc.integer({ min: 0, max: 8 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 8 }), async (steps) => {
      const { id, book } = await enrolled();
      const heard: Heard[] = [];
      let client = await listen(company, id);
      const leave = () => {
        client.close();
        heard.push(...client.heard);
      };
      const settling: Promise<unknown>[] = [];
      let lines = 0;
      for (const { lines: count, drops, evicts, waits } of steps) {
        settling.push(book.lines(count));
        lines += count;
        if (waits > 0) await scheduler.wait(waits * 3);
        if (drops) {
          leave();
          const lastId = heard.at(-1)?.id;
          client = await listen(company, id, { lastId });
        }
        if (evicts === 0) {
          await Promise.all(settling);
          await evictDurableObject(book.stub).catch(() => undefined);
        }
      }
      await Promise.all(settling);
      await vi.waitUntil(() => [...heard, ...client.heard].at(-1)?.position === lines + 1, WAIT);
      leave();
      const starts = heard.filter(({ type }) => type === "status");
      const told = linesIn(heard);
      expect(new Set(told).size).toBe(told.length);
      // What was settled before the first status is in it.
      const expected = Array.from({ length: lines }, (_, i) => `L${i + 1}`);
      expect(told).toEqual(expected.slice(expected.length - told.length));
      expect(told.length + (starts.at(-1)?.position ?? 0)).toBe(lines + 1);
      const at = positions(heard);
      expect(at).toEqual([...new Set(at)].toSorted((a, b) => a - b));
      expect(without(merged(heard), "as_of")).toEqual(without(await strong(id), "as_of"));
    }),
    { numRuns: runs(8) },
  );
});
