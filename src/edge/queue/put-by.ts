import type { Log } from "../log.ts";
import type { ArchivePart } from "../archive/archive.ts";
import type { ArchiveMessage, Message as Sent } from "../message.ts";
import type { Work } from "./work.ts";

export interface PutByPorts {
  readonly putArchive: (part: ArchivePart) => Promise<void>;
  readonly send: (message: Sent, delaySeconds: number) => Promise<void>;
  readonly log: Log;
}

/** R2's own retries are done by then. */
const LATE_SECONDS = 60;

/**
 * Puts the batch's deliveries by. R2's refusal delays nobody: the lines follow by the queue. Names
 * the tenants whose lines neither of them took.
 */
export async function putBy(
  parts: readonly ArchivePart[],
  ports: PutByPorts,
): Promise<ReadonlySet<string>> {
  const failed = new Set<string>();
  await Promise.all(
    parts.map(async (part) => {
      try {
        await ports.putArchive(part);
      } catch (error) {
        ports.log("warn", "archive_refused", { tenant: part.tenant, error });
        const sent = await sendLines(part, ports);
        if (!sent) failed.add(part.tenant);
      }
    }),
  );
  return failed;
}

async function sendLines(part: ArchivePart, ports: PutByPorts): Promise<boolean> {
  try {
    for (const [i, line] of part.lines.entries()) {
      // One object a line: several cannot be appended to one, and a message carries one at least.
      const objectKey = part.objectKey.replace(/\.ndjson$/, `-${i}.ndjson`);
      await ports.send(
        { kind: "archive", tenant: part.tenant, objectKey, lines: [line] },
        LATE_SECONDS,
      );
    }
    return true;
  } catch {
    return false;
  }
}

/** A line that R2 refused earlier. */
export async function putByLate(
  work: Work,
  body: ArchiveMessage,
  ports: PutByPorts,
): Promise<void> {
  try {
    await ports.putArchive(body);
  } catch (error) {
    work.failure = String(error);
  }
}
