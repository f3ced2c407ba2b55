import type { Component, Plan } from "#src/core/plans/plan.ts";
import type { Mode } from "./count.ts";
import type { PlainEvent } from "./event.ts";
import {
  coreStream,
  disputed,
  disputeClosed,
  enrolled,
  linked,
  paid,
  placed,
  ranked,
  refunded,
  statusChanged,
} from "./told.ts";

/** A line as DESIGN §14 has it, in minor units. */
export interface WorkedLine {
  readonly line_id: string;
  readonly distributor_id: string;
  readonly order_id: string | null;
  readonly component: string;
  readonly level: number | null;
  readonly depth: number | null;
  readonly rate_ppm: number | null;
  readonly amount_minor: number;
  readonly reversed_minor: number;
  readonly currency: string;
  readonly state: string;
}

/** A worked example of DOMAIN §5. Each ends the same in any order of its events. */
export interface Worked {
  readonly name: string;
  readonly mode: Mode;
  readonly plan: Plan;
  /** Each once, but for W5, which is about repeats. */
  readonly events: readonly PlainEvent[];
  readonly balances: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** By id. What the core superseded stands in `superseded`. */
  readonly lines: readonly WorkedLine[];
  readonly superseded?: readonly string[];
  /** Distributor → period → GV. */
  readonly gv_x100?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** `[order, component, level]` that nobody may take. */
  readonly breakage?: readonly (readonly [string, string, number])[];
}

const SOLD = { occurred_at: "2026-07-10T12:00:00.000Z" };

const basePlan: Plan = {
  plan_id: "main",
  version: 1,
  effective_from: "2026-01-01",
  currency: "USD",
  rounding: "half_even",
  holdback_days: 30,
  period: { unit: "month", tz: "UTC" },
  volume: { cv_to_money_ppm: 1_000_000 },
  eligibility: { statuses: ["active"], min_pv_x100: 0 },
  ranks: [{ code: "Member" }],
  components: [],
};

const rates = (percents: readonly number[]) => percents.map((percent) => percent * 10_000);

const line = (
  given: Pick<WorkedLine, "distributor_id" | "level" | "amount_minor"> & Partial<WorkedLine>,
): WorkedLine => {
  const { order_id = "O1", component = "level", level, distributor_id } = given;
  return {
    line_id: `${order_id}:${component}:${level}:${distributor_id}`,
    order_id,
    component,
    depth: level,
    rate_ppm: 50_000,
    reversed_minor: 0,
    currency: "USD",
    state: "pending",
    ...given,
  };
};

const W1_PLAN: Plan = {
  ...basePlan,
  ranks: ["Member", "Silver", "Gold", "Diamond"].map((code) => ({ code })),
  components: [
    {
      kind: "unilevel",
      code: "level",
      tree: "sponsor",
      max_level: 5,
      pool_ppm: 400_000,
      compression: "none",
      rates_ppm: {
        Member: rates([5]),
        Silver: rates([5, 5]),
        Gold: rates([5, 5, 5]),
        Diamond: rates([5, 5, 5, 5, 5]),
      },
    },
  ],
};

const W1_PEOPLE = [
  enrolled("TL"),
  enrolled("S", { sponsor_id: "TL" }),
  enrolled("A", { sponsor_id: "S" }),
  enrolled("B", { sponsor_id: "A" }),
  linked("C", "B"),
  ranked("TL", "Diamond"),
  ranked("S", "Gold"),
  ranked("A", "Silver"),
];

const W1_PAID = paid(
  "P1",
  {
    order_id: "O1",
    currency: "USD",
    net_minor: 25_000,
    tax_minor: 2000,
    shipping_minor: 500,
    amount_minor: 27_500,
    fee_minor: 828,
    cv_x100: 20_000,
    pv_x100: 20_000,
    source_node: "C",
    order_kind: "store",
  },
  SOLD,
);

const W1_CASH = {
  "cash:psp": 26_672,
  "exp:psp_fee": 828,
  "rev:product": -25_000,
  "rev:shipping": -500,
  "tax:sales": -2000,
};

