import { env } from "cloudflare:workers";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createApi } from "#src/compose/api.ts";
import { readPorts } from "#src/compose/reads.ts";
import { exponentOf } from "#src/core/money.ts";
import { readRoutes } from "#src/edge/http/reads.ts";
import { pick } from "../../support/histories/pick.ts";
import { runs } from "../../support/runs.ts";
import { ORIGIN } from "../support/company.ts";
import { type Line, layLine } from "../support/line.ts";
import { level, planBody } from "../support/plans.ts";

const CURRENCIES = ["JPY", "KWD", "USD"];
const MONTHS = ["2026-03", "2026-04", "2026-05", "2026-06", "2026-07", "2026-08"];
/** Begins as a formula would, and as a tag: what a statement shows of it is neither. */
const WHO = `=B<b>&"x"`;

interface Step {
  readonly kind:
    | "line"
    | "available"
    | "release"
    | "reverse"
    | "adjust"
    | "payout"
    | "settle"
    | "fail";
  readonly at: number;
  readonly amount: number;
  readonly nth: number;
  readonly currency: string;
  readonly kept: boolean;
}

/** From April to July, so that what is posted last has often taken effect first. */
const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(
    ...(["line", "available", "release", "reverse", "adjust", "payout", "settle", "fail"] as const),
  ),
  at: fc.integer({ min: Date.UTC(2026, 3, 1), max: Date.UTC(2026, 7, 1) - 1 }),
  amount: fc.integer({ min: 4, max: 2 ** 40 }),
  nth: fc.nat({ max: 99 }),
  currency: fc.constantFrom(...CURRENCIES),
  kept: fc.boolean(),
});

type Part = "lines" | "reversals" | "adjustments" | "fees" | "withholding" | "payouts";

/** A month's part in one currency, as a naive reading of the events has it. */
interface Told {
  readonly at: number;
  readonly currency: string;
  readonly part: Part;
  readonly amount: number;
}

interface Payout {
  readonly id: string;
  readonly currency: string;
  readonly net: number;
  readonly fee: number;
  readonly withholding: number;
}

interface Commission {
  readonly id: string;
  readonly currency: string;
  left: number;
  held: boolean;
}

/** The strict stream of one distributor that these steps make, and what it comes to. */
function tell(steps: readonly Step[]) {
  const events: object[] = [];
  const told: Told[] = [];
  const lines: Commission[] = [];
  const open: Payout[] = [];
  const say = ({ at }: Step, type: string, data: object) => {
    const seq = events.length + 1;
    const occurred_at = new Date(at).toISOString();
    const key = `dist:${WHO}`;
    events.push({
      id: `e${seq}`,
      type,
      version: 1,
      occurred_at,
      key,
      seq,
      data: { distributor_id: WHO, ...data },
    });
  };
  const count = (at: number, currency: string, part: Part, amount: number) =>
    told.push({ at, currency, part, amount });
  const ACTS: Record<Step["kind"], (each: Step) => void> = {
    line: (each) => post(each, true),
    available: (each) => post(each, false),
    release: (each) => {
      const held = lines.filter((line) => line.held);
      if (held.length === 0) return;
      const line = pick(held, each.nth);
      line.held = false;
      say(each, "commission.released", { line_id: line.id });
    },
    reverse: (each) => {
      const left = lines.filter((line) => line.left > 0);
      if (left.length === 0) return;
      const line = pick(left, each.nth);
      const amount_minor = Math.min(line.left, each.amount);
      line.left -= amount_minor;
      const { currency } = line;
      count(each.at, currency, "reversals", -amount_minor);
      say(each, "commission.reversed", {
        line_id: `R${events.length}`,
        reverses_line_id: line.id,
        currency,
        amount_minor,
      });
    },
    adjust: (each) => {
      const amount_minor = each.kept ? each.amount : -each.amount;
      // What it is said on is not when it counts.
      const at = Date.UTC(2026, 3 + (each.nth % 4), 1 + (each.nth % 28));
      count(at, each.currency, "adjustments", amount_minor);
      say(each, "adjustment.posted", {
        line_id: `A${events.length}`,
        currency: each.currency,
        amount_minor,
        reason_code: "bonus",
        effective_at: new Date(at).toISOString().slice(0, 10),
        approved_by: "cfo",
      });
    },
    payout: (each) => {
      const { at, amount: net, currency, nth: fee } = each;
      const payout = { id: `P${events.length}`, currency, net, fee, withholding: 2 * fee };
      open.push(payout);
      count(at, currency, "payouts", -net);
      count(at, currency, "fees", -fee);
      count(at, currency, "withholding", -2 * fee);
      say(each, "payout.initiated", {
        payout_id: payout.id,
        currency,
        gross_minor: net + 3 * fee,
        net_minor: net,
        fee_minor: fee,
        withholding_minor: 2 * fee,
        method: "bank",
      });
    },
    settle: (each) => {
      const payout = open.shift();
      if (payout !== undefined) say(each, "payout.settled", { payout_id: payout.id });
    },
    fail: (each) => {
      const payout = open.shift();
      if (payout === undefined) return;
      const { id, currency, net, fee, withholding } = payout;
      count(each.at, currency, "payouts", net);
      if (!each.kept) count(each.at, currency, "fees", fee);
      count(each.at, currency, "withholding", withholding);
      say(each, "payout.failed", { payout_id: id, fee_kept: each.kept, reason: "closed account" });
    },
  };
  function post(each: Step, held: boolean): void {
    const { at, amount, currency, nth } = each;
    const id = `L${events.length}`;
    lines.push({ id, currency, left: amount, held });
    count(at, currency, "lines", amount);
    say(each, "commission.posted", {
      line_id: id,
      component: pick(["unilevel", "=1+1", "<i>pool"], nth),
      currency,
      amount_minor: amount,
      period_id: "2026-07",
      run_id: "r1",
      ...(held
        ? { available_at: "2099-01-01T00:00:00Z" }
        : { available_at: "2026-01-01T00:00:00Z" }),
    });
  }
  for (const each of steps) ACTS[each.kind](each);
  return { events, told };
}

