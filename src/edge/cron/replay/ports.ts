import type { Log } from "../../log.ts";
import type { DeliveryMessage, Message } from "../../message.ts";
import type { IndexPage, OpenReplay, ReplayAsked, ReplayCursor, ReplayName } from "../../replay.ts";

/** What replays of a shard are kept by. */
export interface RunPorts {
  /** Those that nobody is at, those first that nobody was at for the longest. */
  readonly open: (limit: number) => Promise<readonly OpenReplay[]>;
  /** Takes one until then; false where somebody else is at it. */
  readonly lease: (name: ReplayName, untilMs: number) => Promise<boolean>;
  /** Throws where another call has taken it over. A lease that is over by now gives it back. */
  readonly save: (
    name: ReplayName,
    kept: {
      readonly cursor: ReplayCursor;
      readonly report: object;
      readonly leaseMs: number;
    },
  ) => Promise<void>;
  readonly end: (
    name: ReplayName,
    end: {
      readonly state: "done" | "failed";
      readonly report: object;
      readonly nowMs: number;
    },
  ) => Promise<void>;
  /** Whether the tenant is there, and is not being deleted. */
  readonly isServed: (tenant: string) => Promise<boolean>;
}

/** What replays read. */
export interface FindPorts {
  readonly events: (
    of: { readonly tenant: string; readonly asked: ReplayAsked },
    after: string | undefined,
  ) => Promise<IndexPage>;
  /** Those of these events that the index has. */
  readonly known: (tenant: string, eventIds: readonly string[]) => Promise<ReadonlySet<string>>;
  /** Those that a person let go of, by the audit trail. */
  readonly discarded: (tenant: string, eventIds: readonly string[]) => Promise<ReadonlySet<string>>;
  /** What a retry of these events would send. */
  readonly heldMessages: (
    tenant: string,
    eventIds: readonly string[],
  ) => Promise<ReadonlyMap<string, DeliveryMessage>>;
  /** Names of the batches that were archived in a span. */
  readonly rawKeys: (
    span: { readonly tenant: string; readonly fromMs: number; readonly untilMs: number },
    page: { readonly after: string | undefined; readonly limit: number },
  ) => Promise<{ readonly keys: readonly string[]; readonly next?: string }>;
  /** The deliveries of one of them; undefined where it is gone. */
  readonly rawPart: (objectKey: string) => Promise<readonly DeliveryMessage[] | undefined>;
  readonly hasClaim: (claim: string) => Promise<boolean>;
  /** The sender that a source has now; undefined where it was deleted. */
  readonly senderOf: (tenant: string, source: string) => Promise<string | undefined>;
  /** Since when a source is read as it is now, UTC ms: 0 where nobody changed it for as long as is known. */
  readonly readSoFromMs: (tenant: string, source: string) => Promise<number>;
  readonly isSender: (name: string) => boolean;
  /** What the items of a delivery's reading are about, in their order. Throws where it cannot be opened. */
  readonly keysIn: (delivery: DeliveryMessage) => Promise<readonly (string | undefined)[]>;
}

export interface SendPorts {
  /** Puts messages on the slow queue, in their order. */
  readonly send: (messages: readonly Message[]) => Promise<void>;
  /** How many messages wait there. */
  readonly backlog: () => Promise<number>;
}

export interface ReplayPorts extends RunPorts, FindPorts, SendPorts {
  readonly nowMs: () => number;
  readonly log: Log;
}
