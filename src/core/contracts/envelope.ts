import { assert } from "../assert.ts";
import type { JsonObject } from "../json.ts";
import { ok, refuse, type Result } from "../result.ts";
import { findCardNumbers } from "./card-number.ts";
import { CATALOGUE, type EventType, isEventType } from "./catalogue.ts";
import type { Contract } from "./contract.ts";
import type { Breach, GatewayEvent, Violation } from "./event.ts";
import { ID_CHARS_MAX } from "./fields.ts";
import { Header, Sequence } from "./header.ts";
import { formatInstant, parseInstant } from "./instant.ts";
import { brokenAmounts, exceededLimits } from "./limits.ts";
import { readRevision } from "./revision.ts";
import { fillFromKey, readKey } from "./subject-key.ts";
import { missing, violationsOf } from "./violation.ts";

/** An answer longer than this helps nobody, and its size is the sender's choice. */
export const ERRORS_MAX = 50;

/** Where a delivery came in: what the envelope may repeat, and not contradict. */
export interface Arrival {
  readonly tenant: string;
  readonly source: string;
}

/**
 * Judges an envelope of DOMAIN §2.1 and its data by the contract of its type. Every broken rule is
 * reported, at most 50; no message quotes what was sent. An event that was accepted, written as an
 * envelope again, is accepted again and equal.
 */
export function readEnvelope(input: unknown, where: Arrival): Result<GatewayEvent, Breach> {
  if (!isObject(input)) {
    const message = "Must be a JSON object";
    return refuse({ code: "contract_violated", errors: [{ path: "", rule: "type", message }] });
  }
  const exceeded = exceededLimits(input);
  if (exceeded.length > 0) return refuse(breach("contract_violated", input, exceeded));

  const header = Header.safeParse(input);
  const errors = [
    ...(header.success ? [] : violationsOf(header.error.issues, { root: [], value: input })),
    ...envelopeViolations(input, where),
    ...cardViolations(input),
  ];
  const found = findContract(input);
  if (found.kind !== "known") {
    return refuse(breach(found.kind, input, [...found.errors, ...errors]));
  }
  const body = readBody(found.contract, input, where);
  errors.push(...body.errors);
  if (!header.success || errors.length > 0) {
    return refuse(breach("contract_violated", input, errors));
  }
  return ok(eventOf(header.data, { ...body, type: found.type, source: where.source }));
}

type Found =
  | { readonly kind: "known"; readonly type: EventType; readonly contract: Contract }
  | { readonly kind: Breach["code"]; readonly errors: readonly Violation[] };

function findContract({ type, version }: JsonObject): Found {
  if (!isEventType(type)) {
    if (typeof type !== "string") return { kind: "contract_violated", errors: [] };
    const message = "Must be a type of the catalogue, see /v1/contracts";
    return { kind: "type_unknown", errors: [{ path: "type", rule: "unknown_type", message }] };
  }
  const contract = CATALOGUE[type];
  if (!Number.isInteger(version) || Number(version) <= contract.version) {
    return { kind: "known", type, contract };
  }
  const message = `Must be at most ${contract.version}, the newest version that is supported`;
  return {
    kind: "version_unsupported",
    errors: [{ path: "version", rule: "unsupported_version", message }],
  };
}

/** What the header's schema does not see: where the delivery came in, and that data is there. */
function envelopeViolations(input: JsonObject, where: Arrival): Violation[] {
  const errors: Violation[] = [];
  for (const name of ["source", "tenant"] as const) {
    if (typeof input[name] === "string" && input[name] !== where[name]) {
      const message = `Must be absent or equal the ${name} that the delivery came in by`;
      errors.push({ path: name, rule: "mismatch", message });
    }
  }
  if (input["data"] === undefined) errors.push(missing("data"));
  else if (!isObject(input["data"])) {
    errors.push({ path: "data", rule: "type", message: "Must be of type object" });
  }
  return errors;
}

