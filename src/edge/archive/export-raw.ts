import type { Tenant } from "../control/directory.ts";
import type { DeliveryMessage } from "../message.ts";
import { openDelivery } from "./open-delivery.ts";

/** Text of bodies in one part: a file can name a hundred claims of seven megabytes. */
const CHARS_MAX = 8_000_000;

interface Place {
  readonly prefix: string;
  readonly after?: string;
  /** Lines of the file after `after` that were copied already. */
  readonly line: number;
}

export interface RawPage {
  readonly lines: readonly object[];
  readonly next?: string;
}

/** A tenant's deliveries as they came, opened; some of one file at a time. */
export async function rawDeliveries(
  bucket: R2Bucket,
  tenant: Tenant,
  cursor: string | undefined,
): Promise<RawPage> {
  const prefixes = [`raw/tenant=${tenant.tenant}/`, `paused/${tenant.tenant}/`];
  const at: Place =
    cursor === undefined ? { prefix: prefixes[0] ?? "", line: 0 } : JSON.parse(cursor);
  const { objects } = await bucket.list({
    prefix: at.prefix,
    limit: 1,
    ...(at.after === undefined ? {} : { startAfter: at.after }),
  });
  const [file] = objects;
  if (file === undefined) {
    const following = prefixes.find(
      (prefix) => prefixes.indexOf(prefix) > prefixes.indexOf(at.prefix),
    );
    return following === undefined ? { lines: [] } : page([], { prefix: following, line: 0 });
  }
  const object = await bucket.get(file.key);
  const messages = ((await object?.text()) ?? "").split("\n").filter((line) => line !== "");
  const lines = await openSome(bucket, tenant, messages.slice(at.line));
  const line = at.line + lines.length;
  if (line < messages.length) return page(lines, { ...at, line });
  return page(lines, { prefix: at.prefix, after: file.key, line: 0 });
}

const page = (lines: readonly object[], next: Place): RawPage => ({
  lines,
  next: JSON.stringify(next),
});

async function openSome(
  bucket: R2Bucket,
  tenant: Tenant,
  messages: readonly string[],
): Promise<readonly object[]> {
  const lines: object[] = [];
  let chars = 0;
  for (const text of messages) {
    // Own text: see archive.ts and paused.ts.
    const message: DeliveryMessage = JSON.parse(text);
    const body = await bodyOf(bucket, tenant, message);
    const { source, sender, deliveryId, receivedAtMs, method, url, headers, eventIds } = message;
    lines.push({
      source,
      sender,
      deliveryId,
      receivedAtMs,
      method,
      url,
      headers,
      eventIds,
      ...body,
    });
    chars += JSON.stringify(body).length;
    if (chars > CHARS_MAX) break;
  }
  return lines;
}

/** What cannot be opened is named: the export goes on without it. */
async function bodyOf(bucket: R2Bucket, tenant: Tenant, message: DeliveryMessage): Promise<object> {
  if ("oversized" in message.body) return { not_copied: message.body };
  try {
    const { body } = await openDelivery(message, tenant, bucket);
    return { body_base64: Buffer.from(body).toString("base64") };
  } catch (error) {
    return { not_opened: error instanceof Error ? error.message : String(error) };
  }
}
