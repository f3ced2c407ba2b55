import { json, product, type Kept, type Product, type ProductStore } from "./store.ts";

interface Filter {
  readonly propertyName: string;
  readonly operator: string;
  readonly value: string;
}

const LIMIT_MAX = 200;
const RESULTS_MAX = 10_000;

/**
 * HubSpot's CRM API: search with filter groups, one sort and an `after` that ends at 10,000
 * results, batch read with 207 for what is not there, tokens by refresh.
 * https://developers.hubspot.com/docs/api/crm/search
 */
export function fakeHubspot(store: ProductStore, tokens: readonly string[] = ["pat-1"]): Product {
  let issued = 0;
  const made: Product = product({
    store,
    tokens,
    word: "Bearer",
    isOpen: ({ pathname }) => pathname === "/oauth/v1/token",
    unauthorized: () =>
      json(
        {
          status: "error",
          message: "The access token is expired",
          category: "EXPIRED_AUTHENTICATION",
        },
        401,
      ),
    async handle(request, { pathname }) {
      if (pathname === "/oauth/v1/token") {
        const form = new URLSearchParams(await request.text());
        if (form.get("refresh_token") !== "refresh-1")
          return json({ status: "BAD_REFRESH_TOKEN" }, 400);
        issued += 1;
        const token = `access-${issued}`;
        made.tokens.add(token);
        return json({ access_token: token, refresh_token: "refresh-1", expires_in: 1800 });
      }
      const [, object, search] =
        /^\/crm\/v3\/objects\/([\w-]+)\/(search|batch\/read)$/.exec(pathname) ?? [];
      if (object === undefined) return json({ status: "error", message: "not found" }, 404);
      const body: unknown = await request.json();
      return search === "search"
        ? find(store, object, Object(body))
        : batch(store, object, Object(body));
    },
  });
  return made;
}

const modifiedOf = (object: string) =>
  object === "contacts" ? "lastmodifieddate" : "hs_lastmodifieddate";

function valueOf(kept: Kept, property: string): string {
  if (property === "hs_object_id") return kept.id;
  return property.endsWith("lastmodifieddate") ? String(kept.atMs) : textOf(kept.fields[property]);
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

function holds(kept: Kept, { propertyName, operator, value }: Filter): boolean {
  const own = BigInt(valueOf(kept, propertyName));
  if (operator === "GTE") return own >= BigInt(value);
  if (operator === "GT") return own > BigInt(value);
  if (operator === "EQ") return own === BigInt(value);
  throw new Error(`The fake knows no operator "${operator}"`);
}

interface Search {
  readonly filterGroups: readonly { readonly filters: readonly Filter[] }[];
  readonly sorts?: readonly { readonly propertyName: string; readonly direction: string }[];
  readonly properties?: readonly string[];
  readonly limit?: number;
  readonly after?: string;
}

function find(store: ProductStore, object: string, search: Search): Response {
  const { filterGroups, sorts = [], limit = 10, after = "0", properties } = search;
  if (sorts.length > 1) return json({ status: "error", message: "one sort" }, 400);
  if (limit > LIMIT_MAX) return json({ status: "error", message: "limit" }, 400);
  if (Number(after) + limit > RESULTS_MAX) return json({ status: "error", message: "10000" }, 400);
  const found = store
    .visible()
    .filter(({ isDeleted }) => !isDeleted)
    .filter((kept) => filterGroups.some(({ filters }) => filters.every((one) => holds(kept, one))));
  const by = sorts[0]?.propertyName ?? "createdate";
  // What is equal comes in no order that is promised.
  const sorted = found.toSorted((a, b) => {
    const [x, y] = [BigInt(valueOf(a, by)), BigInt(valueOf(b, by))];
    return x < y ? -1 : x > y ? 1 : Number(b.id) - Number(a.id);
  });
  const from = Number(after);
  const page = sorted.slice(from, from + limit);
  const isMore = from + limit < sorted.length;
  return json({
    total: sorted.length,
    results: page.map((kept) => shown(kept, object, properties)),
    ...(isMore ? { paging: { next: { after: String(from + limit) } } } : {}),
  });
}

function shown(kept: Kept, object: string, properties: readonly string[] = []) {
  const { id, atMs, fields, isDeleted } = kept;
  const at = new Date(atMs).toISOString();
  const own = Object.fromEntries(properties.map((name) => [name, fields[name] ?? null]));
  return {
    id,
    properties: { ...own, hs_object_id: id, [modifiedOf(object)]: at },
    createdAt: at,
    updatedAt: at,
    archived: isDeleted,
  };
}

function batch(
  store: ProductStore,
  object: string,
  {
    inputs,
    properties,
  }: {
    readonly inputs: readonly { readonly id: string }[];
    readonly properties?: readonly string[];
  },
): Response {
  if (inputs.length > 100) return json({ status: "error", message: "100 inputs" }, 400);
  if (inputs.some(({ id }) => !/^\d+$/.test(id))) {
    return json(
      { status: "error", category: "VALIDATION_ERROR", message: "id must be numeric" },
      400,
    );
  }
  const merged = (id: string) =>
    [...store.records.values()].find(({ fields }) =>
      textOf(fields["hs_merged_object_ids"]).split(";").includes(id),
    );
  const found = inputs.map(({ id }) => store.records.get(id) ?? merged(id));
  const results = [...new Set(found)].flatMap((kept) =>
    kept === undefined || kept.isDeleted ? [] : [shown(kept, object, properties)],
  );
  const lost = inputs.filter((_, at) => found[at] === undefined || found[at].isDeleted);
  if (lost.length === 0) return json({ status: "COMPLETE", results });
  const errors = [
    {
      status: "error",
      category: "OBJECT_NOT_FOUND",
      message: "Could not get some objects",
      context: { ids: lost.map(({ id }) => id) },
    },
  ];
  return json({ status: "COMPLETE", results, numErrors: 1, errors }, 207);
}
