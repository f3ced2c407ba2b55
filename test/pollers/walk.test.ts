import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { POLLERS } from "#src/pollers/index.ts";
import type { Answer, Ask } from "#src/pollers/poller.ts";
import type { PollSettings } from "#src/pollers/settings.ts";
import { checkPoll } from "#src/pollers/check.ts";
import { pollSettingsOf } from "#src/pollers/settings.ts";
import { askedOf, begin, type Cursor, listOf, newCursor, restart } from "#src/pollers/cursor.ts";
import { take, type Version } from "#src/pollers/walk.ts";
import { fakeHubspot } from "../support/products/hubspot.ts";
import { fakeListing } from "../support/products/listing.ts";
import { fakeSalesforce } from "../support/products/salesforce.ts";
import { type Product, productStore, type ProductStore } from "../support/products/store.ts";
import { fakeZoho } from "../support/products/zoho.ts";
import { runs } from "../support/runs.ts";

const START_MS = Date.parse("2026-03-01T00:00:00Z");
const BASE = "https://product.example";
const token = { kind: "token", token: "t-1" };

interface Kind {
  readonly name: string;
  readonly sender: string;
  readonly poll: object;
  /** The least time between two changes that the product can tell apart. */
  readonly tickMs: number;
  readonly idOf: (n: number) => string;
  /** How far rounds go back, seconds. Without it, queries find a change at once. */
  readonly overlapS: number;
  readonly make: (store: ProductStore) => Product;
}

const listing = (pages: object, url: string): object => ({
  kind: "http",
  auth: token,
  streams: [
    {
      name: "orders",
      url,
      since_as: "ms",
      items: "orders",
      id: "id",
      updated_at: "updated",

      pages,
    },
  ],
});

const KINDS: readonly Kind[] = [
  {
    name: "HubSpot",
    sender: "hubspot",
    poll: {
      kind: "hubspot",
      account: "62515",
      auth: token,
      streams: [
        {
          name: "contacts",
          object: "contacts",
          fields: ["email"],
          page_size: 3,
        },
      ],
    },
    tickMs: 1,
    overlapS: 60,
    idOf: String,
    make: (store) => fakeHubspot(store, ["t-1"]),
  },
  {
    name: "Salesforce",
    sender: "salesforce-cdc",
    poll: {
      kind: "salesforce",
      base_url: BASE,
      auth: token,
      streams: [
        {
          name: "contacts",
          object: "Contact",
          fields: ["email"],
          page_size: 3,
        },
      ],
    },
    tickMs: 1000,
    overlapS: 60,
    idOf: (n) => `003${n % 2 === 0 ? "x" : "X"}${String(n).padStart(11, "0")}AAA`,
    make: (store) => fakeSalesforce(store, ["t-1"]),
  },
  {
    name: "Zoho",
    sender: "zoho-crm",
    poll: {
      kind: "zoho",
      auth: token,
      streams: [{ name: "leads", object: "Leads", fields: ["email"], page_size: 3 }],
    },
    tickMs: 1000,
    overlapS: 60,
    idOf: (n) => `4876876000000${100_000 + n}`,
    make: (store) => fakeZoho(store, ["t-1"]),
  },
  {
    name: "a list by numbered pages",
    sender: "custom",
    poll: listing({ kind: "page", size: 3 }, `${BASE}/orders?since={since}&page={page}`),
    tickMs: 1,
    overlapS: 0,
    idOf: String,
    make: (store) => fakeListing(store),
  },
  {
    name: "a list by cursors that are forgotten at times",
    sender: "custom",
    poll: listing(
      { kind: "token", at: "meta.next" },
      `${BASE}/orders?since={since}&cursor={cursor}`,
    ),
    tickMs: 1,
    overlapS: 0,
    idOf: String,
    make: (store) => {
      let asked = 0;
      return fakeListing(store, { forgets: () => [5, 12, 40].includes((asked += 1)) });
    },
  },
];

