import { debtsOf, overdrawn } from "../../core/distributor/overdrawn.ts";
import type { Surroundings } from "../../core/subject/surroundings.ts";
import type { Log } from "../log.ts";
import type { MirrorTail } from "../mirror.ts";

export interface DebtPorts {
  readonly surroundings: (
    tenants: readonly string[],
  ) => Promise<ReadonlyMap<string, Omit<Surroundings, "lineages">>>;
  /** Opens a break, or brings an open one up to date. */
  readonly openBreak: (found: {
    readonly tenant: string;
    readonly breakId: string;
    readonly class: string;
    readonly subject: string;
    readonly reference: string;
    readonly detail: string;
    readonly foundMs: number;
  }) => Promise<void>;
  readonly nowMs: () => number;
  readonly log: Log;
}

/** Tells somebody of distributors who owe more than the plan lets stand. */
export async function reportDebts(tails: readonly MirrorTail[], ports: DebtPorts): Promise<void> {
  const owing = tails.flatMap(({ tenant, subject, view }) => {
    if (!subject.startsWith("dist:")) return [];
    const distributorId = subject.slice("dist:".length);
    const debts = debtsOf(view?.view, distributorId);
    return debts.size === 0 ? [] : [{ tenant, subject, distributorId, debts }];
  });
  if (owing.length === 0) return;
  try {
    const around = await ports.surroundings([...new Set(owing.map(({ tenant }) => tenant))]);
    const foundMs = ports.nowMs();
    for (const { tenant, subject, distributorId, debts } of owing) {
      for (const debt of overdrawn(debts, around.get(tenant)?.plans ?? [], foundMs)) {
        const { currency, owed_minor, limit_minor } = debt;
        const detail = `Owes ${owed_minor} ${currency}, the limit is ${limit_minor}`;
        ports.log("error", "negative_balance", { alert: true, tenant, subject, currency });
        await ports.openBreak({
          tenant,
          breakId: `NEGATIVE_BALANCE:${distributorId}:${currency}`,
          class: "NEGATIVE_BALANCE",
          subject,
          reference: distributorId,
          detail,
          foundMs,
        });
      }
    }
  } catch (error) {
    const tenants = [...new Set(owing.map(({ tenant }) => tenant))];
    ports.log("warn", "debts_not_reported", { tenants, error });
  }
}