const w1Lines = (amounts: Partial<WorkedLine> = {}) => [
  line({ distributor_id: "B", level: 1, amount_minor: 400, ...amounts }),
  line({ distributor_id: "A", level: 2, amount_minor: 400, ...amounts }),
  line({ distributor_id: "S", level: 3, amount_minor: 400, ...amounts }),
  line({ distributor_id: "TL", level: 4, amount_minor: 400, ...amounts }),
];

const W1: Worked = {
  name: "W1 sale",
  mode: "mirror",
  plan: W1_PLAN,
  events: [...W1_PEOPLE, W1_PAID],
  balances: {
    USD: {
      ...W1_CASH,
      "exp:commission": 1600,
      "dist:A:pending": -400,
      "dist:B:pending": -400,
      "dist:S:pending": -400,
      "dist:TL:pending": -400,
    },
  },
  lines: w1Lines(),
  gv_x100: Object.fromEntries(["C", "B", "A", "S", "TL"].map((id) => [id, { "2026-07": 20_000 }])),
};

/** The same sale, told thin by the processor and in full by the shop's order. */
const W1_THIN: Worked = {
  ...W1,
  name: "W1 sale, the payment without its parts",
  events: [
    ...W1_PEOPLE,
    placed(
      "O1",
      {
        buyer_kind: "customer",
        source_node: "C",
        order_kind: "store",
        currency: "USD",
        net_minor: 25_000,
        tax_minor: 2000,
        shipping_minor: 500,
        amount_minor: 27_500,
        cv_x100: 20_000,
        pv_x100: 20_000,
      },
      { occurred_at: "2026-07-10T11:00:00.000Z" },
    ),
    paid("P1", { order_id: "O1", currency: "USD", amount_minor: 27_500, fee_minor: 828 }, SOLD),
  ],
};

const W2_STREAM = coreStream(
  "B",
  [
    [
      "commission.posted",
      {
        line_id: "L1",
        order_id: "O1",
        component: "level",
        level: 1,
        currency: "USD",
        amount_minor: 400,
        period_id: "2026-07",
        run_id: "RUN-1",
      },
    ],
    ["commission.released", { line_id: "L1" }],
    [
      "adjustment.posted",
      {
        line_id: "ADJ1",
        currency: "USD",
        amount_minor: 12_100,
        reason_code: "promotion",
        effective_at: "2026-07-25",
        approved_by: "user:7",
      },
    ],
    [
      "payout.initiated",
      {
        payout_id: "PO1",
        currency: "USD",
        gross_minor: 12_500,
        net_minor: 12_350,
        fee_minor: 150,
        method: "ach",
      },
    ],
    ["payout.settled", { payout_id: "PO1" }],
  ],
  { occurred_at: "2026-07-25T12:00:00.000Z" },
);

const W2_LINE = line({
  line_id: "L1",
  distributor_id: "B",
  level: 1,
  depth: null,
  rate_ppm: null,
  amount_minor: 400,
  state: "available",
});

const W2: Worked = {
  ...W1,
  name: "W2 core confirms, releases, pays out",
  events: [...W1_PEOPLE, W1_PAID, ...W2_STREAM],
  balances: {
    USD: {
      ...W1_CASH,
      "exp:commission": 13_700,
      "cash:bank": -12_350,
      "rev:payout_fee": -150,
      "dist:A:pending": -400,
      "dist:S:pending": -400,
      "dist:TL:pending": -400,
    },
  },
  lines: [W2_LINE, ...w1Lines().slice(1)],
  superseded: ["O1:level:1:B"],
};

const W2_ALONE: Worked = {
  ...W2,
  name: "W2 without the payment",
  events: [...W1_PEOPLE, ...W2_STREAM],
  balances: {
    USD: { "exp:commission": 12_500, "cash:bank": -12_350, "rev:payout_fee": -150 },
  },
  lines: [W2_LINE],
  superseded: [],
  gv_x100: {},
};

const W3_REFUND = refunded(
  "R1",
  {
    payment_id: "P1",
    currency: "USD",
    net_minor: 10_000,
    tax_minor: 800,
    amount_minor: 10_800,
  },
  { occurred_at: "2026-07-20T12:00:00.000Z" },
);

