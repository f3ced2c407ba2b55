import { type CatalogueEvent, narrow } from "../contracts/catalogue.ts";
import { parseInstantOrDay } from "../contracts/instant.ts";
import { edgeOfCustomer } from "../genealogy/edge.ts";
import type { JsonObject } from "../json.ts";
import type { Revision } from "../ordering/rev.ts";
import type { Effects, RecordRow } from "../subject/entry.ts";
import type { Arrival, Registered, SubjectState, Write } from "../subject/state.ts";
import { lowStock } from "./inventory.ts";
import { kindOf, openData } from "./open-data.ts";
import { answeringOf, note, type Said, statusOf, ticketValue } from "./ticket.ts";

/** What a revision shows of itself, beside standing in its register. */
interface Showing {
  /** JSON of its open members, kept with the revision; empty where all of it is sealed. */
  readonly value: string;
  readonly effects: Effects;
  readonly writes: readonly Write[];
}

/** The register before this revision, and whether the revision is its highest now. */
interface Before {
  readonly current: Registered | undefined;
  readonly isCurrent: boolean;
}

/** A revision on its way into its register. */
interface Revised extends Before {
  readonly event: CatalogueEvent;
  readonly at: Revision;
  /** The part of the key behind its prefix: `SKU-1:-`. */
  readonly id: string;
  readonly data: JsonObject;
  readonly row: (value: JsonObject) => RecordRow;
}

/** Under which the object remembers the statuses that its ticket had first. */
const SAID = "said";

/**
 * What the mirror is to see of a record (DOMAIN «Catalogue»): the current revision of inventory,
 * tickets, autoships, periods and customers; a customer's place in the tree, every revision of it;
 * an alert where a stock runs low.
 */
export function show({ event, eventId }: Arrival, state: SubjectState, before: Before): Showing {
  const { type, key, epoch, rev = "0", occurredAtMs } = event;
  const kind = kindOf(type);
  if (kind === undefined) return { value: "", effects: {}, writes: [] };

  const id = key.slice(key.indexOf(":") + 1);
  const data = openData(event);
  const at = { epoch, rev };
  const row = (value: JsonObject) => ({ kind, id, ...at, occurred_ms: occurredAtMs, value });
  const revised = { event: narrow(event), at, id, data, row, ...before };
  const value = JSON.stringify(data);
  if (type === "ticket.upserted") return { value, ...showTicket(revised, eventId, state) };
  const effects = { ...edges(revised), ...(before.isCurrent ? currentEffects(revised) : {}) };
  return { value, effects, writes: [] };
}

function currentEffects({ event, at, id, data, row, current }: Revised): Effects {
  const record = row(data);
  if (event.type !== "inventory.adjusted") return { record };
  const breaks = lowStock(id, { stock: data, before: dataIn(current), at });
  return breaks.length === 0 ? { record } : { record, breaks };
}

/** Every revision is a version of the edge: which one holds depends on the instant of the read. */
function edges({ event, at }: Revised): Pick<Effects, "edges"> {
  if (event.type !== "customer.linked") return {};
  const { customer_id, enroller_id, effective_at } = event.data;
  const effective_ms = parseInstantOrDay(effective_at) ?? event.occurredAtMs;
  return { edges: [edgeOfCustomer(customer_id, enroller_id, { ...at, effective_ms })] };
}

/**
 * A late revision is not what the ticket says now, but it can be when it was opened or answered:
 * then the row is the current revision's, with the times put right.
 */
function showTicket(
  { event, at, data, row, current, isCurrent }: Revised,
  eventId: string,
  state: SubjectState,
): Omit<Showing, "value"> {
  const before = state.fact(SAID)?.state ?? "[]";
  const said = { ...at, status: statusOf(data), ms: event.occurredAtMs };
  const noted = note(saidIn(before), said);
  const after = JSON.stringify(noted);
  const isNews = after !== before;
  const fact = { essence: "", eventId, state: after };
  const writes: readonly Write[] = isNews ? [{ put: "fact", key: SAID, fact }] : [];
  const answering = answeringOf(noted);
  if (isCurrent) return { effects: { record: row(ticketValue(data, answering)) }, writes };

  const shown = dataIn(current);
  if (!isNews || shown === undefined || current === undefined) return { effects: {}, writes };
  const { epoch, rev, effectiveMs } = current;
  const value = ticketValue(shown, answering);
  return { effects: { record: { ...row(value), epoch, rev, occurred_ms: effectiveMs } }, writes };
}

// Own texts: what was written is what is read.
const saidIn = (text: string): readonly Said[] => JSON.parse(text);
const parseData = (text: string): JsonObject => JSON.parse(text);

/** Revisions from before registers were shown kept nothing. */
const dataIn = (registered: Registered | undefined): JsonObject | undefined =>
  registered === undefined || registered.value === "" ? undefined : parseData(registered.value);
