/** A plan body as a company sends it: one unilevel component, what else it needs, and `more`. */
export const planBody = (more: object = {}) => ({
  effective_from: "2026-01-01T00:00:00.000Z",
  currency: "USD",
  rounding: "half_even",
  holdback_days: 14,
  period: { unit: "month", tz: "UTC" },
  volume: { cv_to_money_ppm: 1_000_000 },
  eligibility: { statuses: ["active"], min_pv_x100: 0 },
  ranks: [{ code: "Member" }],
  components: [level()],
  ...more,
});

/** A unilevel component that pays 5 % of the CV on one level. */
export const level = (more: object = {}) => ({
  kind: "unilevel",
  code: "unilevel",
  tree: "sponsor",
  max_level: 1,
  pool_ppm: 1_000_000,
  rates_ppm: { Member: [50_000] },
  compression: "none",
  ...more,
});

const rates = (ppm: readonly number[], depths: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(depths).map(([rank, depth]) => [rank, ppm.slice(0, depth)]));

const ranked = (depths: Readonly<Record<string, number>>) =>
  Object.keys(depths).map((code) => ({ code }));

const W1_DEPTHS = { Member: 1, Silver: 2, Gold: 3, Diamond: 5 };

/** W1 (DOMAIN «Worked examples»): a pool of 40 %, 5 % a level, so many levels by rank. */
export const w1Plan = (more: object = {}) =>
  planBody({
    ranks: ranked(W1_DEPTHS),
    components: [
      level({
        max_level: 5,
        pool_ppm: 400_000,
        rates_ppm: rates([50_000, 50_000, 50_000, 50_000, 50_000], W1_DEPTHS),
      }),
    ],
    ...more,
  });

const W6_DEPTHS = { WA: 1, Ma: 2, Di: 3, Ex: 4, El: 5, Pr: 6, Silver: 7 };
const W6_PPM = [20_000, 30_000, 50_000, 50_000, 60_000, 60_000, 70_000];

/** W6: seven levels, one more by rank. */
export const w6Plan = (compression: string) =>
  planBody({
    ranks: ranked(W6_DEPTHS),
    components: [level({ max_level: 7, rates_ppm: rates(W6_PPM, W6_DEPTHS), compression })],
  });

/** The upline of W6, nearest first. */
export const w6Upline = (statusOfEx: string) =>
  ["Co", "Ma", "Di", "Ex", "El", "Pr", "S1", "S2"].map((id) => ({
    id,
    rank: { Co: "WA", S1: "Silver", S2: "Silver" }[id] ?? id,
    status: id === "Ex" ? statusOfEx : "active",
  }));

/** W8: a matrix 3×3, 5 % of a pool of 40 %. */
export const w8Plan = () =>
  planBody({
    components: [
      level({
        kind: "matrix",
        code: "matrix",
        tree: "placement",
        width: 3,
        height: 3,
        max_level: 3,
        pool_ppm: 400_000,
        rates_ppm: { Member: [50_000, 50_000, 50_000] },
      }),
    ],
  });
