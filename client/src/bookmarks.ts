const HEADER = "D1-Bookmark";

/** More tenants than one client works for: the one looked at longest ago is forgotten. */
const TENANTS_MAX = 1000;

/**
 * Keeps how far each tenant's mirror was in the answers so far, and has later reads bring it: what
 * was seen once is seen from then on, whichever replica answers.
 */
export function bookmarkKeeper() {
  const newest = new Map<string, string>();

  return {
    bring({ method, url, headers }: Pick<Request, "method" | "url" | "headers">): void {
      const bookmark = newest.get(tenantIn(url));
      if (method !== "GET" || bookmark === undefined || headers.has(HEADER)) return;
      headers.set(HEADER, bookmark);
    },
    keep(url: string, headers: Pick<Headers, "get">): void {
      const bookmark = headers.get(HEADER);
      if (bookmark === null) return;
      const tenant = tenantIn(url);
      const known = newest.get(tenant) ?? "";
      newest.delete(tenant);
      // Bookmarks of one database sort by age; answers may come in any order.
      newest.set(tenant, bookmark > known ? bookmark : known);
      const [oldest] = newest.keys();
      if (newest.size > TENANTS_MAX && oldest !== undefined) newest.delete(oldest);
    },
  };
}

const tenantIn = (url: string): string => /\/v1\/tenants\/([^/?#]+)/.exec(url)?.[1] ?? "";
