import { type EventType, orderingOf } from "../../core/contracts/catalogue.ts";
import { parseInstant } from "../../core/contracts/instant.ts";
import type { Item, ReadingContext } from "../sender.ts";
import { cardFaults } from "./cards.ts";
import { readItem } from "./envelopes.ts";
import { fingerprint } from "./fingerprint.ts";
import type { Loose } from "./loose.ts";
import { type EventRule, mappingOf } from "./options.ts";
import { holds, instantText, pickAll, pickOne, type Told } from "./pick.ts";
import { unmapped } from "./unmapped.ts";

/** An event in our words, not judged by its contract yet. */
export interface Fact {
  readonly type: EventType;
  readonly data: Loose;
  /** Of registers: digits, or an integer. The moment it occurred, where absent. */
  readonly rev?: string | number;
  /** Of strict streams: its place, and the stream's epoch. */
  readonly seq?: unknown;
  readonly epoch?: unknown;
  readonly key?: string;
}

/** One thing a product told. */
export interface Telling {
  /** The sender's id: two deliveries of it are one event. */
  readonly id: string;
  /** What the product calls it. */
  readonly type: string;
  readonly occurredAtMs: number;
  /**
   * The moment is that of arrival, or of something larger, and orders nothing: a rule that makes a
   * register's event of it has to say where its `rev` stands.
   */
  readonly isUntimed?: boolean;
  /** What paths of the source's mapping start from: usually the whole body. */
  readonly payload: unknown;
  /** More that a mapping may ask for: `$topic`, `$table`, ….  `$type` and `$id` are there always. */
  readonly about?: Loose;
  /** The sender's own translation, or a sentence saying why it has none. */
  readonly fact: Fact | string;
}

/**
 * An item from what a product told. The source's mapping comes first: a rule that holds stands in
 * place of the sender's translation, and fields are added to it. What nobody translates is kept
 * with the reason, and can be sent through again when the mapping is mended.
 */
export function readTelling(telling: Telling, context: ReadingContext): Item {
  const { id, type, payload } = telling;
  const { rules = [], fields = {} } = mappingOf(context.options);
  const told: Told = { payload, about: { ...telling.about, type, id } };

  const rule = rules.find(({ when = {} }) => holds(when, told));
  if (rule !== undefined) {
    if (lacksRevision(rule, told, telling.isUntimed)) return unmapped(telling, unordered(rule));
    return readRule(rule, telling, told, context);
  }

  const { fact } = telling;
  if (typeof fact === "string") return unmapped(telling, fact);
  const added = fields[fact.type];
  const data =
    added === undefined ? fact.data : { ...fact.data, ...pickAll(added, told, fact.data) };
  return judged({ ...fact, data }, telling, context);
}

/**
 * Whether nothing tells if a register's event is older or newer than another: its rule names a
 * `rev` that finds nothing, or none where the moment cannot stand for it.
 */
export function lacksRevision({ type, rev }: EventRule, told: Told, isUntimed = false): boolean {
  if (orderingOf(type) !== "register") return false;
  return rev === undefined ? isUntimed : pickOne(rev, told) === undefined;
}

export const unordered = ({ type }: EventRule): string =>
  `Nothing found tells the revision of "${type}": give its rule a rev that is always there`;

/** The item that one rule makes. Also of a row of a table. */
export function readRule(
  rule: EventRule,
  telling: Omit<Telling, "fact">,
  told: Told,
  context: ReadingContext,
): Item {
  const one = (name: "rev" | "seq" | "epoch" | "key" | "occurred_at") => {
    const pick = rule[name];
    return pick === undefined ? undefined : pickOne(pick, told);
  };
  const data = pickAll(rule.fields, told);
  const parts = { rev: one("rev"), seq: one("seq"), epoch: one("epoch"), key: one("key") };
  return judged({ type: rule.type, data, ...parts }, telling, context, one("occurred_at"));
}

interface Parts {
  readonly type: EventType;
  readonly data: Loose;
  readonly rev?: unknown;
  readonly seq?: unknown;
  readonly epoch?: unknown;
  readonly key?: unknown;
}

/** Judges by contract. A register without `rev` is numbered by its moment, in milliseconds. */
function judged(
  { type, data, ...parts }: Parts,
  { id, occurredAtMs, isUntimed, payload }: Omit<Telling, "fact">,
  context: ReadingContext,
  occurredAt?: unknown,
): Item {
  const isUnnumbered = orderingOf(type) === "register" && parts.rev === undefined;
  const saidMs = typeof occurredAt === "string" ? parseInstant(occurredAt) : undefined;
  const envelope = {
    id,
    source: context.source,
    tenant: context.tenant,
    type,
    version: 1,
    occurred_at: occurredAt ?? instantText(occurredAtMs) ?? occurredAtMs,
    ...definedOf(parts),
    // A product that numbers no revisions: of two of one thing the later one holds.
    ...(isUnnumbered ? { rev: String(Math.max(0, saidMs ?? occurredAtMs)) } : {}),
    data,
  };
  const item = withoutCards(
    readItem(envelope, context, () => id),
    payload,
    envelope,
  );
  return isUntimed === true && item.kind === "event" ? { ...item, isUntimed } : item;
}

/** Whatever of it our event would hold: a delivery that tells a card number is set aside. */
function withoutCards(item: Item, payload: unknown, { id, type }: Envelope): Item {
  const cards = cardFaults(payload);
  if (cards.length === 0) return item;
  const errors = item.kind === "broken" ? [...item.errors, ...cards] : cards;
  const content = fingerprint(JSON.stringify(payload));
  return { kind: "broken", id, code: "contract_violated", type, errors, content };
}

interface Envelope {
  readonly id: string;
  readonly type: string;
}

const definedOf = (parts: Loose): Loose =>
  Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined));
