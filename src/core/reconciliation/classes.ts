import { formatInstant } from "../contracts/instant.ts";
import type { BreakClass } from "./break-id.ts";
import { reversedOf } from "./core-line.ts";
import type { Difference, LocalLine } from "./differ.ts";

/** The classes of breaks that a difference is; of two currencies amounts are not compared. */
export function classesOf(difference: Difference): readonly BreakClass[] {
  if (difference.kind === "missing") return ["MISSING_LOCAL"];
  if (difference.kind === "extra") return ["EXTRA_LOCAL"];
  const { core, local, members } = difference;
  const isComparable = members.includes("left") && !members.includes("currency");
  const isReversed = isComparable && reversedOf(core) !== local.reversed_minor;
  const applies = {
    CURRENCY: members.includes("currency"),
    AMOUNT: isComparable && core.amount_minor !== local.amount_minor,
    STATUS: isReversed || members.includes("status"),
    TIMING: members.includes("effective"),
  };
  return OTHER_CLASSES.filter((kind) => applies[kind]);
}

const OTHER_CLASSES = ["CURRENCY", "AMOUNT", "STATUS", "TIMING"] as const;

/** What both sides have, by amounts and dates alone. */
export function detailOf({ core, local }: Difference): string {
  const theirs = core === null ? "nothing" : sideText(core, reversedOf(core), core.status);
  const ours = local === null ? "nothing" : sideText(local, local.reversed_minor, local.state);
  return `The core has ${theirs}; the mirror ${ours}`;
}

const sideText = (
  line: Pick<LocalLine, "amount_minor" | "currency" | "effective_ms">,
  reversed: number,
  status: string,
): string =>
  `${line.amount_minor} ${line.currency}, reversed ${reversed}, ${status}, of ${formatInstant(line.effective_ms)}`;