interface Money {
  readonly amount_minor: number | string;
  readonly amount: string;
}
type Statement = { readonly currency: string } & Readonly<
  Record<"lines" | "reversals", readonly { readonly amount: Money }[]>
> &
  Readonly<
    Record<
      | "opening"
      | "adjustments"
      | "fees"
      | "withholding"
      | "payouts"
      | "other"
      | "closing"
      | "pending"
      | "in_transit",
      Money
    >
  >;

const minor = ({ amount_minor }: Money): bigint => BigInt(amount_minor);
const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((all, one) => all + one, 0n);

const PARTS = ["adjustments", "fees", "withholding", "payouts", "other"] as const;
const movementsOf = (statement: Statement): bigint =>
  sum([
    ...statement.lines.map(({ amount }) => minor(amount)),
    ...statement.reversals.map(({ amount }) => minor(amount)),
    ...PARTS.map((part) => minor(statement[part])),
  ]);

const readsOf = ({ parts, company }: Line) => {
  const api = createApi(parts, readRoutes(readPorts(parts)));
  return async (path: string, accept = "application/json"): Promise<string> => {
    const response = await api.fetch(
      new Request(`${ORIGIN}/v1/tenants/${company.tenant}/${path}`, {
        headers: { Authorization: `Bearer ${env.ADMIN_TOKEN}`, Accept: accept },
      }),
    );
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
    return text;
  };
};
type Read = ReturnType<typeof readsOf>;

const PAGE = `distributors/${encodeURIComponent(WHO)}/earnings`;

async function statementsOf(
  read: Read,
  month: string,
  query: string,
): Promise<readonly Statement[]> {
  const { statements }: { statements: readonly Statement[] } = JSON.parse(
    await read(`${PAGE}/${month}?${query}`),
  );
  return statements;
}

/** What the distributor is owed at the end of a day, by currency and bucket. */
async function owedAt(read: Read, day: string, query: string) {
  const prefix = encodeURIComponent(`dist:${WHO}:`);
  const { balances }: { balances: Record<string, Record<string, number | string>> } = JSON.parse(
    await read(`ledger/balances?prefix=${prefix}&as_of=${day}&${query}`),
  );
  return (currency: string, bucket: string): bigint =>
    -BigInt(balances[currency]?.[`dist:${WHO}:${bucket}`] ?? 0);
}

