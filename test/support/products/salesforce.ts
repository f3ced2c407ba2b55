import { json, product, type Kept, type Product, type ProductStore } from "./store.ts";

/** Records with many fields come in batches smaller than were asked for. */
const BATCH = 150;

/**
 * Salesforce's REST API: `queryAll` of the few clauses that are asked, tokens by client credentials.
 * https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_queryall.htm
 */
export function fakeSalesforce(store: ProductStore, tokens: readonly string[] = ["sf-1"]): Product {
  let issued = 0;
  const made: Product = product({
    store,
    tokens,
    word: "Bearer",
    isOpen: ({ pathname }) => pathname === "/services/oauth2/token",
    unauthorized: () =>
      json([{ errorCode: "INVALID_SESSION_ID", message: "Session expired or invalid" }], 401),
    async handle(_request, url) {
      if (url.pathname === "/services/oauth2/token") {
        issued += 1;
        made.tokens.add(`sf-made-${issued}`);
        return json({
          access_token: `sf-made-${issued}`,
          instance_url: url.origin,
          token_type: "Bearer",
        });
      }
      if (!/^\/services\/data\/v\d+\.0\/queryAll$/.test(url.pathname)) {
        return json([{ errorCode: "NOT_FOUND", message: "The resource does not exist" }], 404);
      }
      return query(store, url.searchParams.get("q") ?? "");
    },
  });
  return made;
}

const QUERY =
  /^SELECT (.+) FROM (\w+) WHERE (.+?)(?: ORDER BY SystemModstamp ASC, Id ASC LIMIT (\d+))?$/;

/** Salesforce sorts ids without regard to case, and so it compares them. */
const compareIds = (a: string, b: string) => {
  const [x, y] = [a.toLowerCase(), b.toLowerCase()];
  return x < y ? -1 : x > y ? 1 : 0;
};

function query(store: ProductStore, soql: string): Response {
  const [, columns = "", object = "", where = "", limit = "2000"] = QUERY.exec(soql) ?? [];
  const test = testOf(where);
  if (object === "" || test === undefined) {
    return json(
      [{ errorCode: "MALFORMED_QUERY", message: `unexpected token: ${soql.slice(0, 40)}` }],
      400,
    );
  }
  const sorted = store
    .visible()
    .filter(test)
    .toSorted((a, b) => a.atMs - b.atMs || compareIds(a.id, b.id));
  const found = sorted.slice(0, Number(limit));
  const page = found.slice(0, BATCH);
  const done = page.length === found.length;
  const body = {
    totalSize: found.length,
    done,
    ...(done ? {} : { nextRecordsUrl: "/services/data/v62.0/queryAll/01gRO0000016PIAYA2-150" }),
    records: page.map((kept) => shown(kept, object, columns.split(", "))),
  };
  return json(body, 200, { "Sforce-Limit-Info": "api-usage=18/5000" });
}

function testOf(where: string): ((kept: Kept) => boolean) | undefined {
  const [, from] = /^SystemModstamp >= (\S+)$/.exec(where) ?? [];
  if (from !== undefined) return ({ atMs }) => atMs >= Date.parse(from);
  const [, at, id] =
    /^\(SystemModstamp > (\S+) OR \(SystemModstamp = \1 AND Id > '(\w+)'\)\)$/.exec(where) ?? [];
  if (at !== undefined && id !== undefined) {
    const atMs = Date.parse(at);
    return (kept) => kept.atMs > atMs || (kept.atMs === atMs && compareIds(kept.id, id) > 0);
  }
  const [, list] = /^Id IN \(([^()]*)\)$/.exec(where) ?? [];
  if (list === undefined) return undefined;
  const ids = new Set(list.split(",").map((text) => text.slice(1, -1).slice(0, 15)));
  return (kept) => ids.has(kept.id.slice(0, 15));
}

function shown({ id, atMs, fields, isDeleted }: Kept, object: string, columns: readonly string[]) {
  const own = Object.fromEntries(columns.map((name) => [name, fields[name] ?? null]));
  return {
    attributes: { type: object, url: `/services/data/v62.0/sobjects/${object}/${id}` },
    ...own,
    Id: id,
    SystemModstamp: new Date(atMs).toISOString().replace("Z", "+0000"),
    IsDeleted: isDeleted,
  };
}