const cardViolations = (input: JsonObject): readonly Violation[] =>
  findCardNumbers(input).map((path) => ({
    path,
    rule: "card_number",
    message: "Must not be a card number: send a token, the brand and the last four digits",
  }));

/** What an envelope holds by its type's contract. Only complete where there are no errors. */
interface Body {
  readonly errors: readonly Violation[];
  readonly data: JsonObject;
  readonly key?: string;
  readonly seq?: number;
  readonly rev?: string;
}

function readBody(contract: Contract, input: JsonObject, { tenant }: Arrival): Body {
  const given = input["data"];
  if (!isObject(given)) return { errors: [], data: {} };

  const filled = fillFromKey(contract.keys, input["key"], given);
  const parsed = contract.data.safeParse(filled);
  const broken = parsed.success
    ? []
    : violationsOf(parsed.error.issues, { root: ["data"], value: filled });
  const subject = readKey(contract, { given: input["key"], data: filled, tenant });
  const place = readPlace(contract, input, filled);
  const errors = [
    ...place.errors,
    ...subject.errors,
    ...broken,
    ...contract.rules.flatMap((rule) => rule.check(filled)),
    ...brokenAmounts(given),
  ];
  const data = withPeriod(contract, filled, input["occurred_at"]);
  return { ...place, ...(subject.key !== undefined && { key: subject.key }), data, errors };
}

type Place = Pick<Body, "errors" | "seq" | "rev">;

/** Where an event stands among its subject's: `seq`, `rev` or neither, by its class. */
function readPlace({ ordering, revision }: Contract, input: JsonObject, data: JsonObject): Place {
  if (ordering === "register") return readRevision(input["rev"], data, revision);
  if (ordering !== "strict") return { errors: [] };
  const given = input["seq"];
  if (given === undefined) {
    return { errors: [missing("seq", "Is required: events of this type apply strictly in order")] };
  }
  const seq = Sequence.safeParse(given);
  if (seq.success) return { seq: seq.data, errors: [] };
  return { errors: violationsOf(seq.error.issues, { root: ["seq"], value: given }) };
}

/** A volume without a period is that of the UTC month it took effect in. */
function withPeriod(contract: Contract, data: JsonObject, occurredAt: unknown): JsonObject {
  if (contract !== CATALOGUE["volume.snapshot"] || data["period_id"] !== undefined) return data;
  const occurredAtMs = typeof occurredAt === "string" ? parseInstant(occurredAt) : undefined;
  if (occurredAtMs === undefined) return data;
  return { ...data, period_id: formatInstant(occurredAtMs).slice(0, "yyyy-mm".length) };
}

/** Reached only without errors, so that the key is known. */
function eventOf(
  header: Header,
  { type, source, key, seq, rev, data }: Body & { type: EventType; source: string },
): GatewayEvent {
  const occurredAtMs = parseInstant(header.occurred_at);
  assert(occurredAtMs !== undefined && key !== undefined, "An accepted event has a time and a key");
  return {
    id: header.id,
    source,
    type,
    version: header.version,
    occurredAtMs,
    key,
    epoch: header.epoch ?? 0,
    ...(seq !== undefined && { seq }),
    ...(rev !== undefined && { rev }),
    ...(header.correlation_id !== undefined && { correlationId: header.correlation_id }),
    ...(header.causation_id !== undefined && { causationId: header.causation_id }),
    data,
  };
}

function breach(code: Breach["code"], { type }: JsonObject, errors: readonly Violation[]): Breach {
  const known = new Set<string>();
  const distinct = errors.filter(({ path, rule }) => {
    const name = `${rule} ${path}`;
    return !known.has(name) && known.add(name);
  });
  const told = typeof type === "string" && type.length <= ID_CHARS_MAX ? { type } : {};
  return { code, ...told, errors: distinct.slice(0, ERRORS_MAX) };
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);
