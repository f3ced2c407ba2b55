import { createHash } from "node:crypto";
import { canonicalJson } from "../../core/canonical.ts";
import type { GatewayEvent } from "../../core/contracts/event.ts";
import { displayName } from "../../core/distributor/display-name.ts";
import { isDistributorEvent } from "../../core/distributor/rules.ts";
import type { Json, JsonObject } from "../../core/json.ts";
import { isTreeEvent } from "../../core/genealogy/tree-rules.ts";
import { isOrderEvent } from "../../core/order/rules.ts";
import { openData } from "../../core/record/open-data.ts";
import { isRecordEvent } from "../../core/record/rules.ts";
import type { Passage } from "../../core/subject/entry.ts";
import type { Arrival, Profile } from "../../core/subject/state.ts";
import type { Tenant } from "../control/directory.ts";
import { seal } from "../crypto/seal.ts";
import type { ObjectKind } from "../subject.ts";

/** What every event of a delivery carries with it to its object. */
export interface Carriage {
  readonly tenant: Tenant;
  readonly receivedAtMs: number;
  readonly deliveryId: string;
  readonly archive?: string;
  /** The moment of this one is not the sender's. */
  readonly isUntimed?: boolean;
  /** See {@link Arrival.isFetched}. */
  readonly isFetched?: boolean;
  /** See {@link Arrival.isRevived}. */
  readonly isRevived?: boolean;
  readonly passage?: Passage;
}

type Moment = Pick<Carriage, "receivedAtMs" | "isUntimed">;

/** The kind of object that applies an event, or nothing where no room applies its type yet. */
export function objectKindOf(event: GatewayEvent): ObjectKind | undefined {
  if (isDistributorEvent(event)) return "distributor";
  if (isOrderEvent(event)) return "order";
  if (isTreeEvent(event)) return "tree";
  return isRecordEvent(event) ? "record" : undefined;
}

/** What a profile is sealed for: it opens for no other subject. */
export const profileAad = (tenant: string, subject: string): string =>
  `profile:${tenant}/${subject}`;

/**
 * Makes an event ready for its object: its personal data sealed apart, so that no log row and no
 * conflict can hold it, and its digest taken over everything it said.
 */
export async function prepareArrival(
  event: GatewayEvent,
  eventId: string,
  carriage: Carriage,
): Promise<Arrival> {
  const { tenant, receivedAtMs, deliveryId, archive, isFetched, isRevived, passage } = carriage;
  const [data, personal] = part(event);
  const profile = await sealProfile(personal, event, tenant);
  return {
    eventId,
    event: { ...event, data },
    receivedAtMs,
    deliveryId,
    ...(archive === undefined ? {} : { archive }),
    payloadSha256: digestOf(event, carriage),
    ...(profile === undefined ? {} : { profile }),
    ...(isFetched === true ? { isFetched } : {}),
    ...(isRevived === true ? { isRevived } : {}),
    ...(passage === undefined ? {} : { passage }),
  };
}

/**
 * What an event tells. Ids name the telling, not what is told: they stay out. So does a moment that
 * is only that of its arrival: a product that tells no time would else never say the same twice.
 */
export function digestOf(event: GatewayEvent, { receivedAtMs, isUntimed }: Moment): string {
  const { type, version, key, epoch, seq, rev, occurredAtMs } = event;
  const told: Record<string, Json> = { type, version, key, epoch, data: dataTold(event) };
  const isTold = isUntimed !== true && occurredAtMs !== receivedAtMs;
  if (isTold) told["occurredAtMs"] = occurredAtMs;
  if (seq !== undefined) told["seq"] = seq;
  if (rev !== undefined && rev !== String(receivedAtMs)) told["rev"] = rev;
  return createHash("sha256").update(canonicalJson(told)).digest("hex");
}

/** A row that is read again in a snapshot is the row it was when it was written. */
function dataTold({ type, data }: GatewayEvent): JsonObject {
  if (type !== "cdc.row" || data["op"] === "d") return data;
  const { op: _op, ...row } = data;
  return row;
}

/** Parts what is personal from what is not. A record's fields can all be personal. */
function part(event: GatewayEvent): readonly [JsonObject, JsonObject | undefined] {
  if (objectKindOf(event) === "record") return [openData(event), event.data];
  const { pii, ...data } = event.data;
  return [data, isObject(pii) ? pii : undefined];
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

async function sealProfile(
  personal: JsonObject | undefined,
  event: GatewayEvent,
  { tenant, dataKey }: Tenant,
): Promise<Profile | undefined> {
  if (personal === undefined) return undefined;
  const plain = new TextEncoder().encode(JSON.stringify(personal));
  const sealed = await seal(dataKey, plain, profileAad(tenant, event.key));
  const name = objectKindOf(event) === "distributor" ? displayName(personal) : undefined;
  return { sealed, ...(name === undefined ? {} : { displayName: name }) };
}
