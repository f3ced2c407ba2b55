import { shareOf } from "../../../core/order/returned.ts";
import { readOrder } from "../../../core/order/state.ts";
import type { Followed } from "../../../core/runs/cuts.ts";
import { rowsOf } from "../reads/session.ts";

/** Orders read at once: a state of some kilobytes each. */
const ORDERS_MAX = 200;

const VIEWS = `SELECT s.view FROM json_each(?2) j
  CROSS JOIN subjects s ON s.tenant = ?1 AND s.subject = 'order:' || j.value
  WHERE s.view IS NOT NULL`;

/** How the lines of these orders follow their returns by now; by line id. */
export async function followedLines(
  db: D1Database,
  tenant: string,
  orderIds: readonly string[],
): Promise<ReadonlyMap<string, Followed>> {
  const session = db.withSession("first-primary");
  const followed = new Map<string, Followed>();
  for (let i = 0; i < orderIds.length; i += ORDERS_MAX) {
    const part = JSON.stringify(orderIds.slice(i, i + ORDERS_MAX));
    for (const { view } of await rowsOf<{ view: string }>(session, VIEWS, [tenant, part])) {
      const order = readOrder(view);
      if (order.sale === undefined) continue;
      const [share, whole] = shareOf(order.sale, order);
      for (const { line_id, rounding } of order.lines) {
        followed.set(line_id, { part: share, whole, rounding });
      }
    }
  }
  return followed;
}
