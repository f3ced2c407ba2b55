import type { Round } from "../../../pollers/cursor.ts";
import type { Ask } from "../../../pollers/poller.ts";
import type { PollSecrets } from "../../../pollers/secrets.ts";
import type { PollSettings, StreamSettings } from "../../../pollers/settings.ts";
import type { Version } from "../../../pollers/walk.ts";
import type { Log } from "../../log.ts";
import type { Sent } from "../../poll-client/send.ts";

export interface SourceName {
  readonly tenant: string;
  readonly source: string;
}

export interface StreamName extends SourceName {
  readonly stream: string;
}

/** A source whose options have streams to be polled. */
export interface Configured extends SourceName {
  readonly isPaused: boolean;
  readonly streams: readonly Pick<StreamSettings, "name" | "every" | "every_s">[];
}

/** A row of `polls`; JSON in `cursor` and `report`. */
export interface PollRow extends StreamName {
  readonly nextMs: number;
  readonly leaseMs: number;
  readonly cursor: string;
  readonly failures: number;
  readonly report: string;
}

export interface PollState {
  readonly nextMs: number;
  readonly cursor: object;
  readonly failures: number;
  readonly report: object;
}

/** A source as it is to be polled, its secrets opened. */
export interface Polled extends SourceName {
  readonly sender: string;
  readonly settings: PollSettings;
  readonly secrets: PollSecrets;
}

/** Records on their way to the queue, as one page of one stream. */
export interface Haul {
  readonly stream: StreamSettings;
  readonly versions: readonly Version[];
  readonly round: Pick<Round, "beganMs" | "day">;
}

/** What a parked event asks for. */
export interface Gap {
  readonly eventId: string;
  readonly table: string;
  /** Absent: the whole table. */
  readonly ids?: readonly string[];
  /** When it happened, by the product's clock. */
  readonly atMs: number;
  readonly rev?: string;
}

export interface PollPorts {
  /** Sources of the shard that are polled, paused ones too. */
  readonly sources: () => Promise<readonly Configured[]>;
  readonly rows: (tenants: readonly string[]) => Promise<readonly PollRow[]>;
  /** What has rows, polled or not any more. */
  readonly known: () => Promise<readonly StreamName[]>;
  readonly forget: (names: readonly StreamName[]) => Promise<void>;
  readonly open: (name: SourceName) => Promise<Polled | undefined>;
  readonly lease: (
    name: SourceName,
    lease: { readonly nowMs: number; readonly untilMs: number },
  ) => Promise<boolean>;
  /** False where the lease is held no more. */
  readonly save: (name: StreamName, state: PollState, leaseMs: number) => Promise<boolean>;
  readonly release: (name: SourceName, state: PollState, leaseMs: number) => Promise<void>;
  /** Seals what a row keeps of a credential, and opens it: nothing where it does not open. */
  readonly seal: (name: SourceName, text: string) => Promise<string>;
  readonly unseal: (name: SourceName, sealed: string) => Promise<string | undefined>;
  readonly send: (ask: Ask, credential: readonly [string, string] | undefined) => Promise<Sent>;
  /** Puts records on the slow queue, as deliveries of their source. Throws where it does not take them. */
  readonly deliver: (polled: Polled, haul: Haul) => Promise<void>;
  readonly awaiting: (tenants: readonly string[]) => Promise<readonly SourceName[]>;
  /** What waits to be looked up, and events of which nothing can be read any more. */
  readonly gaps: (
    polled: Polled,
    limit: number,
  ) => Promise<{ readonly gaps: readonly Gap[]; readonly unreadable: readonly string[] }>;
  readonly ended: (tenant: string, eventIds: readonly string[]) => Promise<void>;
  readonly unhydrated: (
    tenant: string,
    events: readonly { readonly eventId: string; readonly code: string; readonly reason: string }[],
  ) => Promise<void>;
  readonly wait: (ms: number) => Promise<void>;
  readonly nowMs: () => number;
  readonly log: Log;
}
