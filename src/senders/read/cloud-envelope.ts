import type { GatewayEvent } from "../../core/contracts/event.ts";
import { formatInstant } from "../../core/contracts/instant.ts";
import type { JsonObject } from "../../core/json.ts";
import type { Loose } from "./loose.ts";

/**
 * What our types are called among everybody's. Without it a type is not ours: another producer's
 * `order.placed` need not be what our contract says.
 */
const TYPE_PREFIX = "net.upline.";

const DIGITS = /^\d{1,16}$/;

/** Whether a CloudEvents type is one of our own contract. */
export const isOurCloudType = (type: string): boolean => type.startsWith(TYPE_PREFIX);

/**
 * The fixed mapping of our envelope to CloudEvents 1.0 (DESIGN §2):
 *
 * | ours | CloudEvents |
 * |---|---|
 * | `id` | `id` |
 * | `source` | `source`, the name of the source alone: a relative URI reference |
 * | `type` | `type`, behind `net.upline.` |
 * | `version` | `contractversion` |
 * | `occurred_at` | `time` |
 * | `key` | `subject` |
 * | `epoch`, `seq`, `rev` | the same: digits as text, for integers of CloudEvents have 32 bits |
 * | `correlation_id`, `causation_id` | `correlationid`, `causationid` |
 * | `data` | `data`, with `datacontenttype` `application/json` |
 *
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
 */
export const toCloudEvent = (event: GatewayEvent): JsonObject => ({
  specversion: "1.0",
  id: event.id,
  source: event.source,
  type: `${TYPE_PREFIX}${event.type}`,
  contractversion: String(event.version),
  time: formatInstant(event.occurredAtMs),
  subject: event.key,
  ...(event.epoch !== 0 && { epoch: String(event.epoch) }),
  ...(event.seq !== undefined && { seq: String(event.seq) }),
  ...(event.rev !== undefined && { rev: event.rev }),
  ...(event.correlationId !== undefined && { correlationid: event.correlationId }),
  ...(event.causationId !== undefined && { causationid: event.causationId }),
  datacontenttype: "application/json",
  data: event.data,
});

/**
 * The same mapping back: an envelope for its contract to judge. `source` and `tenant` are left out,
 * for an event belongs to the source it arrives by. A `contractversion` left out is 1, and a `rev`
 * left out the `sequence` of CloudEvents' own extension.
 */
export function fromCloudEvent(event: Loose): Loose {
  const { id, type, time, subject, data, contractversion: version, epoch, seq, sequence } = event;
  const envelope = {
    id,
    type: typeof type === "string" ? type.slice(TYPE_PREFIX.length) : type,
    version: integerOf(version) ?? 1,
    occurred_at: time,
    key: subject,
    epoch: integerOf(epoch),
    seq: integerOf(seq),
    rev: event["rev"] ?? sequence,
    correlation_id: event["correlationid"],
    causation_id: event["causationid"],
    data,
  };
  // JSON knows no `undefined`, and CloudEvents takes null for not set.
  return Object.fromEntries(Object.entries(envelope).filter(([, value]) => isSet(value)));
}

const isSet = (value: unknown): boolean => value !== undefined && value !== null;

/** What is no integer is handed on as it is: the contract says what is wrong with it. */
const integerOf = (value: unknown): unknown =>
  typeof value === "string" && DIGITS.test(value) ? Number(value) : value;
