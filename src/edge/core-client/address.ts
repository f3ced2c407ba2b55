import { IDS_MAX, type Params } from "../../core/reconciliation/asked.ts";

/** Of a whole address: what servers take without being told to (nginx 8 kB, Node 16 kB with headers). */
const ADDRESS_CHARS_MAX = 8000;

/** The address of a question; the core's own address may have a path and a query of its own. */
export function urlOf(base: string, path: string, params: Params): string {
  const url = new URL(base);
  url.hash = "";
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/${path}`;
  for (const [name, value] of params) url.searchParams.append(name, value);
  return url.href;
}

/** Ids cut up into questions that a core takes: by their number, and by the length of the address. */
export function idBatches(lineIds: readonly string[]): readonly (readonly string[])[] {
  const batches: string[][] = [];
  let chars = Infinity;
  for (const lineId of lineIds) {
    const more = "&line_id=".length + encodeURIComponent(lineId).length;
    const batch = batches.at(-1);
    if (batch !== undefined && batch.length < IDS_MAX && chars + more <= IDS_CHARS_MAX) {
      batch.push(lineId);
      chars += more;
    } else {
      batches.push([lineId]);
      chars = more;
    }
  }
  return batches;
}

/** What the address, its paging and its cursor leave of it. */
const IDS_CHARS_MAX = ADDRESS_CHARS_MAX - 4096;
