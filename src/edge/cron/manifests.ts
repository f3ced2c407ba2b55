import type { Log } from "../log.ts";

/** Orders in one run: rows of lines by their index, a few each. */
export const MANIFEST_ORDERS_MAX = 1000;

/** Seen twice, a run apart, it is not on its way any more. */
export interface ManifestState {
  readonly cursor?: OrderCursor;
  readonly suspects: readonly string[];
}

interface OrderCursor {
  readonly tenant: string;
  readonly orderId: string;
}

export interface ManifestPorts {
  readonly page: (
    after: OrderCursor | undefined,
    limit: number,
  ) => Promise<{
    readonly broken: readonly (OrderCursor & { readonly detail: string })[];
    readonly next?: OrderCursor;
  }>;
  /** Answers with whether it was opened: while a mirror is rebuilt none is. */
  readonly openBreak: (found: {
    readonly tenant: string;
    readonly breakId: string;
    readonly class: string;
    readonly subject: string;
    readonly reference: string;
    readonly detail: string;
    readonly foundMs: number;
  }) => Promise<boolean>;
  readonly load: () => Promise<ManifestState | undefined>;
  readonly save: (state: ManifestState) => Promise<void>;
  readonly nowMs: () => number;
  readonly log: Log;
}

/**
 * Holds the lines that the mirror has of each order against the order's manifest, a page a run.
 * Lines can be on their way: only what is still missing when its page comes round again is a break.
 */
export async function checkManifests(ports: ManifestPorts): Promise<void> {
  const { cursor, suspects = [] } = (await ports.load()) ?? {};
  const { broken, next } = await ports.page(cursor, MANIFEST_ORDERS_MAX);
  const known = new Set(suspects);
  for (const { tenant, orderId, detail } of broken) {
    if (!known.has(nameOf({ tenant, orderId }))) continue;
    const isOpened = await ports.openBreak({
      tenant,
      breakId: `MANIFEST:${orderId}`,
      class: "MANIFEST",
      subject: `order:${orderId}`,
      reference: orderId,
      detail,
      foundMs: ports.nowMs(),
    });
    if (isOpened) ports.log("error", "manifest_broken", { alert: true, tenant, order: orderId });
  }
  // Suspects of other pages wait for theirs; those of this one are as they were just found.
  const elsewhere = suspects.filter((name) => !isInPage(name, cursor, next));
  const found = broken.map(nameOf);
  const place = next === undefined ? {} : { cursor: next };
  await ports.save({ ...place, suspects: [...elsewhere, ...found].slice(-SUSPECTS_MAX) });
}

/** Remembered between runs; more of them are found again. */
const SUSPECTS_MAX = 1000;

const nameOf = ({ tenant, orderId }: OrderCursor): string => JSON.stringify([tenant, orderId]);

function isInPage(name: string, after?: OrderCursor, until?: OrderCursor): boolean {
  const [tenant = "", orderId = ""]: string[] = JSON.parse(name);
  const place = { tenant, orderId };
  const isBehind = after === undefined || compare(place, after) > 0;
  return isBehind && (until === undefined || compare(place, until) <= 0);
}

function compare(a: OrderCursor, b: OrderCursor): number {
  if (a.tenant !== b.tenant) return a.tenant < b.tenant ? -1 : 1;
  if (a.orderId === b.orderId) return 0;
  return a.orderId < b.orderId ? -1 : 1;
}
