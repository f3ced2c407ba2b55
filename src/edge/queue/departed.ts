import type { Directory } from "../control/directory.ts";
import type { Log } from "../log.ts";
import type { Message as Sent } from "../message.ts";
import { tasksOf, type UnpackPorts } from "./unpack.ts";

export interface DepartedPorts extends UnpackPorts {
  readonly directory: Directory;
  /** Those of these tenants that are being purged, or were. */
  readonly departed: (tenants: readonly string[]) => Promise<ReadonlySet<string>>;
  readonly purgeObject: (tenant: string, subject: string) => Promise<void>;
  readonly countDropped: (tenant: string, messages: number) => Promise<void>;
  readonly log: Log;
}

/**
 * Drops what comes for tenants that have left, and answers with the rest. An earlier attempt may
 * have reached objects that no mirror knows of: those go as well, as long as the message can be read.
 */
export async function withoutDeparted(
  messages: readonly Message<Sent>[],
  ports: DepartedPorts,
): Promise<readonly Message<Sent>[]> {
  const gone = await departedIn(messages, ports);
  if (gone.size === 0) return messages;
  const late = messages.filter(({ body }) => gone.has(body.tenant));
  for (const [tenant, own] of Map.groupBy(late, ({ body }) => body.tenant)) {
    await drop(tenant, own, ports);
  }
  return messages.filter(({ body }) => !gone.has(body.tenant));
}

async function departedIn(
  messages: readonly Message<Sent>[],
  { directory, departed, log }: DepartedPorts,
): Promise<ReadonlySet<string>> {
  const names = [...new Set(messages.map(({ body }) => body.tenant))];
  try {
    const known = await Promise.all(names.map((name) => directory.tenant(name)));
    // As a rule everybody is there, and D1 is not asked.
    const doubtful = names.filter(
      (_, i) => known[i] === undefined || known[i].deleting === "purging",
    );
    return doubtful.length === 0 ? new Set() : await departed(doubtful);
  } catch (error) {
    // Whoever it is, its messages fail then, and come again.
    log("warn", "departed_not_known", { tenants: names, error });
    return new Set();
  }
}

async function drop(
  tenant: string,
  messages: readonly Message<Sent>[],
  ports: DepartedPorts,
): Promise<void> {
  try {
    for (const message of messages) {
      for (const subject of await reachedBy(message, ports)) {
        await ports.purgeObject(tenant, subject);
      }
    }
    await ports.countDropped(tenant, messages.length);
    for (const message of messages) message.ack();
    ports.log("info", "messages_dropped", { tenant, messages: messages.length });
  } catch (error) {
    ports.log("warn", "messages_not_dropped", { tenant, messages: messages.length, error });
    for (const message of messages) message.retry({ delaySeconds: 60 });
  }
}

async function reachedBy(
  { body, attempts }: Message<Sent>,
  ports: UnpackPorts,
): Promise<readonly string[]> {
  if (body.kind === "subject") return [body.subject];
  const isFirst = attempts === 1 && !("attempt" in body && (body.attempt ?? 0) > 0);
  if (isFirst) return [];
  try {
    const tasks = await tasksOf(body, "", ports);
    return tasks.flatMap(({ route }) =>
      route.kind === "subject" ? [route.arrival.event.key] : [],
    );
  } catch {
    // Its key is destroyed: nobody can read it any more.
    return [];
  }
}
