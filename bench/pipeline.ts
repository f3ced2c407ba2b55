import { bundle, strip } from "./bundle.ts";
import { commissionPosted, enrolled, found, TENANT } from "./company.ts";
import type { Findings, Options } from "./figure.ts";
import { alternateQueues, consumeFirst, rateOf } from "./queue-rounds.ts";
import { OBJECTS, type Rig, startRig } from "./rig.ts";
import { compare } from "./rounds.ts";

const DISTRIBUTORS = 50;
const EVENTS = 1000;
/** Rounds whose figures are thrown away: V8 compiles, objects are born. */
const WARM_UP_ROUNDS = 1;
/** A round takes seconds: more of them would outlast the patience for the whole run. */
const ROUNDS_MAX = 5;
const ROUND_MS_MAX = 60_000;

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
    // Nobody earns before an enrolment.
    const people = Array.from({ length: DISTRIBUTORS }, (_, i) =>
      enrolled({ distributor: `D${i}`, n: 1 }),
    );
    await consumeFirst(ours, people, ROUND_MS_MAX);
    const pairs = await alternateQueues({
      ours,
      bare,
      rounds: Math.min(rounds, ROUNDS_MAX) + WARM_UP_ROUNDS,
      roundMsMax: ROUND_MS_MAX,
      aboutsOf,
      eventOf: commissionPosted,
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

/** Each round goes on with the streams of the one before. */
function aboutsOf(round: number) {
  const first = (round * EVENTS) / DISTRIBUTORS + 1;
  return Array.from({ length: EVENTS }, (_, i) => ({
    distributor: `D${i % DISTRIBUTORS}`,
    n: first + Math.floor(i / DISTRIBUTORS),
  }));
}

/** A round counts as it stands only if D1 has every event of it. */
async function checkMirrored({ miniflare }: Rig, events: number): Promise<void> {
  const database = await miniflare.getD1Database("MIRROR_0");
  const query = "SELECT count(*) AS n FROM lines WHERE tenant = ?";
  const n = await database.prepare(query).bind(TENANT).first<number>("n");
  if (n !== events) throw new Error(`Cannot measure: ${n} of ${events} events are mirrored`);
}