function settingsOf({ poll, sender }: Kind): PollSettings {
  const json = JSON.parse(JSON.stringify(poll));
  expect(checkPoll(json, sender)).toEqual([]);
  const settings = pollSettingsOf({ poll: json }, undefined);
  if (settings === undefined) throw new Error("The settings of a test are wrong");
  return settings;
}

async function answerOf(product: Product, { method, url, headers, body }: Ask): Promise<Answer> {
  const word = product.tokens.size > 0 && url.includes("/crm/v8/") ? "Zoho-oauthtoken" : "Bearer";
  const request = new Request(url, {
    method,
    headers: { ...headers, Authorization: `${word} t-1` },
    ...(body === undefined ? {} : { body }),
  });
  const response = await product.fetch(request);
  const text = await response.text();
  return {
    status: response.status,
    header: (name) => response.headers.get(name) ?? undefined,
    body: text === "" ? undefined : JSON.parse(text),
  };
}

/** One thing that happens between two requests, or to one. */
type Happening =
  | {
      readonly kind: "put";
      readonly id: number;
      readonly afterTicks: number;
      readonly lagMs: number;
    }
  | { readonly kind: "remove"; readonly id: number; readonly afterTicks: number }
  /** Many at once, as an import makes them. */
  | { readonly kind: "import"; readonly count: number }
  | { readonly kind: "ask" }
  /** The answer is lost, or the process ends after its records were sent and before its place was kept. */
  | { readonly kind: "lost" }
  | { readonly kind: "crash" };

const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("put" as const),
      id: fc.nat(12),
      afterTicks: fc.nat(2),
      lagMs: fc.constantFrom(0, 0, 900),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("remove" as const),
      id: fc.nat(12),
      afterTicks: fc.nat(2),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("import" as const),
      count: fc.integer({ min: 4, max: 13 }),
    }),
  },
  { weight: 6, arbitrary: fc.constant({ kind: "ask" as const }) },
  { weight: 1, arbitrary: fc.constantFrom({ kind: "lost" as const }, { kind: "crash" as const }) },
);

interface Told {
  readonly id: string;
  readonly atMs: number | undefined;
  readonly email: string | undefined;
  readonly isDeleted: boolean;
  /** The revision that a register keeps it under. */
  readonly seenMs: number;
}

/** Where each product shows it; a row of a list is the record itself. */
function emailOf({ record }: Version): string | undefined {
  const { properties = record } = record;
  return Object(properties).email;
}

interface World {
  readonly product: Product;
  readonly told: Told[];
  cursor: Cursor;
  clockMs: number;
  ended: number;
}

/** One request of the walk, and what it tells; the cursor is kept unless the process ends before. */
async function step(
  world: World,
  { settings, overlapS }: { readonly settings: PollSettings; readonly overlapS: number },
  end: "kept" | "lost" | "crash",
) {
  const [stream] = settings.streams;
  if (stream === undefined) throw new Error("No stream");
  const poller = POLLERS[settings.kind];
  world.clockMs += 1;
  const cursor = begin(world.cursor, { stream, overlapS }, world.clockMs);
  const asked = askedOf(cursor.round);
  const url = settings.base_url ?? BASE;
  const answer = await answerOf(world.product, poller.ask({ settings, url }, stream, asked));
  if (end === "lost") return;
  const page = poller.read(stream, asked, answer);
  if (page.kind === "expired") {
    world.cursor = restart(cursor) ?? { ...cursor, round: null };
    return;
  }
  if (page.kind !== "page") throw new Error(`The fake refuses: ${page.detail}`);
  const isShifting = poller.isShifting?.(stream) === true;
  const taken = take(cursor, page, { stream, overlapS, isShifting });
  if (taken.stray !== undefined) throw new Error(taken.stray.detail);
  world.told.push(
    ...taken.versions.map((version) => {
      const { id, atMs, seenMs, isDeleted = false } = version;
      return { id, atMs, seenMs, isDeleted, email: emailOf(version) };
    }),
  );
  if (end === "crash") return;
  // What a row of D1 holds.
  world.cursor = JSON.parse(JSON.stringify(taken.cursor));
  if (taken.isEnd) world.ended += 1;
}

