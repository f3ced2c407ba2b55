import type { Message } from "./message.ts";

export type Jurisdiction = "eu" | "us";

/** Two queues, their dead letters, one D1 and one R2 bucket that belong together (DESIGN «Growth»). */
export interface Shard {
  readonly index: number;
  readonly events: Queue<Message>;
  /** What nobody waits for: healing, filling up, polling. It never delays what senders post. */
  readonly slow: Queue<Message>;
  readonly dead: Queue<Message>;
  readonly mirror: D1Database;
  readonly archive: R2Bucket;
}

/** Where the control tables are: who a tenant is, is asked before its shard is known. */
export const CONTROL_SHARD = 0;

/** What a shard takes in: `*` any tenant, `global` those without a jurisdiction. */
type Intake = "*" | "global" | Jurisdiction;

const INTAKES: ReadonlySet<string> = new Set(["*", "global", "eu", "us"]);

const isIntake = (text: string): text is Intake => INTAKES.has(text);

/** Reads `SHARDS`, a comma-separated list with one entry a shard. Throws on a word it does not know. */
export function parseIntakes(shards: string): readonly Intake[] {
  return shards.split(",").map((word) => {
    const intake = word.trim();
    if (!isIntake(intake)) throw new Error(`Cannot read SHARDS: "${intake}" is no jurisdiction`);
    return intake;
  });
}

/** The first shard that takes tenants of this jurisdiction, or nothing. */
export function shardFor(
  intakes: readonly Intake[],
  jurisdiction: Jurisdiction | undefined,
): number | undefined {
  const wanted = jurisdiction ?? "global";
  const index = intakes.findIndex((intake) => intake === "*" || intake === wanted);
  return index < 0 ? undefined : index;
}
