import { describe, expect, test } from "vitest";
import openapi from "../../../public/openapi.json";
import { cursorAt, nameOfList } from "#src/edge/http/cursor.ts";
import { foundCompany, ORIGIN, w2 } from "../support/company.ts";
import { w1Plan } from "../support/plans.ts";

/** Two companies alike, with more than one of most things. */
async function settle() {
  const company = await foundCompany();
  const { tenant, api, post, settled, enrol } = company;
  const path = `/v1/tenants/${tenant}`;
  for (const plan of ["main", "other"]) {
    const components = w1Plan().components.map((one) => ({ ...one, code: plan }));
    await api(`PUT ${path}/plans/${plan}`, w1Plan({ components }));
  }
  for (const role of ["auditor", "finance"]) await api(`POST ${path}/keys`, { role });
  await enrol("B", "C");
  const events = [...w2("B"), ...w2("C")];
  await post(events);
  await settled(events.map(({ id }) => id));
  return company;
}

const [ours, theirs] = [await settle(), await settle()];

const PLACES: Readonly<Record<string, string>> = {
  distributor: "B",
  subject: "dist:B",
  plan: "main",
  run: "payouts:main:2026-07",
};

/** Without which a list answers nothing. */
const NEEDED: Readonly<Record<string, string>> = {
  "/lines": "?order_id=B-O1",
  "/reports/sales": "?from=2026-07-01&to=2026-08-01",
};

/** Every list of the document, below a tenant's path. */
const lists = Object.entries(openapi.paths).flatMap(([path, methods]) => {
  const parameters = "get" in methods ? methods.get.parameters : [];
  const isList = JSON.stringify(parameters).includes("#/components/parameters/cursor");
  const [, own] = path.split("{tenant}");
  if (!isList || own === undefined) return [];
  const at = own.replaceAll(/\{(\w+)\}/g, (_all, name: string) => PLACES[name] ?? name);
  return [`${at}${NEEDED[at] ?? ""}`];
});

const withQuery = (path: string, query: string): string =>
  `${path}${path.includes("?") ? "&" : "?"}${query}`;

const read = ({ api, tenant }: typeof ours, path: string): Promise<Response> =>
  api(`GET /v1/tenants/${tenant}${path}`);

async function cursorOf(path: string, of = ours): Promise<string | null> {
  const page = await (await read(of, withQuery(path, "limit=1"))).json<{ next_cursor?: string }>();
  return page.next_cursor ?? null;
}

const cursors = new Map<string, string>();
for (const list of lists) {
  const cursor = await cursorOf(list);
  if (cursor !== null) cursors.set(list, cursor);
}

async function refusalOf(path: string, cursor: string | null, of = ours): Promise<string> {
  const response = await read(of, withQuery(path, `cursor=${cursor}`));
  if (response.ok) return "taken";
  const { code, errors = [] } = await response.json<{
    code: string;
    errors?: readonly { path: string; rule: string }[];
  }>();
  return [response.status, code, ...errors.map(({ path: at, rule }) => `${at} ${rule}`)].join(" ");
}

const REFUSED = "400 parameter_invalid cursor cursor";

test("most lists have more than one", () => {
  expect(lists.length).toBeGreaterThan(22);
  expect([...cursors.keys()]).toEqual(
    expect.arrayContaining(["/sources", "/keys", "/audit", "/events", "/plans", "/chains"]),
  );
});

describe.each(lists)("the list %s", (list) => {
  test("takes its own cursor, and none of another list, tenant or person", async () => {
    const outcomes = new Map<string, string>();
    for (const [from, cursor] of cursors) outcomes.set(from, await refusalOf(list, cursor));
    const expected = [...cursors.keys()].map((from) => [from, from === list ? "taken" : REFUSED]);
    expect([...outcomes]).toEqual(expected);
    const own = cursors.get(list) ?? null;
    const other = list.replace("/distributors/B/", "/distributors/C/").replace("dist:B", "dist:C");
    const elsewhere = [await refusalOf(list, own, theirs)];
    if (other !== list) elsewhere.push(await refusalOf(other, own));
    expect(new Set(elsewhere)).toEqual(new Set([REFUSED]));
  });
});

describe("a cursor", () => {
  test.each([
    { made: "/events?type=commission.posted", used: "/events" },
    { made: "/events", used: "/events?type=commission.posted" },
    { made: "/events?type=commission.posted", used: "/events?type=commission.released" },
    { made: "/distributors/B/ledger?as_of=2026-07-31", used: "/distributors/B/ledger" },
    {
      made: "/distributors/B/ledger?as_of=2026-07-31",
      used: "/distributors/B/ledger?known_at=2026-07-31",
    },
  ])("of $made is none of $used", async ({ made, used }) => {
    const cursor = await cursorOf(made);
    expect([await refusalOf(made, cursor), await refusalOf(used, cursor)]).toEqual([
      "taken",
      REFUSED,
    ]);
  });

  test.each([
    { made: "/chains/dist:B/transfers", used: "/chains/dist%3AB/transfers" },
    { made: "/events?limit=1", used: "/events?limit=2" },
    {
      made: "/distributors/B/ledger?as_of=2026-07-31",
      used: "/distributors/B/ledger?as_of=2026-07-31T23:59:59.999Z",
    },
  ])("of $made is one of $used: they say the same", async ({ made, used }) => {
    const cursor = made.includes("limit") ? cursors.get("/events") : await cursorOf(made);
    expect(await refusalOf(used, cursor ?? null)).toBe("taken");
  });

  test("holds the longest place that a list can give", async () => {
    const url = `${ORIGIN}/v1/tenants/${ours.tenant}/periods`;
    const list = nameOfList(url, { kind: "period" });
    // Two ids of 128 characters in one of a record, percent-encoded.
    const long = cursorAt({ list }, encodeURIComponent("語".repeat(256)));
    expect(await refusalOf("/periods", long)).toBe("taken");
  });
});
