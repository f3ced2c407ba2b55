import type { Settlement } from "../../core/subject/settle.ts";
import type { Arrival } from "../../core/subject/state.ts";
import type { Want } from "../../core/subject/surroundings.ts";
import type { Move } from "../../core/subject/move.ts";
import type { LooseEvent } from "../mirror.ts";
import type { KeptWant, ObjectKind } from "../subject.ts";
import type { DeliveryMessage, Message as Sent } from "../message.ts";

/** One event on its way through a batch. */
export interface Task {
  readonly eventId: string;
  /** Its place in the delivery's reading. */
  readonly index: number;
  /** The delivery that brought it; absent for what was refused at the edge. */
  readonly origin?: DeliveryMessage;
  route:
    | { readonly kind: "subject"; readonly object: ObjectKind; readonly arrival: Arrival }
    | { readonly kind: "loose"; readonly event: LooseEvent };
  /** Not the first try: parts of it may have been done before. */
  isRepeated?: boolean;
  settlement?: Exclude<Settlement, { kind: "wants" }>;
  /** Why this event has to be tried again. */
  failure?: string;
}

/** One queue message and what has become of it. */
export interface Work {
  readonly message: Message<Sent>;
  readonly tasks: Task[];
  /** Why the message as a whole has to be tried again. */
  failure?: string;
}

/** A subject, and everything that a batch brings it. */
export interface SubjectWork {
  readonly tenant: string;
  readonly subject: string;
  readonly object: ObjectKind;
  readonly tasks: Task[];
  /** Messages that ask for nothing but the subject's tail. */
  readonly calls: Work[];
  /** What other objects tell it. */
  readonly moves: Move[];
  /** What it has to be told of the world before these can be decided. */
  wants: readonly KeptWant[];
  /** What was looked up for it. */
  readonly looked: Want[];
  /** Why it could not be settled. */
  failure?: string;
  /** Where its log ended when it was read: mirrored that far, nothing is behind. */
  upTo?: number;
}