async function pendingIn(read: Read, month: string): Promise<bigint | undefined> {
  const statements = await statementsOf(read, month, "");
  const kuwaiti = statements.find(({ currency }) => currency === "KWD");
  return kuwaiti === undefined ? undefined : minor(kuwaiti.pending);
}

const lastDayOf = (month: string): string => {
  const [year = 0, of = 0] = month.split("-").map(Number);
  return new Date(Date.UTC(year, of, 0)).toISOString().slice(0, 10);
};

/** Every month of the distributor against the ledger, the month before it, and what was told. */
async function expectMonths(read: Read, query: string, told: readonly Told[] | undefined) {
  const closings = new Map<string, bigint>();
  for (const month of MONTHS) {
    const statements = await statementsOf(read, month, query);
    const owed = await owedAt(read, lastDayOf(month), query);
    for (const currency of CURRENCIES) {
      const statement = statements.find((each) => each.currency === currency);
      const figure = (name: "opening" | "closing" | "pending" | "in_transit") =>
        statement === undefined ? 0n : minor(statement[name]);
      const place = `${month} ${currency} ${query}`;
      const moved = statement === undefined ? 0n : movementsOf(statement);
      expect([place, figure("opening")]).toEqual([place, closings.get(currency) ?? 0n]);
      expect([place, figure("closing")]).toEqual([place, figure("opening") + moved]);
      expect([place, figure("closing")]).toEqual([
        place,
        owed(currency, "held") + owed(currency, "available"),
      ]);
      expect([place, figure("pending")]).toEqual([place, owed(currency, "pending")]);
      expect([place, figure("in_transit")]).toEqual([place, owed(currency, "in_transit")]);
      closings.set(currency, figure("closing"));
      if (told !== undefined) expectParts(statement, partsOf(told, month, currency));
    }
  }
}

const partsOf = (told: readonly Told[], month: string, currency: string) => (part: Part) =>
  sum(
    told
      .filter((each) => each.part === part && each.currency === currency)
      .filter(({ at }) => new Date(at).toISOString().startsWith(month))
      .map(({ amount }) => BigInt(amount)),
  );

function expectParts(statement: Statement | undefined, partOf: (part: Part) => bigint): void {
  const shown = (part: Part): bigint => {
    if (statement === undefined) return 0n;
    if (part !== "lines" && part !== "reversals") return minor(statement[part]);
    return sum(statement[part].map(({ amount }) => minor(amount)));
  };
  for (const part of [
    "lines",
    "reversals",
    "adjustments",
    "fees",
    "withholding",
    "payouts",
  ] as const) {
    expect([part, shown(part)]).toEqual([part, partOf(part)]);
  }
}

