import type { BreakAct } from "../../core/reconciliation/resolve.ts";
import type { Tenant } from "../control/directory.ts";
import type { BreakFound, Unfrozen } from "../reading.ts";
import type { LogChecked } from "../subject.ts";
import { problem } from "./problem.ts";
import type { ApiContext } from "./route.ts";

export interface ChainPorts {
  /** Has an object compute its log again up to a position, from the beginning to the end. */
  readonly checkLog: (
    tenant: Tenant,
    subject: string,
    upTo: number,
  ) => Promise<Exclude<LogChecked, { readonly kind: "more" }>>;
}

/** How the object of a break stands, as far as an act is about that. */
export type ChainJudged =
  /** It takes events, or the break is none of its log. */
  | { readonly kind: "free" | "frozen" }
  /** Its log holds: it takes events again where the act is done. */
  | { readonly kind: "holds"; readonly unfreezes: Unfrozen }
  | { readonly kind: "refused"; readonly response: Response };

/**
 * Has the object of a CHAIN that is to be resolved compute its log again: it goes on where that
 * holds, and is what was mirrored of it; resolving says no less. Only an admin has it go on.
 */
export async function judgeChain(
  ports: ChainPorts,
  c: ApiContext,
  { action, found }: { readonly action: BreakAct; readonly found: BreakFound },
): Promise<ChainJudged> {
  const { row, frozen } = found;
  if (row.class !== "CHAIN" || frozen === undefined) return { kind: "free" };
  if (action !== "resolve" || row.resolvedMs !== null) return { kind: "frozen" };
  if (c.get("caller").role !== "admin") {
    const detail = "Only the role admin has a frozen object go on";
    return { kind: "refused", response: problem("forbidden", { detail }) };
  }
  const unfreezes = { subject: row.subject, ...frozen };
  const fault = await faultOf(ports, c.get("tenant"), unfreezes);
  if (fault === undefined) return { kind: "holds", unfreezes };
  const detail = `Its object stays frozen. ${fault}: restore its log first, or accept the break and leave it frozen`;
  return { kind: "refused", response: problem("conflict", { detail }) };
}

/** Why a log does not hold; nothing where it does, and is what was mirrored of it. */
async function faultOf(
  { checkLog }: ChainPorts,
  tenant: Tenant,
  { subject, position, head }: Unfrozen,
): Promise<string | undefined> {
  const checked = await checkLog(tenant, subject, position);
  switch (checked.kind) {
    case "broken":
      return `Row ${checked.position} of its log is not what its chain says`;
    case "short":
      return `Its log ends at ${checked.position}, and ${position} rows of it were mirrored`;
    case "whole":
      return checked.sums.head === head
        ? undefined
        : `At ${position} its log has another hash than the mirror`;
  }
}