const W4_REFUND = refunded(
  "R2",
  {
    payment_id: "P1",
    currency: "USD",
    net_minor: 15_000,
    tax_minor: 1200,
    shipping_minor: 500,
    amount_minor: 16_700,
  },
  { occurred_at: "2026-07-21T12:00:00.000Z" },
);

const W3: Worked = {
  ...W1,
  name: "W3 partial refund",
  events: [...W1.events, W3_REFUND],
  balances: {
    USD: {
      "cash:psp": 15_872,
      "exp:commission": 960,
      "exp:psp_fee": 828,
      "rev:product": -25_000,
      "rev:refund": 10_000,
      "rev:shipping": -500,
      "tax:sales": -1200,
      "dist:A:pending": -240,
      "dist:B:pending": -240,
      "dist:S:pending": -240,
      "dist:TL:pending": -240,
    },
  },
  lines: w1Lines({ reversed_minor: 160 }),
  gv_x100: Object.fromEntries(["C", "B", "A", "S", "TL"].map((id) => [id, { "2026-07": 12_000 }])),
};

const W4: Worked = {
  ...W1,
  name: "W4 the rest refunded",
  events: [...W1.events, W3_REFUND, W4_REFUND],
  balances: {
    USD: {
      "cash:psp": -828,
      "exp:psp_fee": 828,
      "rev:product": -25_000,
      "rev:refund": 25_000,
    },
  },
  lines: w1Lines({ reversed_minor: 400 }),
  gv_x100: {},
};

const W5: Worked = {
  ...W4,
  name: "W5 refunds before the payment, which comes twice",
  events: [...W1_PEOPLE, W4_REFUND, W3_REFUND, W1_PAID, W1_PAID],
};

const W6_RANKS = ["WA", "Manager", "Director", "Executive", "Elite", "Premier", "Silver"];
const W6_CHAIN: readonly (readonly [string, string])[] = [
  ["Co", "WA"],
  ["Ma", "Manager"],
  ["Di", "Director"],
  ["Ex", "Executive"],
  ["El", "Elite"],
  ["Pr", "Premier"],
  ["S1", "Silver"],
  ["S2", "Silver"],
];
const W6_RATES = rates([2, 3, 5, 5, 6, 6, 7]);

/** Amount per person in the order of the chain; null where there is no line. */
const w6 = (
  name: string,
  compression: "none" | "skip_inactive" | "pay_to_qualified",
  { exIs, amounts }: { exIs: "active" | "suspended"; amounts: readonly (number | null)[] },
): Worked => {
  const plan: Plan = {
    ...basePlan,
    ranks: W6_RANKS.map((code) => ({ code })),
    components: [
      {
        kind: "unilevel",
        code: "level",
        tree: "sponsor",
        max_level: 7,
        pool_ppm: 1_000_000,
        compression,
        rates_ppm: Object.fromEntries(W6_RANKS.map((code, i) => [code, W6_RATES.slice(0, i + 1)])),
      },
    ],
  };
  const people = W6_CHAIN.flatMap(([id, rank], i) => {
    const sponsor = W6_CHAIN[i + 1];
    return [
      enrolled(id, sponsor === undefined ? {} : { sponsor_id: sponsor[0] }),
      ranked(id, rank),
    ];
  });
  const paidLines = W6_CHAIN.flatMap(([distributor_id], i) => {
    const amount_minor = amounts[i] ?? null;
    return amount_minor === null ? [] : [{ distributor_id, amount_minor, depth: i + 1 }];
  });
  const isCounted = exIs === "active" || compression === "none";
  const lines = paidLines.map(({ depth, ...given }) => {
    const level = isCounted || depth < 4 ? depth : depth - 1;
    return line({ ...given, level, depth, rate_ppm: W6_RATES[level - 1] ?? 0 });
  });
  const total = lines.reduce((sum, { amount_minor }) => sum + amount_minor, 0);
  return {
    name: `W6 ${name}`,
    mode: "mirror",
    plan,
    events: [
      ...people,
      ...(exIs === "active"
        ? []
        : [statusChanged("Ex", { status: exIs, effective_at: "2026-06-01", rev: 1 })]),
      linked("buyer", "Co"),
      paid(
        "P1",
        {
          order_id: "O1",
          currency: "USD",
          net_minor: 10_000,
          amount_minor: 10_000,
          cv_x100: 10_000,
          pv_x100: 10_000,
          source_node: "buyer",
          order_kind: "store",
        },
        SOLD,
      ),
    ],
    balances: {
      USD: {
        "cash:psp": 10_000,
        "rev:product": -10_000,
        "exp:commission": total,
        ...Object.fromEntries(
          lines.map((each) => [`dist:${each.distributor_id}:pending`, -each.amount_minor]),
        ),
      },
    },
    lines,
    breakage: exIs === "suspended" && compression === "none" ? [["O1", "level", 4]] : [],
  };
};

