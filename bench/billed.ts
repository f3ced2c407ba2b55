import { bundle } from "./bundle.ts";
import { type Case, CASES } from "./billed/cases.ts";
import type { Bill } from "./billed/counting.ts";
import { found, sign, TENANT } from "./company.ts";
import type { Figure, Findings, Options } from "./figure.ts";
import { OBJECTS, type Rig, startRig } from "./rig.ts";
import { savePlan } from "./sales.ts";

const BATCH = 100;
/** Over fewer distributors than events, rows of one distributor are written once for several. */
const FEW = 10;

interface Billed {
  readonly name: string;
  readonly events: number;
  readonly distributors: number;
  /** Whether its distributor had events before. */
  readonly which: "first" | "later";
  readonly bill: Bill & { readonly failed: number };
}

/** What one event costs in rows, queue operations and puts, alone and in a batch. */
export async function measureBilled({ directory }: Options): Promise<Findings> {
  const script = await bundle("bench/billed/worker.ts", directory);
  const rig = await startRig({ script, objects: OBJECTS });
  try {
    await found(rig);
    await savePlan(rig);
    const { objectRows: birth } = await wake(rig, "dist:birth");
    const billed: Billed[] = [];
    for (const one of CASES) {
      billed.push(...(await alone(rig, one)));
      if (one.isAlone === true) continue;
      billed.push(await together(rig, one, BATCH));
      const isRepeatable = one.before === undefined && one.isOnce !== true;
      if (isRepeatable) billed.push(await together(rig, one, FEW));
    }
    await checkApplied(rig);
    return {
      figures: billed.flatMap(figuresOf),
      rounds: billed,
      notes: [
        `billed: an object's birth writes ${birth} rows once in its life (its tables), not counted above; ` +
          "every order is an object.",
      ],
    };
  } finally {
    await rig.stop();
  }
}

/** Makes an object without an event, so that what its birth writes can be told apart. */
const wake = ({ call }: Rig, subject: string) =>
  call<Bill>(`GET /bench/wake?tenant=${TENANT}&subject=${encodeURIComponent(subject)}`);

const nameOf = (one: Case, distributor: string | number): string =>
  `C${CASES.indexOf(one)}-${distributor}`;

/** The first event of a distributor, and a later one: it opens nothing any more. */
async function alone(rig: Rig, one: Case): Promise<readonly Billed[]> {
  const distributor = nameOf(one, "alone");
  await beginWith(rig, one, [distributor]);
  const about = { name: one.name, events: 1, distributors: 1 };
  const billed: Billed[] = [];
  let n = 1;
  for (const which of one.isOnce === true ? (["first"] as const) : (["first", "later"] as const)) {
    n = await prepare(rig, one, { names: [distributor], n });
    const bill = await billOf(rig, one, [{ distributor, n }]);
    billed.push({ ...about, which, bill });
    n += 1;
  }
  // Where something has to stand before it, an event is never its distributor's first.
  return one.before === undefined ? billed : billed.slice(1);
}

async function together(rig: Rig, one: Case, distributors: number): Promise<Billed> {
  const names = Array.from({ length: distributors }, (_, i) => nameOf(one, `${distributors}-${i}`));
  await beginWith(rig, one, names);
  const start = await prepare(rig, one, { names, n: 1 });
  const told = Array.from({ length: BATCH }, (_, i) => ({
    distributor: names[i % distributors] ?? "",
    n: start + Math.floor(i / distributors),
  }));
  const bill = await billOf(rig, one, told);
  return { name: one.name, events: told.length, distributors, which: "first", bill };
}

/** Brings these distributors into the world, and who has to be there before them. */
async function beginWith(rig: Rig, { people }: Case, names: readonly string[]): Promise<void> {
  for (const name of names) await wake(rig, `dist:${name}`);
  if (people === undefined) return;
  const events = names.flatMap(people);
  for (let at = 0; at < events.length; at += BATCH) await post(rig, events.slice(at, at + BATCH));
}

/** Posts what has to be there before, and returns the number that comes next. */
async function prepare(
  rig: Rig,
  { before }: Case,
  { names, n }: { readonly names: readonly string[]; readonly n: number },
): Promise<number> {
  if (before === undefined) return n;
  await post(
    rig,
    names.map((name) => before(name, n)),
  );
  return n + 1;
}

async function billOf(
  rig: Rig,
  { event, subjectOf }: Case,
  told: readonly { readonly distributor: string; readonly n: number }[],
): Promise<Billed["bill"]> {
  for (const { distributor, n } of told) {
    if (subjectOf !== undefined) await wake(rig, subjectOf(distributor, n));
  }
  return post(
    rig,
    told.map(({ distributor, n }) => event(distributor, n)),
  );
}

async function post({ call }: Rig, events: readonly object[]): Promise<Billed["bill"]> {
  const deliveries = await Promise.all(events.map(sign));
  const bill = await call<Billed["bill"]>("POST /bench/bill", deliveries);
  if (bill.failed > 0) throw new Error(`Cannot bill: ${bill.failed} messages were retried`);
  return bill;
}

/** What waits for something has not cost yet what it will. */
async function checkApplied({ miniflare }: Rig): Promise<void> {
  const database = await miniflare.getD1Database("MIRROR_0");
  const held = await database.prepare("SELECT type, code, reason FROM held LIMIT 1").first();
  if (held !== null) throw new Error(`Cannot bill: an event waits: ${JSON.stringify(held)}`);
}

/** Cases whose reads, queue operations and puts are told besides their rows. */
const TOLD_WHOLE: ReadonlySet<string> = new Set([
  "commission.posted",
  "payment.confirmed, 5 lines",
]);

const budget = (atMost: number | undefined) =>
  atMost === undefined ? {} : { budget: { of: "ours" as const, atMost } };

function figuresOf({ name: told, events, distributors, which, bill }: Billed): readonly Figure[] {
  const { objectRows, d1Rows, queueOperations, r2Puts } = bill;
  const rowsMax = CASES.find((one) => one.name === told)?.rowsMax;
  const name = events === 1 ? `${told}, ${which} alone` : `${told}, ${events} over ${distributors}`;
  const rows: Figure = {
    group: "billed",
    name: `rows: ${name}`,
    unit: "rows/event",
    ours: (objectRows + d1Rows) / events,
    note: `object ${objectRows / events}, D1 ${d1Rows / events}`,
    ...budget(rowsMax),
  };
  if (!TOLD_WHOLE.has(told) || distributors !== BATCH) return [rows];
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
