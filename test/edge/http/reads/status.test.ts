import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { Effects, Standing } from "#src/core/subject/entry.ts";
import { prepareArrival } from "#src/edge/queue/arrival.ts";
import type { Reader } from "#src/edge/reading.ts";
import { createParts } from "#src/compose/parts.ts";
import { DistributorStatus } from "../../../../scripts/openapi/answers.ts";
import { planOf } from "../../../core/plans/samples.ts";
import { AT_MS, entry, NOW_MS, posted, readRig, type Rig } from "./rig.ts";

const standing = (
  kind: Standing["kind"],
  value: Standing["value"],
  more: object = {},
): Effects => ({
  standings: [{ kind, period_id: "", epoch: 0, rev: "1", effective_ms: AT_MS, value, ...more }],
});

/** d1 under d0, with everything a status can show. */
async function enrol(rig: Rig): Promise<void> {
  const enrolled = {
    ...standing("enrolment", {
      sponsor_id: "d0",
      placement_id: "d9",
      leg: "L",
      status: "active",
      country: "DE",
    }),
    frontline: [{ distributor_id: "d0", by: 1 }],
  };
  const suspended = standing("status", { status: "suspended" }, { effective_ms: NOW_MS + 1 });
  const grace = standing("status", { status: "grace" }, { rev: "0" });
  const ranked = { pay_rank: "gold", career_rank: "ruby" };
  const legs = JSON.stringify([{ leg: "L", gv_x100: 100 }]);
  const volume = { pv_x100: 12_000, gv_x100: 90_000, legs };
  const period = { period_id: "2026-07", rev: "7" };
  const effects: Effects[] = [
    enrolled,
    suspended,
    grace,
    standing("rank", ranked, period),
    standing("volume", volume, period),
  ];
  const entries = effects.map((each) => entry({ effects: each }));
  await rig.mirror("dist:d1", [...entries, posted("d1", "L1", 400)], "A. L.");
  const counted = { frontline: [{ distributor_id: "d1", by: 3 }] };
  await rig.mirror("dist:d2", [entry({ effects: counted })]);
}

/** Has d1's own object settle an enrolment, of which the mirror knows nothing. */
async function enrolInObject(rig: Rig): Promise<void> {
  const { directory } = createParts(env);
  const tenant = await directory.tenant(rig.tenant);
  if (tenant === undefined) throw new Error("No tenant");
  const data = {
    distributor_id: "d1",
    status: "active",
    joined_at: "2026-07-01",
    country: "DE",
    pii: { name: "Ada Lovelace", email: "ada@example.com" },
  };
  const event = {
    id: "enrol-1",
    source: "core",
    type: "distributor.enrolled",
    version: 1,
    occurredAtMs: AT_MS,
    key: "dist:d1",
    epoch: 0,
    rev: "1",
    data,
  } as const;
  const carriage = { tenant, receivedAtMs: AT_MS, deliveryId: "dlv_1" };
  const arrival = await prepareArrival(event, `evt_${crypto.randomUUID()}`, carriage);
  const stub = env.DISTRIBUTOR.getByName(`${rig.tenant}/d1`);
  const place = { tenant: rig.tenant, subject: "dist:d1", shard: 0 };
  const reply = await stub.settle({
    ...place,
    mirrored: { position: 0, head: "" },
    arrivals: [arrival],
  });
  expect(reply.kind).toBe("settled");
}

