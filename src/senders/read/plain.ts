import type { Item, ReadingContext } from "../sender.ts";
import { readTelling, type Telling } from "./facts.ts";

/**
 * The item of a record that nobody but the source's own rules can read. Its moment may be that of
 * its arrival, which a retry changes, or that of a whole transaction: neither orders anything.
 */
export const readPlain = (
  telling: Omit<Telling, "fact" | "isUntimed">,
  context: ReadingContext,
): Item => {
  const fact = `No rule for "${telling.type}": say in options.rules what it is`;
  return readTelling({ ...telling, isUntimed: true, fact }, context);
};