const ALL_PAID = [200, 300, 500, 500, 600, 600, 700, null];
const EX_LEFT_OUT = [200, 300, 500, null, 500, 600, 600, 700];

const W8: Worked = {
  name: "W8 matrix",
  mode: "mirror",
  plan: {
    ...basePlan,
    components: [
      {
        kind: "matrix",
        code: "level",
        tree: "placement",
        width: 3,
        height: 3,
        max_level: 3,
        pool_ppm: 400_000,
        compression: "none",
        rates_ppm: { Member: rates([5, 5, 5]) },
      },
    ],
  },
  events: [
    enrolled("Root"),
    ...["A", "B", "C"].map((id) => enrolled(id, { sponsor_id: "Root" })),
    enrolled("D", { sponsor_id: "Root", placement_id: "A" }),
    paid(
      "P1",
      {
        order_id: "O1",
        currency: "USD",
        net_minor: 10_000,
        amount_minor: 10_000,
        cv_x100: 10_000,
        pv_x100: 10_000,
        source_node: "D",
        order_kind: "store",
      },
      SOLD,
    ),
  ],
  balances: {
    USD: {
      "cash:psp": 10_000,
      "rev:product": -10_000,
      "exp:commission": 400,
      "dist:A:pending": -200,
      "dist:Root:pending": -200,
    },
  },
  lines: [
    line({ distributor_id: "A", level: 1, amount_minor: 200 }),
    line({ distributor_id: "Root", level: 2, amount_minor: 200 }),
  ],
};

const W9_COMPONENTS: readonly Component[] = [
  {
    kind: "unilevel",
    code: "group",
    tree: "sponsor",
    max_level: 5,
    pool_ppm: 400_000,
    compression: "none",
    rates_ppm: {
      Member: rates([5, 5, 5, 5, 5]),
      Leader: rates([5, 5, 5, 5, 5]),
      Senior: rates([5, 5, 5, 5, 5]),
    },
    boundary_rank: "Leader",
  },
  {
    kind: "generation",
    code: "override",
    tree: "sponsor",
    pool_ppm: 400_000,
    boundary_rank: "Leader",
    max_generation: 1,
    rates_ppm: { Leader: rates([5]), Senior: rates([7]) },
    differential: true,
  },
];

const w9Sale = (payment_id: string, order_id: string, source_node: string, points: number) =>
  paid(
    payment_id,
    {
      order_id,
      currency: "USD",
      net_minor: points,
      amount_minor: points,
      cv_x100: points,
      pv_x100: points,
      source_node,
      order_kind: "store",
    },
    SOLD,
  );

const w9Line = (
  given: Pick<WorkedLine, "distributor_id" | "level" | "amount_minor" | "order_id">,
) => line({ component: "group", ...given });

