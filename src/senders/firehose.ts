import * as z from "zod";
import { newBudget, openRecord, type Told } from "./firehose-facts.ts";
import { readChangeRecord, recordNamer } from "./read/debezium.ts";
import { arranged, type RecordRead } from "./read/debezium-change.ts";
import { idOf } from "./read/ids.ts";
import { parseJson } from "./read/json.ts";
import { looseOf } from "./read/loose.ts";
import { tableOptions } from "./read/rows.ts";
import { unreadable } from "./read/unreadable.ts";
import {
  CONNECTOR_BODY_BYTES_MAX,
  type Delivery,
  type Outcome,
  type Reading,
  type ReadingContext,
  type Reply,
  type Sender,
} from "./sender.ts";
import { fromText } from "./verify/bytes.ts";
import { headerToken } from "./verify/token.ts";

const RECORDS_MAX = 10_000;
const KEY_BYTES_MAX = 4096;
const MESSAGE_CHARS_MAX = 8192;
/** The last millisecond that RFC 3339 can write. */
const INSTANT_MS_MAX = 253_402_300_799_999;
const REQUEST_ID_HEADER = "x-amz-firehose-request-id";
const REQUEST_ID = /^[\x21-\x7e]{1,128}$/;

/** https://docs.aws.amazon.com/firehose/latest/dev/httpdeliveryrequestresponse.html#requestformat */
const Request = z.looseObject({
  requestId: z.string().optional().catch(undefined),
  timestamp: z.int().min(0).max(INSTANT_MS_MAX),
  records: z.array(z.unknown()).min(1).max(RECORDS_MAX),
});

const accessKey = headerToken("x-amz-firehose-access-key");

/**
 * Amazon Data Firehose's HTTP endpoint destination:
 * https://docs.aws.amazon.com/firehose/latest/dev/httpdeliveryrequestresponse.html
 */
export const firehose: Sender = {
  name: "firehose",
  family: "connector",
  defaultScheme: "firehose-access-key",
  schemes: {
    "firehose-access-key": {
      ...accessKey,
      checkSecret(secret) {
        const { length } = fromText(secret);
        if (length > KEY_BYTES_MAX) return `Firehose takes ${KEY_BYTES_MAX} bytes at most`;
        return accessKey.checkSecret(secret);
      },
    },
  },
  bodyBytesMax: CONNECTOR_BODY_BYTES_MAX,
  readHeaders: [],
  checkOptions: tableOptions(),

  read({ body, receivedAtMs }, context): Reading {
    const parsed = parseJson(body);
    if (!parsed.ok) return { kind: "malformed", errors: parsed.refusal };
    const request = Request.safeParse(parsed.value);
    if (!request.success) return unreadable(parsed.value, request.error);
    const { records, requestId = "" } = request.data;
    // The same when it is tried again; the header says no more, and is not kept.
    const name = REQUEST_ID.test(requestId) ? requestId : undefined;
    return readRecords(records, { name, receivedAtMs }, context);
  },

  mark: REQUEST_ID_HEADER,

  // Anything but 200 and this very body counts as a failure.
  reply(outcome: Outcome, delivery: Delivery): Reply {
    const requestId = requestIdOf(delivery, outcome.kind === "taken");
    const timestamp = delivery.receivedAtMs;
    if (outcome.kind === "taken") return replyWith(200, { requestId, timestamp });
    // 413 is the one answer that makes Firehose throw the records away.
    const status = outcome.status === 413 ? 500 : outcome.status;
    const errorMessage = `${outcome.title} (${outcome.code})`.slice(0, MESSAGE_CHARS_MAX);
    const { retryAfterS } = outcome;
    const wait = retryAfterS === undefined ? {} : { "Retry-After": String(retryAfterS) };
    return replyWith(status, { requestId, timestamp, errorMessage }, wait);
  },
};

interface Batch {
  /** The request's id, where it has one. */
  readonly name: string | undefined;
  readonly receivedAtMs: number;
}

/**
 * One record after the other, so that what one unpacks to is given up before the next is opened.
 * What has no name of its own is named by request and place (PROVIDERS 11).
 */
function readRecords(
  records: readonly unknown[],
  { name, receivedAtMs }: Batch,
  context: ReadingContext,
): Reading {
  const budget = newBudget();
  const nameOf = recordNamer();
  const read = records.flatMap((record, place): readonly RecordRead[] => {
    const opened = openRecord(record, budget);
    if ("kind" in opened) return [opened];
    if (opened.length === 0) return ["nothing"];
    return opened.map(({ value, ...known }: Told, part) => {
      const hint = name === undefined ? {} : { idHint: idOf(name, place, part) };
      const extra = { nameOf, occurredAtMs: receivedAtMs, ...hint, ...known };
      return readChangeRecord(value, context, extra);
    });
  });
  const items = arranged(read);
  if (items.length === read.length) return { kind: "items", items };
  return { kind: "items", items, ignored: "Some records tell of their sender, and of no row" };
}

function replyWith(
  status: number,
  body: Readonly<Record<string, unknown>>,
  more: Readonly<Record<string, string>> = {},
): Reply {
  return {
    status,
    headers: { "Content-Type": "application/json", ...more },
    body: JSON.stringify(body),
  };
}

/**
 * The header's, for it is there when the body is not: packed, too long, or not JSON. A body that
 * nobody answers for is not read for it.
 */
function requestIdOf({ header, body }: Delivery, isBelieved: boolean): string {
  const told = header(REQUEST_ID_HEADER) ?? "";
  if (REQUEST_ID.test(told)) return told;
  const parsed = isBelieved ? parseJson(body) : undefined;
  const { requestId } = looseOf(parsed?.ok === true ? parsed.value : undefined);
  return typeof requestId === "string" && REQUEST_ID.test(requestId) ? requestId : "unknown";
}
