import { bundle, strip } from "./bundle.ts";
import { commissionPosted, found, layDelivery, sign } from "./company.ts";
import type { Figure, Findings, Options } from "./figure.ts";
import { load, type Round } from "./load.ts";
import { OBJECTS, type Rig, startRig } from "./rig.ts";
import { alternate, compare, median } from "./rounds.ts";

const BODY_BYTES = 1024;
const REQUESTS = 1000;
const CONNECTIONS = 16;
/** Until V8 has compiled what is hot, both are slower, and not by the same factor. */
const WARM_UP_SECONDS = 1;
const WARM_UP_REQUESTS = 4000;
/** No round lasts an hour: no message is consumed, and both queues do the same work. */
const DELIVERY_DELAY_S = 3600;

/**
 * A message that is held back is a timer of the local queue, and it stops at 10 000 of them: the
 * rounds are short, so that neither side comes to it.
 */
const ROUND_SECONDS_MAX = 0.5;

/** How many signed deliveries a second the gateway takes, beside a Worker that only queues them. */
export async function measureIngest({ rounds, seconds, directory }: Options): Promise<Findings> {
  const [oursScript, bareScript] = await Promise.all([
    bundle("src/worker.ts", directory),
    strip("bare/ingest.ts"),
  ]);
  const deliveryDelay = DELIVERY_DELAY_S;
  const ours = await startRig({
    script: oursScript,
    objects: OBJECTS,
    deliveryDelay,
  });
  const bare = await startRig({ script: bareScript, deliveryDelay });
  try {
    await found(ours);
    const drive = async (rig: Rig, forSeconds: number) =>
      load({
        port: rig.port,
        requests: await deliveries(),
        connections: CONNECTIONS,
        seconds: forSeconds,
        status: 202,
      });
    // Until V8 has settled: the gateway has more code to compile than one line of bare Worker.
    for (const rig of [ours, bare]) {
      const { perSecond } = await drive(rig, WARM_UP_SECONDS);
      await drive(rig, WARM_UP_REQUESTS / perSecond);
    }
    const pairs = await alternate(
      rounds,
      () => drive(ours, Math.min(seconds, ROUND_SECONDS_MAX)),
      () => drive(bare, Math.min(seconds, ROUND_SECONDS_MAX)),
    );
    return { figures: figuresOf(pairs), rounds: pairs, notes: notesOf(pairs.map((p) => p.bare)) };
  } finally {
    await Promise.all([ours.stop(), bare.stop()]);
  }
}

/** Signed anew each round, as a signature is good for five minutes. */
async function deliveries(): Promise<Buffer[]> {
  const signed = Array.from({ length: REQUESTS }, (_, n) => sign(bodyOf(n)));
  return (await Promise.all(signed)).map(layDelivery);
}

function bodyOf(n: number): object {
  const event = commissionPosted({ distributor: `D${n}`, n: 1 });
  const memo = "m".repeat(
    Math.max(0, BODY_BYTES - JSON.stringify(event).length - ',"memo":""'.length),
  );
  return { ...event, data: { ...event.data, memo } };
}

function figuresOf(pairs: Parameters<typeof compare<Round>>[0]): readonly Figure[] {
  const common = { group: "ingest" };
  return [
    {
      ...common,
      name: "rate",
      unit: "requests/s",
      ...compare(pairs, ({ perSecond }) => perSecond),
      budget: { of: "ratio", atLeast: 0.8 },
    },
    { ...common, name: "p50", unit: "ms", ...compare(pairs, ({ p50Ms }) => p50Ms) },
    {
      ...common,
      name: "p99",
      unit: "ms",
      ...compare(pairs, ({ p99Ms }) => p99Ms),
      budget: { of: "ratio", atMost: 1.5 },
    },
  ];
}

function notesOf(bare: readonly Round[]): readonly string[] {
  const busy = Math.round(100 * median(bare.map(({ generatorBusy }) => generatorBusy)));
  return [
    `ingest: ${CONNECTIONS} connections kept alive, ${BODY_BYTES} B bodies signed beforehand (standard, v1). ` +
      "Both queues hold every message back until after the run, so no consumer competes.",
    `ingest: the generator's thread was busy ${busy} % of the bare rounds.`,
  ];
}