/** The file and the page say what the JSON says, and nothing in them is more than text. */
async function expectForms(read: Read, month: string): Promise<void> {
  const statements = await statementsOf(read, month, "");
  const csv = await read(`${PAGE}/${month}`, "text/csv");
  const page = await read(`${PAGE}/${month}`, "text/html");
  const rows = csv.split("\r\n").slice(1, -1);
  for (const row of rows) expect(row).toMatch(/^"'=B<b>&""x""",2026-/);
  expect(csv).not.toMatch(/(?:^|,)"?[=+@]/m);
  expect(page).not.toMatch(/<b>|<i>/);
  for (const statement of statements) {
    const own = rows.filter((row) => row.includes(`,${statement.currency},`));
    const amounts = own.map((row) => row.split(",").slice(-2));
    const figures = [
      statement.opening,
      ...statement.lines.map(({ amount }) => amount),
      ...statement.reversals.map(({ amount }) => amount),
      ...PARTS.map((part) => statement[part]),
      statement.closing,
      statement.pending,
      statement.in_transit,
    ];
    expect(amounts).toEqual(figures.map((each) => [each.amount, String(each.amount_minor)]));
    for (const { amount } of figures) {
      expect(page).toContain(`<td>${amount}</td>`);
      expect(amount.split(".")[1]?.length ?? 0).toBe(exponentOf(statement.currency));
    }
  }
}

/** A company that pays its only distributor, who is its only customer's enroller, in yen too. */
async function companyOf(): Promise<Line> {
  const line = await layLine();
  const plan = planBody({
    currency: "KWD",
    components: [level({ rates_ppm: { Member: [70_000] } })],
  });
  const put = await line.company.api(`PUT /v1/tenants/${line.company.tenant}/plans/main`, plan);
  expect(put.status).toBe(201);
  await line.enrol(WHO);
  await line.post({
    id: "c",
    type: "customer.linked",
    version: 1,
    occurred_at: "2026-01-01T10:00:00.000Z",
    rev: 1,
    data: { customer_id: "C", enroller_id: WHO, effective_at: "2026-01-01T00:00:00Z" },
  });
  await line.drain();
  return line;
}

/** A sale whose line stays provisional, and a refund of a part of it a month later. */
const SOLD = [
  {
    id: "paid",
    type: "payment.confirmed",
    version: 1,
    occurred_at: "2026-05-31T23:59:59.999Z",
    data: {
      payment_id: "PAY",
      order_id: "O",
      currency: "JPY",
      amount_minor: 9999,
      net_minor: 9999,
      cv_x100: 99_999,
      source_node: "C",
      order_kind: "store",
    },
  },
  {
    id: "back",
    type: "refund.completed",
    version: 1,
    occurred_at: "2026-06-01T00:00:00.000Z",
    data: { refund_id: "RF", payment_id: "PAY", currency: "JPY", amount_minor: 3333 },
  },
];

test("equals the ledger to the unit, month by month, whatever happened and when it came", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 12, maxLength: 30 }),
      fc.nat({ max: 30 }),
      async (steps, cut) => {
        const line = await companyOf();
        const read = readsOf(line);
        const { events, told } = tell(steps);
        const [early, late] = [events.slice(0, cut), events.slice(cut)];
        await line.post(...(early.length > 0 ? [early] : []), SOLD);
        await line.drain();
        const knownAt = `known_at=${new Date().toISOString()}`;
        const before = await Promise.all(MONTHS.map((month) => statementsOf(read, month, "")));
        await new Promise((resolve) => setTimeout(resolve, 2));
        if (late.length > 0) await line.post(late);
        await line.drain();

        await expectMonths(read, "", told);
        // 7 % of 999.99 points in fils, a third of which went back on the next month's first instant.
        expect(await pendingIn(read, "2026-05")).toBe(69_999n);
        expect(await pendingIn(read, "2026-06")).toBe(46_666n);
        await expectMonths(read, knownAt, undefined);
        const then = await Promise.all(MONTHS.map((month) => statementsOf(read, month, knownAt)));
        expect(then).toEqual(before);
        for (const month of ["2026-05", "2026-07"]) await expectForms(read, month);
      },
    ),
    { numRuns: runs(3), seed: 7 },
  );
});

test("ends where it is asked to end, and agrees with the balances of that instant", async () => {
  const line = await companyOf();
  const read = readsOf(line);
  const at = (day: number) => Date.UTC(2026, 6, day, 12);
  const base = { nth: 1, currency: "KWD", kept: true } as const;
  const { events } = tell([
    { ...base, kind: "available", at: at(3), amount: 5000 },
    { ...base, kind: "payout", at: at(10), amount: 4000 },
    { ...base, kind: "fail", at: at(20), amount: 4 },
  ]);
  await line.post(events);
  await line.drain();
  const closings: (readonly [string, string | undefined])[] = [];
  for (const asOf of [
    "2026-07-02",
    "2026-07-03",
    "2026-07-10T12:00:00Z",
    "2026-07-19",
    "2026-08-09",
  ]) {
    const [statement] = await statementsOf(read, "2026-07", `as_of=${asOf}`);
    const owed = await owedAt(read, asOf, "");
    expect(statement === undefined ? 0n : minor(statement.closing)).toBe(
      owed("KWD", "held") + owed("KWD", "available"),
    );
    closings.push([asOf, statement?.closing.amount]);
  }
  expect(closings).toEqual([
    ["2026-07-02", undefined],
    ["2026-07-03", "5.000"],
    ["2026-07-10T12:00:00Z", "0.997"],
    ["2026-07-19", "0.997"],
    ["2026-08-09", "4.999"],
  ]);
  expect(JSON.parse(await read(`${PAGE}/2026-07?as_of=2026-07-19`))).toMatchObject({
    status: "open",
    effective_to: "2026-07-19T23:59:59.999Z",
  });
  await expect(read(`${PAGE}/2026-07?as_of=2026-06-30`)).rejects.toThrow(/400 .*"as_of".*"range"/);
});
