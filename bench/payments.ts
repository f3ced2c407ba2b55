import { bundle, strip } from "./bundle.ts";
import { found, TENANT } from "./company.ts";
import type { Findings, Options } from "./figure.ts";
import { above, createDraw, DEPTH, type Forest, grow, layForest, nameOf } from "./forest.ts";
import { alternateQueues, rateOf, type Span } from "./queue-rounds.ts";
import { OBJECTS, type Rig, startRig } from "./rig.ts";
import { compare, type Pair } from "./rounds.ts";
import { orderOf, paymentConfirmed, RANKS, savePlan } from "./sales.ts";

const DISTRIBUTORS = 100_000;
const PAYMENTS = 300;
const WARM_UP_ROUNDS = 1;
/** A round takes seconds: more of them would outlast the patience for the whole run. */
const ROUNDS_MAX = 5;
const ROUND_MS_MAX = 180_000;

const rankOf = (i: number) => RANKS[i % RANKS.length] ?? RANKS[0];

/** Payments a second in a large company, beside a rig that only makes the same calls. */
export async function measurePayments({ rounds, directory }: Options): Promise<Findings> {
  const [oursScript, bareScript] = await Promise.all([
    bundle("bench/pipeline-worker.ts", directory),
    strip("bare/payments.ts", "bare/subject.ts", "stopwatch.ts"),
  ]);
  const ours = await startRig({ script: oursScript, objects: OBJECTS });
  const bare = await startRig({ script: bareScript, objects: ["Distributor", "Order"] });
  try {
    const forest = grow(DISTRIBUTORS);
    await lay({ ours, bare }, forest);
    const sold: Sold[] = [];
    const measure = (from: number, drawOf: (round: number) => number) =>
      alternateQueues({
        ours,
        bare,
        rounds: Math.min(rounds, ROUNDS_MAX) + from,
        roundMsMax: ROUND_MS_MAX,
        aboutsOf: (round) => {
          const fresh = salesOf(forest, { seed: drawOf(round), first: sold.length });
          sold.push(...fresh);
          return fresh;
        },
        eventOf: paymentConfirmed,
      });
    const born = await measure(WARM_UP_ROUNDS, (round) => round);
    // The buyers of the first round again: all but the orders is there by then.
    const known = await measure(0, () => 0);
    for (const rig of [ours, bare]) await checkPaid(rig, sold);
    const lines = sold.reduce((sum, { paid }) => sum + paid.length, 0);
    return {
      figures: [
        figureOf("objects born by it", born.slice(WARM_UP_ROUNDS)),
        figureOf("objects there", known),
      ],
      rounds: { born, known },
      notes: [
        `payments: ${PAYMENTS} payment.confirmed a round, one a delivery, of drawn buyers among ${DISTRIBUTORS} ` +
          `distributors, the company ${DEPTH} deep; ${(lines / sold.length).toFixed(1)} lines each. Locally an ` +
          "object's birth is a file of its own, so that it outweighs all else.",
      ],
    };
  } finally {
    await Promise.all([ours.stop(), bare.stop()]);
  }
}

const figureOf = (name: string, pairs: readonly Pair<Span>[]) => ({
  group: "payments",
  name: `queue to mirror, ${name}`,
  unit: "payments/s",
  ...compare(pairs, rateOf),
  budget: { of: "ratio" as const, atLeast: 0.5 },
});

interface Sold {
  readonly buyer: string;
  readonly n: number;
  readonly order: string;
  /** Who is paid, nearest first. */
  readonly paid: readonly string[];
  /** Everybody above. */
  readonly path: readonly string[];
}

/** As the plan pays: whose rank opens the level they stand at. */
function salesOf(
  forest: Forest,
  { seed, first }: { readonly seed: number; readonly first: number },
): readonly Sold[] {
  const draw = createDraw(seed + 1);
  return Array.from({ length: PAYMENTS }, (_, i) => {
    const node = draw(forest.size);
    const path = above(forest, node);
    const sale = { buyer: nameOf(node), n: first + i };
    const paid = path.filter((id, level) => level < rankOf(id).levels);
    return { ...sale, order: orderOf(sale), paid: paid.map(nameOf), path: path.map(nameOf) };
  });
}

interface Rigs {
  readonly ours: Rig;
  readonly bare: Rig;
}

/** The same company in both mirrors, with the same plan. */
async function lay({ ours, bare }: Rigs, forest: Forest): Promise<void> {
  await found(ours);
  await savePlan(ours);
  // Saving a plan has orders priced anew: that message is nobody's payment.
  await ours.call("GET /bench/captured");
  const [source, target] = await Promise.all([databaseOf(ours), databaseOf(bare)]);
  const company = { tenant: TENANT, forest, rankOf: (i: number) => rankOf(i).code };
  for (const database of [source, target]) await layForest(database, company);
  const { results } = await source.prepare("SELECT * FROM plans").all();
  for (const row of results) {
    const marks = Object.keys(row).map(() => "?");
    const insert = `INSERT INTO plans (${Object.keys(row).join(", ")}) VALUES (${marks.join(", ")})`;
    await target
      .prepare(insert)
      .bind(...Object.values(row))
      .run();
  }
}

const databaseOf = ({ miniflare }: Rig) => miniflare.getD1Database("MIRROR_0");

/** A round counts as it stands only if D1 has every order and every line of it. */
async function checkPaid(rig: Rig, sold: readonly Sold[]): Promise<void> {
  const lines = sold.reduce((sum, { paid }) => sum + paid.length, 0);
  const database = await databaseOf(rig);
  const query = `SELECT (SELECT count(*) FROM orders WHERE tenant = ?1 AND state = 'paid') AS orders,
    (SELECT count(*) FROM lines WHERE tenant = ?1) AS lines`;
  const paid = await database.prepare(query).bind(TENANT).first();
  const isWhole = paid?.["orders"] === sold.length && paid["lines"] === lines;
  if (isWhole) return;
  const wanted = `${sold.length} orders and ${lines} lines`;
  throw new Error(`Cannot measure: of ${wanted} there are ${JSON.stringify(paid)}`);
}
