import { json, product, type Kept, type Product, type ProductStore } from "./store.ts";

/**
 * Zoho CRM: COQL of the clauses that are asked, records by `ids`, both with times of whole seconds.
 * https://www.zoho.com/crm/developer/docs/api/v8/COQL-Overview.html
 */
export function fakeZoho(store: ProductStore, tokens: readonly string[] = ["1000.a"]): Product {
  return product({
    store,
    tokens,
    word: "Zoho-oauthtoken",
    isOpen: () => false,
    unauthorized: () =>
      json({ code: "INVALID_TOKEN", message: "invalid oauth token", status: "error" }, 401),
    async handle(request, url) {
      if (url.pathname === "/crm/v8/coql") {
        const { select_query: select } = Object(await request.json());
        return query(store, String(select));
      }
      const ids = url.searchParams.get("ids")?.split(",") ?? [];
      if (ids.length > 100) return json({ code: "LIMIT_EXCEEDED", message: "ids" }, 400);
      return answer(
        store.visible().filter(({ id, isDeleted }) => !isDeleted && ids.includes(id)),
        ids.length,
      );
    },
  });
}

const secondsOf = ({ atMs }: Kept): number => Math.floor(atMs / 1000);

const QUERY = /^select (.+) from (\w+) where (.+) order by Modified_Time asc, id asc limit (\d+)$/;

function query(store: ProductStore, select: string): Response {
  const [, columns = "", , where = "", limit = ""] = QUERY.exec(select) ?? [];
  const test = testOf(where);
  if (test === undefined || columns.split(", ").length > 50 || Number(limit) > 2000) {
    return json(
      { code: "SYNTAX_ERROR", message: "error while parsing the query", status: "error" },
      400,
    );
  }
  const found = store
    .visible()
    .filter(({ isDeleted }) => !isDeleted)
    .filter(test)
    .toSorted((a, b) => secondsOf(a) - secondsOf(b) || (BigInt(a.id) < BigInt(b.id) ? -1 : 1));
  return answer(found, Number(limit));
}

function testOf(where: string): ((kept: Kept) => boolean) | undefined {
  const [, from] = /^Modified_Time >= '([^']+)'$/.exec(where) ?? [];
  if (from !== undefined) return (kept) => secondsOf(kept) * 1000 >= Date.parse(from);
  const [, at, id] =
    /^\(\(Modified_Time > '([^']+)'\) or \(Modified_Time = '\1' and id > (\d+)\)\)$/.exec(where) ??
    [];
  if (at === undefined || id === undefined) return undefined;
  const atS = Date.parse(at) / 1000;
  return (kept) =>
    secondsOf(kept) > atS || (secondsOf(kept) === atS && BigInt(kept.id) > BigInt(id));
}

function answer(found: readonly Kept[], limit: number): Response {
  if (found.length === 0) return new Response(null, { status: 204 });
  const page = found.slice(0, limit);
  const data = page.map((kept) => ({
    ...kept.fields,
    id: kept.id,
    Modified_Time: `${new Date(secondsOf(kept) * 1000).toISOString().slice(0, 19)}+00:00`,
  }));
  return json({ data, info: { count: data.length, more_records: found.length > limit } });
}
