const HEADER = "D1-Bookmark";

/** More tenants than one client works for: the one looked at longest ago is forgotten. */
const TENANTS_MAX = 1000;

/** Of more objects than this, those seen longest ago are forgotten: the gateway takes no more. */
const OBJECTS_MAX = 8;
const OBJECT = "dist:";

/** The newest bookmark of each database that a tenant's answers come from, by the header's name for it; and of objects. */
export type Bookmarks = ReadonlyMap<string, string>;

/**
 * Keeps how far each tenant's databases were in the answers so far, and has later reads bring it:
 * what was seen or written once is seen from then on, whichever replica answers.
 */
export function bookmarkKeeper() {
  const newest = new Map<string, Bookmarks>();

  return {
    bring({ method, url, headers }: Pick<Request, "method" | "url" | "headers">): void {
      const bookmarks = newest.get(tenantIn(url));
      if (method !== "GET" || bookmarks === undefined || headers.has(HEADER)) return;
      headers.set(HEADER, textOf(bookmarks));
    },
    keep(url: string, headers: Pick<Headers, "get">): void {
      const text = headers.get(HEADER);
      if (text === null) return;
      const tenant = tenantIn(url);
      const known = newest.get(tenant) ?? new Map<string, string>();
      newest.delete(tenant);
      newest.set(tenant, newestOf(known, bookmarksIn(text)));
      const [oldest] = newest.keys();
      if (newest.size > TENANTS_MAX && oldest !== undefined) newest.delete(oldest);
    },
  };
}

/** Of each database the later one: they sort by age, and answers may come in any order. */
export function newestOf(known: Bookmarks, told: Bookmarks): Bookmarks {
  const both = new Map(known);
  for (const [name, bookmark] of told) {
    const before = known.get(name) ?? "";
    // Behind all others: it is the one seen last.
    both.delete(name);
    both.set(name, bookmark > before ? bookmark : before);
  }
  const objects = [...both.keys()].filter((name) => name.startsWith(OBJECT));
  for (const name of objects.slice(0, -OBJECTS_MAX)) both.delete(name);
  return both;
}

/** The mirror's has no name, and stands first; objects stand last: `{bookmark}, control={bookmark}, dist:{…}={position}`. */
export function bookmarksIn(text: string): Bookmarks {
  if (text === "") return new Map();
  const parts = text.split(", ").map((part): [string, string] => {
    const end = part.indexOf("=") + 1;
    return [part.slice(0, end), part.slice(end)];
  });
  return new Map(parts);
}

/** The header's text of these. */
export function textOf(bookmarks: Bookmarks): string {
  const parts = [...bookmarks];
  const mirror = parts.filter(([name]) => name === "");
  const named = parts.filter(([name]) => name !== "" && !name.startsWith(OBJECT));
  const objects = parts.filter(([name]) => name.startsWith(OBJECT));
  return [...mirror, ...named, ...objects]
    .map(([name, bookmark]) => `${name}${bookmark}`)
    .join(", ");
}

const tenantIn = (url: string): string => /\/v1\/tenants\/([^/?#]+)/.exec(url)?.[1] ?? "";
