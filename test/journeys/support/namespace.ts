import type { PlainEvent } from "../../support/naive/event.ts";
import type { Worked, WorkedLine } from "../../support/naive/worked.ts";

/** Members of an event's data that name somebody or something of the tenant's. */
const NAMES: ReadonlySet<string> = new Set([
  "customer_id",
  "dispute_id",
  "distributor_id",
  "enroller_id",
  "line_id",
  "order_id",
  "payment_id",
  "payout_id",
  "placement_id",
  "refund_id",
  "reverses_line_id",
  "source_node",
  "sponsor_id",
]);

const DIST = "dist:";

/** The same example among others in one tenant: everybody and everything in it is named anew. */
export function inNamespace(worked: Worked, prefix: string): Worked {
  const { events, balances, lines, superseded = [] } = worked;
  return {
    ...worked,
    events: events.map((event) => eventIn(event, prefix)),
    balances: Object.fromEntries(
      Object.entries(balances).map(([currency, accounts]) => [
        currency,
        Object.fromEntries(
          Object.entries(accounts).map(([name, amount]) => [keyIn(name, prefix), amount]),
        ),
      ]),
    ),
    lines: lines.map((line) => lineIn(line, prefix)),
    superseded: superseded.map((id) => lineIdIn(id, prefix)),
  };
}

export function eventIn({ key, ...event }: PlainEvent, prefix: string): PlainEvent {
  const data = Object.entries(event.data).map(
    ([name, value]) =>
      [name, NAMES.has(name) && typeof value === "string" ? prefix + value : value] as const,
  );
  return {
    ...event,
    id: prefix + event.id,
    ...(key === undefined ? {} : { key: keyIn(key, prefix) }),
    data: Object.fromEntries(data),
  };
}

const keyIn = (name: string, prefix: string): string =>
  name.startsWith(DIST) ? DIST + prefix + name.slice(DIST.length) : name;

const lineIn = (line: WorkedLine, prefix: string): WorkedLine => ({
  ...line,
  line_id: lineIdIn(line.line_id, prefix),
  distributor_id: prefix + line.distributor_id,
  order_id: line.order_id === null ? null : prefix + line.order_id,
});

/** The gateway's own lines are named `{order}:{component}:{level}:{distributor}`. */
function lineIdIn(id: string, prefix: string): string {
  const [order = "", component, level, distributor] = id.split(":");
  return distributor === undefined
    ? prefix + id
    : [prefix + order, component, level, prefix + distributor].join(":");
}
