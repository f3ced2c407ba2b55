import type { PollSettings, StreamSettings } from "./settings.ts";
import type { Version } from "./walk.ts";

/** What one delivery holds: a body that a message of the queue has room for. */
const ITEMS_MAX = 100;
const BYTES_MAX = 80_000;

/** How records are read: as rows of tables, or as what a product tells. */
export type Reading = "rows" | "facts";

export const readingOf = (sender: string): Reading =>
  sender === "salesforce-cdc" ? "rows" : "facts";

/** Whose records they are; read again by `src/senders/polled.ts`. */
interface Head {
  readonly kind: string;
  readonly as: Reading;
  readonly account?: string;
  readonly stream: string;
  readonly object: string;
  readonly day?: string;
}

/** What a stream's records are called in ids and rules. */
export const objectNameOf = (stream: StreamSettings): string =>
  "object" in stream ? stream.object : stream.name;

/**
 * Records laid into bodies of deliveries, in their order. The same records in the same round give
 * the same bytes.
 */
export function bodiesOf(
  { kind, account }: PollSettings,
  stream: StreamSettings,
  {
    versions,
    sender,
    day,
  }: { versions: readonly Version[]; sender: string; day?: string | undefined },
): readonly string[] {
  const head: Head = {
    kind,
    as: readingOf(sender),
    ...(account === undefined ? {} : { account }),
    stream: stream.name,
    object: objectNameOf(stream),
    ...(day === undefined ? {} : { day }),
  };
  const groups: string[][] = [];
  let bytes = Infinity;
  const utf8 = new TextEncoder();
  for (const version of versions) {
    const text = JSON.stringify(itemOf(version));
    const size = utf8.encode(text).length + 1;
    const group = groups.at(-1);
    if (group === undefined || group.length === ITEMS_MAX || bytes + size > BYTES_MAX) {
      groups.push([text]);
      bytes = size;
    } else {
      group.push(text);
      bytes += size;
    }
  }
  return groups.map((items) => `{"polled":${JSON.stringify(head)},"items":[${items.join(",")}]}`);
}

const itemOf = ({ id, version, seenMs, rev, isDeleted, record }: Version) => ({
  id,
  version,
  at_ms: seenMs,
  ...(rev === undefined ? {} : { rev }),
  ...(isDeleted === true ? { deleted: true } : {}),
  record,
});
