import { entryOf } from "../log-entry.ts";
import type { Position } from "../mirror.ts";
import type { ObjectKind } from "../subject.ts";
import { within } from "../within.ts";
import type { SettlePorts } from "./settle-subjects.ts";

/** An object can stall: the queue tries again rather than wait. */
const ASK_MS_MAX = 10_000;
/** Of what D1 has not seen of a log. */
const PAGES_MAX = 20;

export type OwnLogPorts = Pick<SettlePorts, "positions" | "subject" | "send">;

export interface AskedOf {
  readonly tenant: string;
  readonly subject: string;
  readonly object: ObjectKind;
  readonly eventId: string;
}

/**
 * Whether an object has an event in its log that D1 has not there: behind what is mirrored of it.
 * Throws where that cannot be found out.
 */
export async function hasLogged(
  { tenant, subject, object, eventId }: AskedOf,
  ports: OwnLogPorts,
): Promise<boolean> {
  const found: readonly Position[] = await within(ASK_MS_MAX, () =>
    ports.positions([{ tenant, subject }]),
  );
  const stub = await ports.subject(object, tenant, subject);
  let after = found.find((one) => one.subject === subject)?.position ?? 0;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const tail = await within(ASK_MS_MAX, async () => stub.logAfter(after));
    if (tail.rows.some((row) => entryOf(row).event?.event_id === eventId)) return true;
    if (!tail.more) return false;
    after = tail.rows.at(-1)?.position ?? after;
  }
  throw new Error("Its log is too far ahead of its mirror");
}
