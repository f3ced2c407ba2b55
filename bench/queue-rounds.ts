import { setTimeout as wait } from "node:timers/promises";
import { sign } from "./company.ts";
import type { Rig } from "./rig.ts";
import { alternate, type Pair } from "./rounds.ts";

const POLL_MS = 250;
const PREPARED_AT_ONCE = 10;

/** How long a consumer took for a round's messages. */
export interface Span {
  readonly messages: number;
  readonly batches: number;
  readonly firstMs: number;
  readonly lastMs: number;
}

export const rateOf = ({ messages, firstMs, lastMs }: Span): number =>
  (messages * 1000) / (lastMs - firstMs);

export interface QueueRounds<About> {
  readonly ours: Rig;
  readonly bare: Rig;
  readonly rounds: number;
  /** After it, a round is given up. */
  readonly roundMsMax: number;
  /** What the round's events are about: all that the bare rig is told besides their messages. */
  readonly aboutsOf: (round: number) => readonly About[];
  readonly eventOf: (about: About) => object;
}

/** Consumes the same messages on both rigs in turn; each rig consumes each of them once. */
export function alternateQueues<About extends object>(
  given: QueueRounds<About>,
): Promise<readonly Pair<Span>[]> {
  const { ours, bare, rounds, roundMsMax } = given;
  const deliveries = deliveriesOf(given);
  return alternate(
    rounds,
    async () =>
      consumed(
        ours,
        (await deliveries.ours()).map(({ message }) => message),
        roundMsMax,
      ),
    async () => consumed(bare, await deliveries.bare(), roundMsMax),
  );
}

/** Has the gateway consume these events before any round. */
export async function consumeFirst(
  ours: Rig,
  events: readonly object[],
  roundMsMax: number,
): Promise<void> {
  await Promise.all(events.map((event) => post(ours, event)));
  await consumed(ours, await ours.call<readonly unknown[]>("GET /bench/captured"), roundMsMax);
}

type Prepared<About> = About & { readonly message: unknown };

/** Messages as the gateway's own ingest makes them. */
function deliveriesOf<About extends object>(given: QueueRounds<About>) {
  const batches: Promise<readonly Prepared<About>[]>[] = [];
  const taken = { ours: 0, bare: 0 };
  const take = (rig: keyof typeof taken) => {
    const round = taken[rig];
    taken[rig] += 1;
    batches[round] ??= prepare(given, round);
    return batches[round];
  };
  return { ours: () => take("ours"), bare: () => take("bare") };
}

async function prepare<About extends object>(
  { ours, aboutsOf, eventOf }: QueueRounds<About>,
  round: number,
): Promise<readonly Prepared<About>[]> {
  const abouts = aboutsOf(round);
  // Not all at once: events of one stream must keep their order, and lie further apart than this.
  for (let at = 0; at < abouts.length; at += PREPARED_AT_ONCE) {
    const part = abouts.slice(at, at + PREPARED_AT_ONCE);
    await Promise.all(part.map((about) => post(ours, eventOf(about))));
  }
  const messages = await ours.call<readonly unknown[]>("GET /bench/captured");
  return abouts.map((about, i) => ({ ...about, message: messages[i] }));
}

async function post({ port }: Rig, event: object): Promise<void> {
  const { path, headers, body } = await sign(event);
  const url = `http://127.0.0.1:${port}${path}`;
  const response = await fetch(url, { method: "POST", headers, body });
  await response.arrayBuffer();
  if (response.status !== 202) throw new Error(`Cannot prepare: ${response.status}`);
}

/** Releases a round's messages and waits until all are consumed. */
async function consumed(
  { call }: Rig,
  bodies: readonly unknown[],
  roundMsMax: number,
): Promise<Span> {
  await call("POST /bench/release", bodies);
  const deadlineMs = Date.now() + roundMsMax;
  while (Date.now() < deadlineMs) {
    await wait(POLL_MS);
    const span = await call<Span>("GET /bench/span");
    if (span.messages >= bodies.length) return span;
  }
  throw new Error(`Cannot measure: not consumed in ${roundMsMax} ms`);
}
