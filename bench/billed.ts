import { bundle } from "./bundle.ts";
import type { Bill } from "./billed/counting.ts";
import { TENANT } from "./company.ts";
import * as company from "./company.ts";
import type { Figure, Findings, Options } from "./figure.ts";
import { type Rig, startRig } from "./rig.ts";

const BATCH = 100;
/** Over fewer distributors than events, rows of one distributor are written once for several. */
const FEW = 10;

interface Case {
  readonly type: string;
  readonly rowsMax?: number;
  /** The event under measure; what comes before it in its stream is posted beforehand. */
  readonly event: (distributor: string, n: number) => object;
  /** Said again of the same distributor it is another thing: a repeat or a conflict. */
  readonly isOnce?: boolean;
  readonly before?: (distributor: string, n: number) => object;
}

const line = (distributor: string, n: number) => company.commissionPosted({ distributor, n });
const money =
  (type: string, data: (distributor: string, n: number) => object) =>
  (distributor: string, n: number) =>
    company.moneyEvent(type, { distributor, n }, data(distributor, n));
const register = (write: (about: { distributor: string; n: number }) => object, rowsMax = 8) => ({
  rowsMax,
  event: (distributor: string, n: number) => write({ distributor, n }),
});

const adjustment = money("adjustment.posted", (distributor, n) => ({
  line_id: `A-${distributor}-${n}`,
  currency: "USD",
  amount_minor: 12_100,
  reason_code: "promotion",
  effective_at: "2026-07-25",
  approved_by: "user:7",
}));

const CASES: readonly Case[] = [
  { type: "distributor.enrolled", isOnce: true, ...register(company.enrolled) },
  { type: "distributor.status_changed", ...register(company.statusChanged) },
  { type: "rank.changed", ...register(company.rankChanged) },
  { type: "volume.snapshot", ...register(company.volumeSnapshot) },
  { type: "commission.posted", rowsMax: 16, event: line },
  {
    type: "commission.released",
    before: line,
    event: money("commission.released", (d, n) => ({ line_id: `L-${d}-${n - 1}` })),
  },
  {
    type: "commission.reversed",
    before: line,
    event: money("commission.reversed", (d, n) => ({
      line_id: `R-${d}-${n}`,
      reverses_line_id: `L-${d}-${n - 1}`,
      currency: "USD",
      amount_minor: 160,
    })),
  },
  { type: "adjustment.posted", event: adjustment },
  {
    type: "payout.initiated",
    before: adjustment,
    event: money("payout.initiated", (d, n) => ({
      payout_id: `P-${d}-${n}`,
      currency: "USD",
      gross_minor: 12_100,
      net_minor: 11_950,
      fee_minor: 150,
      method: "ach",
    })),
  },
];

interface Billed {
  readonly type: string;
  readonly events: number;
  readonly distributors: number;
  /** Whether its distributor had events before. */
  readonly which: "first" | "later";
  readonly bill: Bill & { readonly failed: number };
}

/** What one event costs in rows, queue operations and puts, alone and in a batch. */
export async function measureBilled({ directory }: Options): Promise<Findings> {
  const script = await bundle("bench/billed/worker.ts", directory);
  const rig = await startRig({ script, objects: ["Distributor", "Record"] });
  try {
    await company.found(rig);
    const birth = await birthOf(rig);
    const billed: Billed[] = [];
    for (const one of CASES) {
      billed.push(...(await alone(rig, one)), await together(rig, one, BATCH));
      const isRepeatable = one.before === undefined && one.isOnce !== true;
      if (isRepeatable) billed.push(await together(rig, one, FEW));
    }
    return {
      figures: billed.flatMap(figuresOf),
      rounds: billed,
      notes: [
        `billed: an object's birth writes ${birth} rows once in its life (its tables), not counted above.`,
      ],
    };
  } finally {
    await rig.stop();
  }
}

async function birthOf({ call }: Rig): Promise<number> {
  const { objectRows } = await call<Bill>(`GET /bench/wake?id=${TENANT}/birth`);
  return objectRows;
}

/** The first event of a distributor, and a later one: it opens nothing any more. */
async function alone(rig: Rig, one: Case): Promise<readonly Billed[]> {
  const distributor = `alone-${one.type}`;
  await rig.call(`GET /bench/wake?id=${TENANT}/${distributor}`);
  const about = { type: one.type, events: 1, distributors: 1 };
  const billed: Billed[] = [];
  let n = 1;
  for (const which of ["first", "later"] as const) {
    n = await prepare(rig, one, { names: [distributor], n });
    const bill = await billOf(rig, [one.event(distributor, n)]);
    billed.push({ ...about, which, bill });
    n += 1;
  }
  // Where something has to stand before it, an event is never its distributor's first.
  if (one.before !== undefined) return billed.slice(1);
  return one.isOnce === true ? billed.slice(0, 1) : billed;
}

async function together(rig: Rig, one: Case, distributors: number): Promise<Billed> {
  const names = Array.from({ length: distributors }, (_, i) => `${one.type}-${distributors}-${i}`);
  for (const name of names) await rig.call(`GET /bench/wake?id=${TENANT}/${name}`);
  const start = await prepare(rig, one, { names, n: 1 });
  const events = Array.from({ length: BATCH }, (_, i) =>
    one.event(names[i % distributors] ?? "", start + Math.floor(i / distributors)),
  );
  const bill = await billOf(rig, events);
  return { type: one.type, events: events.length, distributors, which: "first", bill };
}

/** Posts what has to be there before, and returns the number that comes next. */
async function prepare(
  rig: Rig,
  { before }: Case,
  { names, n }: { readonly names: readonly string[]; readonly n: number },
): Promise<number> {
  if (before === undefined) return n;
  await billOf(
    rig,
    names.map((name) => before(name, n)),
  );
  return n + 1;
}

async function billOf({ call }: Rig, events: readonly object[]): Promise<Billed["bill"]> {
  const deliveries = await Promise.all(events.map(company.sign));
  const bill = await call<Billed["bill"]>("POST /bench/bill", deliveries);
  if (bill.failed > 0) throw new Error(`Cannot bill: ${bill.failed} messages were retried`);
  return bill;
}

const budget = (atMost: number | undefined) =>
  atMost === undefined ? {} : { budget: { of: "ours" as const, atMost } };

function figuresOf({ type, events, distributors, which, bill }: Billed): readonly Figure[] {
  const { objectRows, d1Rows, queueOperations, r2Puts } = bill;
  const rowsMax = CASES.find((one) => one.type === type)?.rowsMax;
  const name = events === 1 ? `${type}, ${which} alone` : `${type}, ${events} over ${distributors}`;
  const rows: Figure = {
    group: "billed",
    name: `rows: ${name}`,
    unit: "rows/event",
    ours: (objectRows + d1Rows) / events,
    note: `object ${objectRows / events}, D1 ${d1Rows / events}`,
    ...budget(rowsMax),
  };
  if (type !== "commission.posted" || distributors !== BATCH) return [rows];
  const read = { name: `D1 rows read: ${name}`, unit: "rows/event" };
  const queue = { name: `queue operations: ${name}`, unit: "per delivery" };
  const puts = { name: `R2 puts: ${name}`, unit: "per batch" };
  return [
    rows,
    { group: "billed", ...read, ours: bill.d1RowsRead / events },
    { group: "billed", ...queue, ours: queueOperations / events, ...budget(3) },
    { group: "billed", ...puts, ours: r2Puts, ...budget(1) },
  ];
}
