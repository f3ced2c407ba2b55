import type { Count } from "./count.ts";
import { divide, periodOf } from "./plan.ts";
import type { Sale } from "./sales.ts";

export interface Volume {
  readonly pv_x100: bigint;
  readonly cv_x100: bigint;
  /** Own PV and that of everybody below. */
  readonly gv_x100: bigint;
}

/** Distributor or customer → period → volume, without zeros. */
export type Volumes = Record<string, Record<string, Volume>>;

/** Points of every sale, less those of what went back (DOMAIN §3.2). */
export function countVolumes({ company }: Count, sales: readonly Sale[]): Volumes {
  const volumes: Volumes = {};
  for (const sale of sales) {
    if (sale.plan === undefined || sale.isWithoutVolume) continue;
    const upline = company.upline("sponsor", sale.sourceNode, sale.atMs) ?? [];
    for (const { periodId, pv, cv } of stepsOf(sale, sale.plan)) {
      add(volumes, [sale.sourceNode, periodId], { pv_x100: pv, cv_x100: cv, gv_x100: pv });
      for (const node of upline) {
        add(volumes, [node, periodId], { pv_x100: 0n, cv_x100: 0n, gv_x100: pv });
      }
    }
  }
  return withoutZeros(volumes);
}

interface Step {
  readonly periodId: string;
  readonly pv: bigint;
  readonly cv: bigint;
}

function stepsOf(sale: Sale, plan: NonNullable<Sale["plan"]>): Step[] {
  const soldIn = periodOf(sale.atMs, plan);
  const pv = BigInt(sale.pvX100);
  const cv = BigInt(sale.cvX100);
  const steps: Step[] = [{ periodId: soldIn, pv, cv }];
  const changes = sale.returns
    .flatMap(({ id, atMs, parts, undone }) => [
      { id, atMs, net: parts.net },
      ...(undone === undefined ? [] : [{ id, atMs: undone.atMs, net: -parts.net }]),
    ])
    .toSorted((a, b) => a.atMs - b.atMs || (a.id < b.id ? -1 : 1));
  const target = (points: bigint, gone: bigint) =>
    gone === 0n ? 0n : divide(points * gone, sale.parts.net, plan.rounding);
  let gone = 0n;
  for (const { atMs, net } of changes) {
    const before = gone;
    gone += net;
    steps.push({
      periodId: plan.volume.refund_volume === "original" ? soldIn : periodOf(atMs, plan),
      pv: target(pv, before) - target(pv, gone),
      cv: target(cv, before) - target(cv, gone),
    });
  }
  return steps;
}

function add(volumes: Volumes, [node, periodId]: readonly [string, string], volume: Volume): void {
  const periods = (volumes[node] ??= {});
  const before = periods[periodId] ?? { pv_x100: 0n, cv_x100: 0n, gv_x100: 0n };
  periods[periodId] = {
    pv_x100: before.pv_x100 + volume.pv_x100,
    cv_x100: before.cv_x100 + volume.cv_x100,
    gv_x100: before.gv_x100 + volume.gv_x100,
  };
}

function withoutZeros(volumes: Volumes): Volumes {
  const left = Object.entries(volumes).map(([node, periods]) => {
    const told = Object.entries(periods).filter(([, volume]) =>
      [volume.pv_x100, volume.cv_x100, volume.gv_x100].some((points) => points !== 0n),
    );
    return [node, Object.fromEntries(told)] as const;
  });
  return Object.fromEntries(left.filter(([, periods]) => Object.keys(periods).length > 0));
}
