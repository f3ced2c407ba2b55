import { Overloaded } from "../overloaded.ts";

/** D1 could not say what it knows of a name: it failed, or was asked for too many others. */
export class NotLookedUp extends Overloaded {
  /** KV could not say either. Otherwise it knows nothing of the name: at best that is a minute old. */
  readonly isKvOut: boolean;

  constructor(cause: unknown, { isKvOut }: { readonly isKvOut: boolean }) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.isKvOut = isKvOut;
  }
}