const W9: Worked = {
  name: "W9 breakaway",
  mode: "mirror",
  plan: {
    ...basePlan,
    ranks: ["Member", "Leader", "Senior"].map((code) => ({ code })),
    components: W9_COMPONENTS,
  },
  events: [
    enrolled("Dan"),
    enrolled("Pat", { sponsor_id: "Dan" }),
    enrolled("Gina", { sponsor_id: "Pat" }),
    enrolled("Sam", { sponsor_id: "Gina" }),
    enrolled("Mike", { sponsor_id: "Sam" }),
    enrolled("Carol", { sponsor_id: "Mike" }),
    enrolled("Beth", { sponsor_id: "Gina" }),
    ranked("Gina", "Leader"),
    ranked("Pat", "Senior"),
    ranked("Dan", "Senior"),
    w9Sale("P1", "O1", "Carol", 30_000),
    w9Sale("P2", "O2", "Beth", 20_000),
  ],
  balances: {
    USD: {
      "cash:psp": 50_000,
      "rev:product": -50_000,
      "exp:commission": 2600,
      "dist:Mike:pending": -600,
      "dist:Sam:pending": -600,
      "dist:Gina:pending": -1000,
      "dist:Pat:pending": -400,
    },
  },
  lines: [
    w9Line({ order_id: "O1", distributor_id: "Mike", level: 1, amount_minor: 600 }),
    w9Line({ order_id: "O1", distributor_id: "Sam", level: 2, amount_minor: 600 }),
    w9Line({ order_id: "O1", distributor_id: "Gina", level: 3, amount_minor: 600 }),
    w9Line({ order_id: "O2", distributor_id: "Gina", level: 1, amount_minor: 400 }),
    line({
      order_id: "O1",
      component: "override",
      distributor_id: "Pat",
      level: 1,
      depth: 4,
      rate_ppm: 20_000,
      amount_minor: 240,
    }),
    line({
      order_id: "O2",
      component: "override",
      distributor_id: "Pat",
      level: 1,
      depth: 2,
      rate_ppm: 20_000,
      amount_minor: 160,
    }),
  ],
};

const W10_PLAN: Plan = {
  ...basePlan,
  holdback_days: 0,
  components: [
    {
      kind: "unilevel",
      code: "level",
      tree: "sponsor",
      max_level: 1,
      pool_ppm: 1_000_000,
      compression: "none",
      rates_ppm: { Member: rates([10]) },
    },
  ],
};

const w10Sale = (nth: number, net_minor: number, occurred_at: string) =>
  paid(
    `P${nth}`,
    {
      order_id: `O${nth}`,
      currency: "USD",
      net_minor,
      amount_minor: net_minor,
      cv_x100: net_minor,
      pv_x100: net_minor,
      source_node: "C",
      order_kind: "store",
    },
    { occurred_at },
  );

const W10_EVENTS = [
  enrolled("X"),
  linked("C", "X"),
  w10Sale(1, 50_000, "2026-07-05T12:00:00.000Z"),
  ...coreStream(
    "X",
    [
      [
        "payout.initiated",
        {
          payout_id: "PO1",
          currency: "USD",
          gross_minor: 5000,
          net_minor: 5000,
          method: "ach",
        },
      ],
      ["payout.settled", { payout_id: "PO1" }],
    ],
    { occurred_at: "2026-07-28T12:00:00.000Z" },
  ),
  refunded(
    "R1",
    { payment_id: "P1", currency: "USD", net_minor: 50_000, amount_minor: 50_000 },
    { occurred_at: "2026-08-10T12:00:00.000Z" },
  ),
];

const W10_LINE = line({
  distributor_id: "X",
  level: 1,
  rate_ppm: 100_000,
  amount_minor: 5000,
  reversed_minor: 5000,
  state: "available",
});

const W10_REFUND: Worked = {
  name: "W10 clawback after payout, the refund",
  mode: "gateway_final",
  plan: W10_PLAN,
  events: W10_EVENTS,
  balances: {
    USD: {
      "cash:bank": -5000,
      "rev:product": -50_000,
      "rev:refund": 50_000,
      "dist:X:available": 5000,
    },
  },
  lines: [W10_LINE],
  gv_x100: {
    C: { "2026-07": 50_000, "2026-08": -50_000 },
    X: { "2026-07": 50_000, "2026-08": -50_000 },
  },
};

