import { Gunzip } from "fflate";
import * as z from "zod";
import type { Violation } from "../core/contracts/event.ts";
import { idOf, unreadableId } from "./read/ids.ts";
import { parseText } from "./read/json.ts";
import { JSON_TEXTS_MAX, parsedText, splitJsonTexts } from "./read/json-texts.ts";
import { isLoose } from "./read/loose.ts";
import type { Item } from "./sender.ts";
import { fromBase64 } from "./verify/bytes.ts";

/** An isolate has 128 MB, and the unpacked text is in it twice while it is parsed. */
const RECORD_BYTES_MAX = 4 * 1024 * 1024;
const UNPACKED_BYTES_MAX = 8 * 1024 * 1024;

/** Packed bytes pushed at a time: they unpack to 1 MiB at most, after which the sum is looked at. */
const SLICE_BYTES = 1024;

/** What one JSON text inside of a record tells, and what is known of it besides. */
export interface Told {
  readonly value: unknown;
  readonly type?: string;
  readonly idHint?: string;
  readonly occurredAtMs?: number;
}

type Broken = Extract<Item, { kind: "broken" }>;

/** What all records of one delivery may still come to. */
interface Budget {
  bytes: number;
  texts: number;
}

export const newBudget = (): Budget => ({ bytes: UNPACKED_BYTES_MAX, texts: JSON_TEXTS_MAX });

const FirehoseRecord = z.looseObject({ data: z.string() });

/**
 * What one record tells: several things, where its producer glued JSON texts together, or where
 * it is a batch of CloudWatch's log events. One that cannot be read stays alone.
 */
export function openRecord(record: unknown, budget: Budget): readonly Told[] | Broken {
  const data = FirehoseRecord.safeParse(record).data?.data;
  const bytes = data === undefined ? undefined : fromBase64(data);
  if (bytes === undefined) return broken(record, "base64", "Must be base64 in a member data");

  const plain = isPacked(bytes) ? unpack(bytes, budget) : bytes;
  if (typeof plain === "string") return broken(record, "gzip", plain);
  const text = parseText(plain);
  if (!text.ok) return broken(record, "utf8", "Must be UTF-8");

  const values = splitJsonTexts(text.value);
  if (!values.ok) return brokenBy(record, values.refusal);
  const told = values.value.flatMap(toldBy);
  if (told.length > budget.texts) return broken(record, "length", TOO_MANY);
  budget.texts -= told.length;
  return told;
}

const TOO_MANY = `A delivery must hold at most ${JSON_TEXTS_MAX} JSON texts`;

const broken = (record: unknown, rule: string, message: string): Broken =>
  brokenBy(record, [{ path: "", rule, message }]);

const brokenBy = (record: unknown, errors: readonly Violation[]): Broken => ({
  kind: "broken",
  id: unreadableId(record),
  code: "contract_violated",
  errors,
});

const isPacked = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/** Magic, method, flags, time and system, and behind the data a checksum and its length. */
const GZIP_BYTES_MIN = 18;

/** The bytes of a GZIP record, or what is wrong with it. */
function unpack(packed: Uint8Array, budget: Budget): Uint8Array | string {
  if (packed.length < GZIP_BYTES_MIN) return NOT_WHOLE;
  if (budget.bytes <= 0) return TOO_LONG;
  const bytesMax = Math.min(RECORD_BYTES_MAX, budget.bytes);
  const chunks: Uint8Array[] = [];
  let length = 0;
  let memberFrom = 0;
  let isWhole = true;
  // The library does not look whether all of it was there.
  const endMember = (offset: number) => {
    isWhole &&= lengthBefore(packed, offset) === length - memberFrom;
    memberFrom = length;
  };
  const gunzip = new Gunzip((chunk) => {
    chunks.push(chunk);
    length += chunk.length;
    // Also of what turns out broken: it has cost as much.
    budget.bytes -= chunk.length;
  });
  gunzip.onmember = endMember;
  try {
    for (let at = 0; at < packed.length; at += SLICE_BYTES) {
      const end = at + SLICE_BYTES;
      gunzip.push(packed.subarray(at, end), end >= packed.length);
      if (length > bytesMax) return TOO_LONG;
    }
  } catch {
    return NOT_WHOLE;
  }
  endMember(packed.length);
  if (!isWhole) return NOT_WHOLE;
  return joined(chunks, length);
}

const NOT_WHOLE = "Must be a whole GZIP";
const TOO_LONG = `Must unpack to ${RECORD_BYTES_MAX} bytes at most, all together to ${UNPACKED_BYTES_MAX}`;

/** What a member that ends at `offset` says it unpacks to: RFC 1952 §2.3.1 «ISIZE». */
const lengthBefore = ({ buffer, byteOffset }: Uint8Array, offset: number): number =>
  new DataView(buffer, byteOffset + offset - 4, 4).getUint32(0, true);

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** What CloudWatch Logs sends by a subscription:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html#FirehoseExample
 */
const LogBatch = z.looseObject({
  messageType: z.enum(["CONTROL_MESSAGE", "DATA_MESSAGE"]),
  owner: z.string(),
  logGroup: z.string(),
  logStream: z.string(),
  logEvents: z.array(z.unknown()),
});

const LogEvent = z.looseObject({
  id: z.string().min(1),
  timestamp: z.int().min(0),
  message: z.string(),
});

function toldBy(value: unknown): readonly Told[] {
  const isBatch = isLoose(value) && "logEvents" in value;
  const batch = isBatch ? LogBatch.safeParse(value).data : undefined;
  if (batch === undefined) {
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    return values.map((one) => ({ value: one }));
  }
  // CloudWatch tries whether the stream can be reached.
  if (batch.messageType === "CONTROL_MESSAGE") return [];
  const { owner, logGroup, logStream } = batch;
  return batch.logEvents.map((input) => {
    const event = LogEvent.safeParse(input).data;
    if (event === undefined) return { value: input, type: logGroup };
    const { id, timestamp, message } = event;
    const logged = parsedText(message);
    return {
      // A program's event that went by way of its log is read as if it had come itself.
      value: isLoose(logged) ? logged : { ...event, owner, logGroup, logStream },
      type: logGroup,
      idHint: idOf("cloudwatch", owner, logGroup, logStream, id),
      occurredAtMs: timestamp,
    };
  });
}