/** What a register that keeps the highest revision, and of equal ones the first, has in the end. */
const lastOf = (told: readonly Told[], id: string): Told | undefined =>
  told
    .filter((one) => one.id === id)
    .reduce<Told | undefined>(
      (last, one) => (last === undefined || one.seenMs > last.seenMs ? one : last),
      undefined,
    );

const QUIET_STEPS_MAX = 400;

describe.each(KINDS)("$name", (kind) => {
  const settings = settingsOf(kind);
  const { overlapS } = kind;
  const [stream] = settings.streams;
  const list = stream === undefined ? "" : listOf(settings, stream);

  const newWorld = (): World => ({
    product: kind.make(productStore(START_MS)),
    told: [],
    cursor: newCursor(list),
    clockMs: 1_800_000_000_000,
    ended: 0,
  });

  test("tells every version that stays, whatever changes and breaks meanwhile", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { maxLength: 120 }), async (happenings) => {
        const world = newWorld();
        const { store } = world.product;
        // Where a tick is a second, two changes of one are told apart by what they say.
        let changes = 0;
        const wordOf = (nowMs: number) => (kind.tickMs === 1 ? nowMs : (changes += 1));
        for (const one of happenings) {
          if (one.kind === "ask") await step(world, { settings, overlapS }, "kept");
          else if (one.kind === "lost" || one.kind === "crash")
            await step(world, { settings, overlapS }, one.kind);
          else if (one.kind === "import") {
            store.nowMs += kind.tickMs;
            for (let n = 1; n <= one.count; n += 1) store.put(kind.idOf(n), { email: "imported" });
          } else {
            store.nowMs += one.afterTicks * kind.tickMs;
            if (one.kind === "put")
              store.put(
                kind.idOf(one.id + 1),
                { email: `${wordOf(store.nowMs)}@x.example` },
                overlapS === 0 ? 0 : one.lagMs,
              );
            else store.remove(kind.idOf(one.id + 1));
          }
          const newest = Math.max(0, ...[...store.records.values()].map(({ atMs }) => atMs));
          expect(world.cursor.watermarkMs ?? 0).toBeLessThanOrEqual(newest);
        }
        // Nothing changes any more, and the index has caught up: two whole rounds see all of it.
        store.nowMs += 1000;
        const ended = world.ended + 2;
        for (let n = 0; world.ended < ended; n += 1) {
          if (n > QUIET_STEPS_MAX) throw new Error("The rounds do not end");
          await step(world, { settings, overlapS }, "kept");
        }
        const showsDeleted = settings.kind === "salesforce";
        // Two changes of one millisecond are one; whoever dies does not know what it has told apart.
        const isToldApart = kind.tickMs > 1 && !happenings.some((one) => one.kind === "crash");
        for (const { id, atMs, isDeleted, fields } of store.records.values()) {
          if (isDeleted && !showsDeleted) continue;
          const last = lastOf(world.told, id);
          expect(last).toMatchObject({ id, atMs });
          const told = isToldApart ? { isDeleted, ...fields } : {};
          expect(last).toMatchObject(told);
        }
      }),
      { numRuns: runs(120) },
    );
  });

  test("tells nothing twice where nothing breaks", async () => {
    const world = newWorld();
    const { store } = world.product;
    for (let n = 1; n <= 40; n += 1) {
      store.nowMs += (n % 4) * kind.tickMs;
      store.put(kind.idOf(n), { email: `${n}@x.example` });
    }
    for (let n = 0; world.ended < 3 && n < QUIET_STEPS_MAX; n += 1)
      await step(world, { settings, overlapS }, "kept");
    expect(world.ended).toBe(3);
    expect(world.told).toHaveLength(40);
    expect(new Set(world.told.map(({ id }) => id)).size).toBe(40);
    expect(world.cursor.watermarkMs).toBe(store.nowMs);
  });
});
