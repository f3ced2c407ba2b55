import { json, product, type Product, type ProductStore } from "./store.ts";

/**
 * A list over HTTP without promises: numbered pages over whatever is there at the moment, or cursors
 * that it can forget, or a Link to the next page.
 */
export function fakeListing(
  store: ProductStore,
  {
    size = 3,
    forgets = () => false,
  }: { readonly size?: number; readonly forgets?: () => boolean } = {},
): Product {
  return product({
    store,
    tokens: ["t-1"],
    word: "Bearer",
    isOpen: () => false,
    unauthorized: () => json({ error: "unauthorized" }, 401),
    async handle(_request, url) {
      const since = url.searchParams.get("since");
      const cursor = url.searchParams.get("cursor");
      if (cursor !== null && forgets()) return json({ error: "cursor expired" }, 410);
      const all = store
        .visible()
        .filter(({ isDeleted }) => !isDeleted)
        .filter(({ atMs }) => since === null || atMs >= Number(since))
        .toSorted((a, b) => a.atMs - b.atMs || Number(a.id) - Number(b.id));
      // A cursor goes on behind the record it names, wherever that is by now.
      const [afterMs = 0, afterId = 0] = (cursor ?? "0-0").split("-").map(Number);
      const rest = all.filter(
        ({ atMs, id }) => atMs > afterMs || (atMs === afterMs && Number(id) > afterId),
      );
      const page = Number(url.searchParams.get("page") ?? 1);
      const items = (cursor === null ? all : rest).slice((page - 1) * size, page * size);
      const last = items.at(-1);
      const isMore =
        last !== undefined && (cursor === null ? all.length > page * size : rest.length > size);
      return json({
        orders: items.map(({ id, atMs, fields }) => ({ ...fields, id: Number(id), updated: atMs })),
        ...(isMore ? { meta: { next: `${last.atMs}-${last.id}` } } : {}),
      });
    },
  });
}
