import { formatInstant } from "../core/contracts/instant.ts";
import type { Fact } from "./read/facts.ts";
import { isLoose, type Loose, textOf, told } from "./read/loose.ts";
import { instantText } from "./read/pick.ts";

/** What one execution of a registered step tells. */
export interface DataverseChange {
  /** `Create`, `Update`, `Delete`, …: what the step was registered for. */
  readonly message: string;
  readonly entity: string;
  readonly entityId: string;
  readonly crm: string;
  readonly occurredAtMs: number;
  readonly actor: string;
  /** Somebody's own call, and none that a plug-in or workflow made of it. */
  readonly isDirect: boolean;
  /** Above 256 KB Dataverse leaves out what changed. */
  readonly isCut: boolean;
  /** All attributes of a created record, those that were sent of an updated one. */
  readonly target: Loose;
  /** The record after the change, where the step was registered with a post image. */
  readonly image: Loose;
}

interface TellingPart {
  readonly field?: string;
  readonly fact: Fact | string;
  readonly occurredAtMs: number;
}

const LEADS: ReadonlySet<string> = new Set(["contact", "lead"]);

/** Whoever updates a record sets these; they are the change's own moment and hand. */
const BOOKKEEPING: ReadonlySet<string> = new Set([
  "modifiedon",
  "modifiedby",
  "modifiedonbehalfby",
  "contactid",
  "leadid",
]);

/** As `DataContractJsonSerializer` writes them: `/Date(1785000042000+0000)/`. */
const DATE = /^\/Date\((-?\d{1,15})(?:[+-]\d{4})?\)\/$/;

/** UTC milliseconds of a date of Dataverse; its offset tells only where it was written. */
export function dateMs(value: unknown): number | undefined {
  const match = typeof value === "string" ? DATE.exec(value) : null;
  return match === null ? undefined : Number(match[1]);
}

/** 0000-01-01 and 9999-12-31: birthdays stand before 1970. */
const DATE_MS_MIN = -62_167_219_200_000;
const DATE_MS_MAX = 253_402_300_799_999;

function dateText(value: unknown): string | undefined {
  const ms = dateMs(value);
  if (ms === undefined || ms < DATE_MS_MIN || ms > DATE_MS_MAX) return undefined;
  return formatInstant(ms);
}

/** What an execution says in our words, in the order of its attributes; nothing where it is empty. */
export function translateDataverse(change: DataverseChange): readonly TellingPart[] | "nothing" {
  const { message, entity, occurredAtMs } = change;
  const isChange = message === "Create" || message === "Update";
  if (isChange && change.isCut) return [{ fact: gap(change), occurredAtMs }];
  if (isChange && entity === "incident") return [ticketOf(change)];
  if (!isChange || !LEADS.has(entity)) {
    const fact = `No event of ours says "${message}" of "${entity}": say in options.rules what it is`;
    return [{ fact, occurredAtMs }];
  }
  if (message === "Create") return [leadOf(change)];

  const moment = momentOf(change);
  const parts = Object.entries(change.target)
    .filter(([name]) => !BOOKKEEPING.has(name))
    .map(([field, value]) => ({
      field,
      fact: fieldChanged(change, { field, value, moment }),
      occurredAtMs: moment,
    }));
  return parts.length === 0 ? "nothing" : parts;
}

const gap = ({ entity, entityId }: DataverseChange): Fact => ({
  type: "cdc.gap",
  data: { table: `dataverse:${entity}`, pks: [entityId] },
});

/** When the record changed; the operation is only created then, and may come seconds later. */
const momentOf = ({ target, image, occurredAtMs }: DataverseChange): number =>
  dateMs(target["modifiedon"]) ?? dateMs(image["modifiedon"]) ?? occurredAtMs;

function leadOf(change: DataverseChange): TellingPart {
  const { crm, entityId, target } = change;
  const fields = plainOf(target);
  const owner = textOf(plain(target["ownerid"]));
  return {
    fact: {
      type: "lead.upserted",
      data: told({ crm, object_id: entityId, owner_id: owner, fields }),
    },
    occurredAtMs: momentOf(change),
  };
}

/** A case that was updated tells its status only by a post image, unless that is what changed. */
function ticketOf(change: DataverseChange): TellingPart {
  const { crm, entityId, image, target } = change;
  const ticket = { ...image, ...target };
  const status = textOf(plain(ticket["statuscode"]));
  const occurredAtMs = momentOf(change);
  if (status === undefined) return { fact: gap(change), occurredAtMs };
  const kind = textOf(plain(ticket["casetypecode"])) ?? "case";
  const data = { system: crm, object_id: entityId, status, subject_kind: kind };
  return { fact: { type: "ticket.upserted", data }, occurredAtMs };
}

interface Changed {
  readonly field: string;
  readonly value: unknown;
  readonly moment: number;
}

const fieldChanged = (change: DataverseChange, { field, value, moment }: Changed): Fact => ({
  type: "crm.field_changed",
  data: {
    crm: change.crm,
    object: change.entity,
    object_id: change.entityId,
    field,
    value: plain(value) ?? null,
    change_source: change.isDirect ? "direct" : "process",
    actor: change.actor,
    occurred_at: instantText(moment),
  },
});

/** Attributes without their .NET wrapping. */
export const plainOf = (attributes: Loose): Loose =>
  Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, plain(value)]));

/**
 * A value without its .NET wrapping: an option set's or money's `Value`, the `Id` of a record
 * referred to, a date in RFC 3339.
 */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (!isLoose(value)) return dateText(value) ?? value;
  if (Object.hasOwn(value, "Value")) return value["Value"];
  if (Object.hasOwn(value, "LogicalName") && typeof value["Id"] === "string") return value["Id"];
  return value;
}