describe("GET …/distributors/{id}", () => {
  test("shows what the mirror knows, the status that is in force now, and what is owed", async () => {
    const rig = await readRig();
    await enrol(rig);
    const money = (amount_minor: number, amount: string) => ({
      amount_minor,
      currency: "USD",
      amount,
    });
    const response = await rig.call("GET distributors/d1");
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      distributor_id: "d1",
      name: "A. L.",
      status: "grace",
      country: "DE",
      sponsor_id: "d0",
      placement_id: "d9",
      leg: "L",
      joined_at: "2026-07-01T10:00:00.000Z",
      ranks: {
        pay_rank: "gold",
        career_rank: "ruby",
        period_id: "2026-07",
        rev: "7",
        source: "core",
      },
      volumes: {
        period_id: "2026-07",
        pv_x100: 12_000,
        gv_x100: 90_000,
        legs: [{ leg: "L", gv_x100: 100 }],
        rev: "7",
        source: "core",
      },
      balances: {
        USD: {
          pending: money(0, "0.00"),
          held: money(400, "4.00"),
          available: money(0, "0.00"),
          in_transit: money(0, "0.00"),
        },
      },
      frontline: 3,
      position: 6,
      as_of: "2026-07-01T10:00:02.000Z",
    });
  });

  test("shows what was counted of the running period, of the mirror and of the object", async () => {
    const rig = await readRig(() => ({ knownPlans: async () => [planOf({ ranks: [] })] }));
    await enrol(rig);
    await enrolInObject(rig);
    const volumes = [
      { period_id: "2026-08", distributor_id: "d1", pv_x100: 7, gv_x100: 9, cv_x100: 0 },
    ];
    await rig.mirror("order:o1", [entry({ effects: { volumes } })]);
    for (const query of ["", "?consistency=strong"]) {
      const body = await (await rig.call(`GET distributors/d1${query}`)).json<object>();
      expect(body).toMatchObject({
        volumes: {
          period_id: "2026-08",
          pv_x100: 7,
          gv_x100: 9,
          legs: null,
          rev: null,
          source: "estimate",
        },
      });
      expect(DistributorStatus.safeParse(body).error?.issues).toBeUndefined();
    }
  });

  test("shows all the rest where plans cannot be read", async () => {
    const knownPlans = () => Promise.reject(new Error("D1_ERROR: overloaded"));
    const rig = await readRig(() => ({ knownPlans }));
    await enrol(rig);
    const response = await rig.call("GET distributors/d1");
    expect(await response.json()).toMatchObject({ frontline: 3, volumes: { source: "core" } });
  });

  test("knows nobody by the frontline alone, and no one in another tenant", async () => {
    const [rig, other] = [await readRig(), await readRig()];
    await enrol(rig);
    const found = [
      await rig.call("GET distributors/d0"),
      await rig.call("GET distributors/nobody?consistency=strong"),
      await other.call("GET distributors/d1"),
    ];
    expect(found.map(({ status }) => status)).toEqual([404, 404, 404]);
  });

  test("asks the object where strong consistency is asked for, before anything is mirrored", async () => {
    const rig = await readRig();
    await enrolInObject(rig);
    expect((await rig.call("GET distributors/d1")).status).toBe(404);
    const strong = await rig.call("GET distributors/d1?consistency=strong");
    expect(await strong.json()).toMatchObject({
      name: "Ada Lovelace",
      status: "active",
      country: "DE",
      frontline: 0,
      position: 1,
      as_of: "2026-08-01T12:00:00.000Z",
    });
  });

  test.each([
    { role: "distributor", name: "Ada Lovelace" },
    { role: "finance", name: "Ada Lovelace" },
    { role: "operator", name: "Ada Lovelace" },
    { role: "admin", name: "Ada Lovelace" },
    { role: "support", name: "A. L." },
    { role: "auditor", name: "A. L." },
  ])("names a person as $name to the role $role", async ({ role, name }) => {
    const rig = await readRig();
    await enrolInObject(rig);
    const token = await rig.key(role, role === "distributor" ? "d1" : undefined);
    const response = await rig.call("GET distributors/d1?consistency=strong", { token });
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({ name });
    expect(text).not.toContain("ada@example.com");
  });

  test.each([
    { name: "fails", read: () => Promise.reject(new Error("D1_ERROR: overloaded")) },
    { name: "hangs", read: () => new Promise<never>(() => {}) },
  ])("asks the object where D1 $name, and masks the name as the mirror does", async ({ read }) => {
    const rig = await readRig(() => ({ statuses: { read } }));
    await enrolInObject(rig);
    const response = await rig.call("GET distributors/d1");
    expect(response.status).toBe(200);
    expect(response.headers.get("D1-Bookmark")).toMatch(/^dist:[0-9a-f]{16}=0{15}1$/);
    expect(await response.json()).toMatchObject({ name: "A. L.", frontline: null, position: 1 });
  });

  test("shows with its bookmark what a strong read has shown, though it is not mirrored", async () => {
    const rig = await readRig();
    await enrolInObject(rig);
    const strong = await rig.call("GET distributors/d1?consistency=strong");
    const seen = strong.headers.get("D1-Bookmark") ?? "";
    const headers = { "D1-Bookmark": seen };
    const read = await rig.call("GET distributors/d1", { headers });
    expect([read.status, await read.json()]).toEqual([
      200,
      expect.objectContaining({ name: "A. L.", position: 1, frontline: 0 }),
    ]);
    expect((await rig.call("GET distributors/d1")).status).toBe(404);
    // Once it is mirrored, the mirror answers, and what was seen stays in the header.
    await enrol(rig);
    const mirrored = await rig.call("GET distributors/d1", { headers });
    expect(await mirrored.json()).toMatchObject({ position: 6, frontline: 3 });
    const position = seen.split(", ").at(-1) ?? "";
    expect(mirrored.headers.get("D1-Bookmark")?.split(", ")).toContain(position);
  });

  test("keeps what was seen of one distributor through reads of others and of lists", async () => {
    const rig = await readRig();
    await enrolInObject(rig);
    await rig.mirror("dist:d2", [entry({ effects: standing("status", { status: "grace" }) })], "B");
    let seen = "";
    const see = async (path: string) => {
      const headers = seen === "" ? {} : { "D1-Bookmark": seen };
      const response = await rig.call(`GET ${path}`, { headers });
      seen = response.headers.get("D1-Bookmark") ?? seen;
      return response.status;
    };
    const paths = ["distributors/d1?consistency=strong", "distributors/d2", "events", "keys"];
    for (const path of paths) expect(await see(path)).toBe(200);
    expect(await see("distributors/d1")).toBe(200);
  });

  test("of the object as well, answers 304 to who has it, later too, until something changes", async () => {
    let nowMs = NOW_MS;
    const rig = await readRig(() => ({ nowMs: () => nowMs }));
    await enrolInObject(rig);
    const strong = "GET distributors/d1?consistency=strong";
    const first = await rig.call(strong);
    const headers = { "If-None-Match": first.headers.get("ETag") ?? "" };
    nowMs += 5000;
    expect((await rig.call(strong, { headers })).status).toBe(304);
    await rig.mirror("dist:d2", [
      entry({ effects: { frontline: [{ distributor_id: "d1", by: 3 }] } }),
    ]);
    expect((await rig.call(strong, { headers })).status).toBe(200);
  });

  test("gives a bookmark, takes it back, and answers 304 to who has the answer", async () => {
    const readers: Reader[] = [];
    const rig = await readRig(({ statuses }) => ({
      statuses: {
        read: (reader, asked) => {
          readers.push(reader);
          return statuses.read(reader, asked);
        },
      },
    }));
    await enrol(rig);
    const first = await rig.call("GET distributors/d1");
    const bookmark = first.headers.get("D1-Bookmark") ?? "";
    const etag = first.headers.get("ETag") ?? "";
    const headers = { "D1-Bookmark": bookmark, "If-None-Match": etag };
    const second = await rig.call("GET distributors/d1", { headers });
    expect(second.status).toBe(304);
    expect(second.headers.get("D1-Bookmark")).not.toBeNull();
    expect(readers.map((reader) => reader.bookmark)).toEqual([undefined, bookmark]);
  });

  test.each(["first-primary", "x", "00000000-00000006-00000000-zz", "'; --"])(
    "refuses the bookmark %s",
    async (bookmark) => {
      const rig = await readRig();
      const headers = { "D1-Bookmark": bookmark };
      const response = await rig.call("GET distributors/d1", { headers });
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({
        code: "parameter_invalid",
        errors: [{ path: "D1-Bookmark", rule: "format" }],
      });
    },
  );
});

describe("access to reads", () => {
  const LISTS = ["lines?order_id=o1", "ledger/balances", "events", "held", "pipeline", "breaks"];

  test("lets a distributor read its own pages and no one else's", async () => {
    const rig = await readRig();
    await enrol(rig);
    const token = await rig.key("distributor", "d1");
    const statusOf = async (path: string) => (await rig.call(`GET ${path}`, { token })).status;
    for (const page of ["", "/ledger", "/lines"]) {
      expect(await statusOf(`distributors/d1${page}`)).toBe(200);
      expect(await statusOf(`distributors/d2${page}`)).toBe(404);
    }
    for (const list of LISTS) expect(await statusOf(list)).toBe(403);
  });

  test("shows no tenant to a key of another", async () => {
    const [rig, other] = [await readRig(), await readRig()];
    await enrol(rig);
    const token = await other.key("admin");
    for (const path of ["distributors/d1", "distributors/d1/ledger", ...LISTS]) {
      expect((await rig.call(`GET ${path}`, { token })).status).toBe(404);
    }
  });
});
