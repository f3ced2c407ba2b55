import type { Violation } from "../../core/contracts/event.ts";

/** What stands in a list a second time, each where it does. Says nothing of its text. */
export const repeatedIn = (path: string, entries: readonly string[] = []): readonly Violation[] =>
  entries.flatMap((entry, index) =>
    entries.indexOf(entry) === index
      ? []
      : [{ path: `${path}[${index}]`, rule: "unique", message: "Must not be named twice" }],
  );
