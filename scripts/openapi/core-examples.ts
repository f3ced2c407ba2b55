/** One line, as the answers of the document's examples show it. */
const LINE = {
  line_id: "L-7001",
  distributor_id: "42",
  order_id: "O-9001",
  component: "unilevel",
  level: 1,
  paid_level: 1,
  cv_x100: 20_000,
  rate_ppm: 50_000,
  currency: "USD",
  amount_minor: 400,
  reversals: [{ line_id: "L-7090", amount_minor: 160 }],
  status: "held",
  period_id: "2026-11",
  run_id: "run-2026-11",
  effective_at: "2026-11-19T13:04:05.000Z",
  available_at: "2026-12-03T13:04:05.000Z",
  updated_at: "2026-11-20T08:00:00.000Z",
};

const HEAD = { as_of_seq: "80412", epoch: 0 };

/** What the document shows of each answer; its digests are those of docs/core.md. */
export const CORE_EXAMPLES = {
  digests: {
    ...HEAD,
    level: "hour",
    buckets: [
      ["2026-11-19T13/51", 2, "bd5599a02bb14101a8942aa86809f263"],
      ["2026-11-19T14/51", 1, "24d87518d3f55414e7502ecd9113e4e8"],
    ],
  },
  balances: {
    ...HEAD,
    items: [
      { distributor_id: "42", balances: { held: { USD: "240" }, available: { USD: "-150" } } },
    ],
    next_cursor: "NDI",
  },
  lines: { ...HEAD, items: [LINE], next_cursor: null },
  events: {
    ...HEAD,
    items: [
      {
        id: "core-118",
        type: "commission.reversed",
        version: 1,
        occurred_at: "2026-11-20T08:00:00.000Z",
        key: "dist:42",
        seq: 7,
        data: {
          line_id: "L-7090",
          reverses_line_id: "L-7001",
          currency: "USD",
          amount_minor: 160,
        },
      },
    ],
  },
  problem: {
    type: "about:blank",
    title: "A parameter is invalid",
    status: 400,
    errors: [{ path: "from", rule: "aligned", message: "Must be the start of a day" }],
  },
};
