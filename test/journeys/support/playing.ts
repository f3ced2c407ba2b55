import { member, pause } from "../../../scripts/local/client.ts";
import { walk } from "../../../scripts/verify/source.ts";
import type { PlainEvent } from "../../support/naive/event.ts";
import type { Delivery } from "./arrivals.ts";
import { SOURCE, type TestTenant } from "./tenant.ts";

const WAIT_MS_MAX = 60_000;
const POLL_MS = 100;
/** So many events in a row that nobody asked for are older than those that were. */
const OTHERS_MAX = 400;

const isPassing = (outcome: string): boolean => outcome === "buffered" || outcome === "parked";

export type Row = Readonly<Record<string, unknown>>;

/** Every item of a list. */
export async function listOf(tenant: TestTenant, path: string): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for await (const row of walk(tenant, path)) rows.push(Object(row));
  return rows;
}

/** Deliveries one after the other, each as soon as the one before was answered. */
export async function sendAll(tenant: TestTenant, deliveries: readonly Delivery[]): Promise<void> {
  for (const { events, source } of deliveries) {
    await tenant.post(
      events.map((event) => ({ ...event })),
      source,
    );
  }
}

/** By event id, of each delivery of it that got as far. */
export type Outcomes = ReadonlyMap<string, readonly string[]>;

/**
 * Resolves with the outcomes of these events, the newest there are, once each has come in and is
 * `isDone`: by default, once it waits for no other any more.
 */
export async function outcomesOf(
  tenant: TestTenant,
  ids: ReadonlySet<string>,
  isDone = (outcome: string) => !isPassing(outcome),
): Promise<Outcomes> {
  const untilMs = performance.now() + WAIT_MS_MAX;
  for (;;) {
    const outcomes = await readOutcomes(tenant, ids);
    const waiting = [...ids].filter((id) => outcomes.get(id)?.every(isDone) !== true);
    if (waiting.length === 0) return outcomes;
    if (performance.now() > untilMs) {
      throw new Error(`No final outcome of ${waiting.slice(0, 10).join(", ")}`);
    }
    await pause(POLL_MS);
  }
}

async function readOutcomes(tenant: TestTenant, ids: ReadonlySet<string>): Promise<Outcomes> {
  const outcomes = new Map<string, string[]>();
  let others = 0;
  for await (const row of walk(tenant, "events")) {
    const id = String(member(row, "id"));
    others = ids.has(id) ? 0 : others + 1;
    if (others > OTHERS_MAX) break;
    if (others === 0) {
      outcomes.set(id, [...(outcomes.get(id) ?? []), String(member(row, "outcome"))]);
    }
  }
  return outcomes;
}

/** Sends these events as they stand and resolves with their outcomes once nothing is under way. */
export async function tell(
  tenant: TestTenant,
  events: readonly PlainEvent[],
  isDone?: (outcome: string) => boolean,
): Promise<Outcomes> {
  await sendAll(tenant, [{ source: SOURCE, events }]);
  const outcomes = await outcomesOf(tenant, new Set(events.map(({ id }) => id)), isDone);
  await tenant.idle();
  return outcomes;
}
