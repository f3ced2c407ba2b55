import { CATALOGUE } from "../contracts/catalogue.ts";
import type { GatewayEvent } from "../contracts/event.ts";
import { compareRevisions } from "../ordering/rev.ts";
import type { Act, Rules } from "../subject/rules.ts";
import type { Arrival, Registered, SubjectState, Write } from "../subject/state.ts";
import { show } from "./show.ts";

/** Whether a `Record` object keeps this event: any register that is not a distributor's. */
export const isRecordEvent = ({ type, key }: GatewayEvent): boolean =>
  CATALOGUE[type].ordering === "register" && !key.startsWith("dist:") && type !== "subject.erased";

/**
 * What the object of a lead, ticket, customer, period or row does: it keeps the highest revision.
 * What the register says can be personal, so it lies sealed in the profile, not in the log; but for
 * what {@link show} gives the mirror to see.
 */
export const recordRules: Rules = { act, recall: () => undefined, evolve: (view) => view };

function act(arrival: Arrival, state: SubjectState): Act {
  const { event, eventId, payloadSha256, profile, isFetched } = arrival;
  const { epoch, rev = "0" } = event;
  const told = state.registered(event.type, { epoch, rev });
  // Fetched, a version comes with other fields than by its webhook, and is no contradiction of it.
  const isTold = told !== undefined && isFetched === true;
  if (told?.payloadSha256 === payloadSha256 || isTold) return { kind: "repeat", of: told.eventId };
  if (told !== undefined) {
    const reason = `Revision ${rev} of epoch ${epoch} said something else: the first stands`;
    return { kind: "contradiction", of: told.eventId, reason };
  }
  const current = state.current(event.type);
  const isCurrent = current === undefined || compareRevisions({ epoch, rev }, current) > 0;
  const { value, effects, writes: shown } = show(arrival, state, { current, isCurrent });
  const revision: Registered = {
    epoch,
    rev,
    payloadSha256,
    eventId,
    effectiveMs: event.occurredAtMs,
    value,
  };
  const writes: Write[] = [{ put: "register", register: event.type, revision }, ...shown];
  if (isCurrent && profile !== undefined) writes.push({ put: "profile", profile });
  return { kind: "effect", effects, writes };
}
