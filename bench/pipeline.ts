import { setTimeout as wait } from "node:timers/promises";
import { bundle, strip } from "./bundle.ts";
import { commissionPosted, found, sign, TENANT } from "./company.ts";
import type { Findings, Options } from "./figure.ts";
import { OBJECTS, type Rig, startRig } from "./rig.ts";
import { alternate, compare } from "./rounds.ts";

const DISTRIBUTORS = 50;
const EVENTS = 1000;
/** Rounds whose figures are thrown away: V8 compiles, objects are born. */
const WARM_UP_ROUNDS = 1;
/** A round takes seconds: more of them would outlast the patience for the whole run. */
const ROUNDS_MAX = 5;
const ROUND_MS_MAX = 60_000;
const POLL_MS = 250;
const PREPARED_AT_ONCE = 10;

interface Span {
  readonly messages: number;
  readonly batches: number;
  readonly firstMs: number;
  readonly lastMs: number;
}

/** Events a second from the queue to the mirror, beside a rig that only makes the same calls. */
export async function measurePipeline({ rounds, directory }: Options): Promise<Findings> {
  const [oursScript, bareScript] = await Promise.all([
    bundle("bench/pipeline-worker.ts", directory),
    strip("bare/pipeline.ts", "stopwatch.ts"),
  ]);
  const ours = await startRig({ script: oursScript, objects: OBJECTS });
  const bare = await startRig({ script: bareScript, objects: ["Distributor"] });
  try {
    await found(ours);
    const pairs = await alternateRounds({
      ours,
      bare,
      rounds: Math.min(rounds, ROUNDS_MAX) + WARM_UP_ROUNDS,
    });
    const counted = pairs.slice(WARM_UP_ROUNDS);
    await checkMirrored(ours, pairs.length * EVENTS);
    return {
      figures: [
        {
          group: "pipeline",
          name: "queue to mirror",
          unit: "events/s",
          ...compare(counted, rateOf),
          budget: { of: "ratio", atLeast: 0.5 },
        },
      ],
      rounds: pairs,
      notes: [
        `pipeline: ${EVENTS} commission.posted a round over ${DISTRIBUTORS} distributors, one a delivery, all in ` +
          "the queue before the first batch; timed in the consumer, from the first batch's start to the last one's end.",
      ],
    };
  } finally {
    await Promise.all([ours.stop(), bare.stop()]);
  }
}

const rateOf = ({ messages, firstMs, lastMs }: Span): number =>
  (messages * 1000) / (lastMs - firstMs);

interface Rounds {
  readonly ours: Rig;
  readonly bare: Rig;
  readonly rounds: number;
}

function alternateRounds({ ours, bare, rounds }: Rounds) {
  const deliveries = deliveriesOf(ours);
  return alternate(
    rounds,
    async () =>
      consumed(
        ours,
        (await deliveries.ours()).map(({ message }) => message),
      ),
    async () => consumed(bare, await deliveries.bare()),
  );
}

interface Prepared {
  readonly distributor: string;
  readonly n: number;
  readonly message: unknown;
}

/** Messages as the gateway's own ingest makes them; each rig consumes each of them once. */
function deliveriesOf(ours: Rig) {
  const batches: Promise<readonly Prepared[]>[] = [];
  const taken = { ours: 0, bare: 0 };
  const take = (rig: keyof typeof taken) => {
    const round = taken[rig];
    taken[rig] += 1;
    batches[round] ??= prepare(ours, round);
    return batches[round];
  };
  return { ours: () => take("ours"), bare: () => take("bare") };
}

async function prepare(ours: Rig, round: number): Promise<readonly Prepared[]> {
  const first = (round * EVENTS) / DISTRIBUTORS + 1;
  const abouts = Array.from({ length: EVENTS }, (_, i) => ({
    distributor: `D${i % DISTRIBUTORS}`,
    n: first + Math.floor(i / DISTRIBUTORS),
  }));
  // Not all at once: a distributor's events must keep their order, and lie DISTRIBUTORS apart.
  for (let at = 0; at < EVENTS; at += PREPARED_AT_ONCE) {
    const part = abouts.slice(at, at + PREPARED_AT_ONCE);
    await Promise.all(part.map((about) => post(ours, about)));
  }
  const messages = await ours.call<readonly unknown[]>("GET /bench/captured");
  return abouts.map((about, i) => ({ ...about, message: messages[i] }));
}

async function post({ port }: Rig, about: Omit<Prepared, "message">): Promise<void> {
  const { path, headers, body } = await sign(commissionPosted(about));
  const url = `http://127.0.0.1:${port}${path}`;
  const response = await fetch(url, { method: "POST", headers, body });
  await response.arrayBuffer();
  if (response.status !== 202) throw new Error(`Cannot prepare: ${response.status}`);
}

/** Releases a round's messages and waits until all are consumed. */
async function consumed({ call }: Rig, bodies: readonly unknown[]): Promise<Span> {
  await call("POST /bench/release", bodies);
  const deadlineMs = Date.now() + ROUND_MS_MAX;
  while (Date.now() < deadlineMs) {
    await wait(POLL_MS);
    const span = await call<Span>("GET /bench/span");
    if (span.messages >= bodies.length) return span;
  }
  throw new Error(`Cannot measure: not consumed in ${ROUND_MS_MAX} ms`);
}

/** A round counts as it stands only if D1 has every event of it. */
async function checkMirrored({ miniflare }: Rig, events: number): Promise<void> {
  const database = await miniflare.getD1Database("MIRROR_0");
  const query = "SELECT count(*) AS n FROM lines WHERE tenant = ?";
  const n = await database.prepare(query).bind(TENANT).first<number>("n");
  if (n !== events) throw new Error(`Cannot measure: ${n} of ${events} events are mirrored`);
}