const W10: Worked = {
  ...W10_REFUND,
  name: "W10 clawback after payout, and the next line",
  events: [...W10_EVENTS, w10Sale(2, 80_000, "2026-08-20T12:00:00.000Z")],
  balances: {
    USD: {
      "cash:bank": -5000,
      "cash:psp": 80_000,
      "exp:commission": 8000,
      "rev:product": -130_000,
      "rev:refund": 50_000,
      "dist:X:available": -3000,
    },
  },
  lines: [
    W10_LINE,
    line({
      order_id: "O2",
      distributor_id: "X",
      level: 1,
      rate_ppm: 100_000,
      amount_minor: 8000,
      state: "available",
    }),
  ],
  gv_x100: {
    C: { "2026-07": 50_000, "2026-08": 30_000 },
    X: { "2026-07": 50_000, "2026-08": 30_000 },
  },
};

const W11_COMPONENT: Component = {
  kind: "unilevel",
  code: "level",
  tree: "sponsor",
  max_level: 1,
  pool_ppm: 1_000_000,
  compression: "none",
  rates_ppm: { Member: rates([5]) },
};

const W11_EVENTS = [
  enrolled("U"),
  linked("C", "U"),
  paid(
    "P1",
    {
      order_id: "O1",
      currency: "USD",
      net_minor: 10_000,
      tax_minor: 825,
      amount_minor: 10_825,
      fee_minor: 344,
      cv_x100: 8000,
      pv_x100: 8000,
      source_node: "C",
      order_kind: "store",
    },
    SOLD,
  ),
];

const W11: Worked = {
  name: "W11 two currencies",
  mode: "gateway_final",
  plan: {
    ...basePlan,
    currency: "EUR",
    volume: { cv_to_money_ppm: 920_000 },
    components: [W11_COMPONENT],
  },
  events: W11_EVENTS,
  balances: {
    EUR: { "exp:commission": 368, "dist:U:held": -368 },
    USD: {
      "cash:psp": 10_481,
      "exp:psp_fee": 344,
      "rev:product": -10_000,
      "tax:sales": -825,
    },
  },
  lines: [
    line({ distributor_id: "U", level: 1, amount_minor: 368, currency: "EUR", state: "held" }),
  ],
};

const W12: Worked = {
  name: "W12 dispute lost",
  mode: "gateway_final",
  plan: { ...basePlan, holdback_days: 0, components: [W11_COMPONENT] },
  events: [
    ...W11_EVENTS,
    disputed(
      "D1",
      {
        payment_id: "P1",
        currency: "USD",
        net_minor: 10_000,
        tax_minor: 825,
        amount_minor: 10_825,
        fee_minor: 1500,
      },
      { occurred_at: "2026-07-20T12:00:00.000Z" },
    ),
    disputeClosed(
      "D1",
      { payment_id: "P1", outcome: "lost", currency: "USD", fee_refunded_minor: 0 },
      { occurred_at: "2026-07-30T12:00:00.000Z" },
    ),
  ],
  balances: {
    USD: {
      "cash:psp": -1844,
      "exp:psp_fee": 344,
      "exp:chargeback_fee": 1500,
      "rev:product": -10_000,
      "rev:refund": 10_000,
    },
  },
  lines: [
    line({
      distributor_id: "U",
      level: 1,
      amount_minor: 400,
      reversed_minor: 400,
      state: "available",
    }),
  ],
};

/** DOMAIN §5 without W7, which pays at the period's end, and W13, which has no numbers. */
export const WORKED: readonly Worked[] = [
  W1,
  W1_THIN,
  W2,
  W2_ALONE,
  W3,
  W4,
  W5,
  w6("all active", "none", { exIs: "active", amounts: ALL_PAID }),
  w6("Ex inactive, pay_to_qualified", "pay_to_qualified", {
    exIs: "suspended",
    amounts: EX_LEFT_OUT,
  }),
  w6("Ex inactive, skip_inactive", "skip_inactive", { exIs: "suspended", amounts: EX_LEFT_OUT }),
  w6("Ex inactive, none", "none", {
    exIs: "suspended",
    amounts: [200, 300, 500, null, 600, 600, 700, null],
  }),
  W8,
  W9,
  W10_REFUND,
  W10,
  W11,
  W12,
];
