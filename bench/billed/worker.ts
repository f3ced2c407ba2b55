import type { Message as Sent } from "../../src/edge/message.ts";
import { createParts, subjectStub } from "../../src/compose/parts.ts";
import { kindOfSubject } from "../../src/edge/subject.ts";
import worker, {
  Distributor as RealDistributor,
  Order as RealOrder,
  Record as RealRecord,
  Tree as RealTree,
} from "../../src/worker.ts";
import { captureQueue, countD1, countObject, countR2, takeBill } from "./counting.ts";

/** The gateway with every binding counted: for the bill, not for the clock. */
type Env = Cloudflare.Env;

export class Distributor extends RealDistributor {
  constructor(ctx: DurableObjectState, env: Env) {
    countObject(ctx);
    super(ctx, env);
  }
}

export class Record extends RealRecord {
  constructor(ctx: DurableObjectState, env: Env) {
    countObject(ctx);
    super(ctx, env);
  }
}

export class Order extends RealOrder {
  constructor(ctx: DurableObjectState, env: Env) {
    countObject(ctx);
    super(ctx, env);
  }
}

export class Tree extends RealTree {
  constructor(ctx: DurableObjectState, env: Env) {
    countObject(ctx);
    super(ctx, env);
  }
}

const QUEUE = "upline-local-events-0";
const sent: Sent[] = [];
const counted = new WeakMap<Env, Env>();

function countedEnv(env: Env): Env {
  const known = counted.get(env);
  if (known !== undefined) return known;
  const fresh: Env = {
    ...env,
    MIRROR_0: countD1(env.MIRROR_0),
    EVENTS_0: captureQueue(env.EVENTS_0, sent),
    ARCHIVE_0: countR2(env.ARCHIVE_0),
  };
  counted.set(env, fresh);
  return fresh;
}

interface Delivery {
  readonly path: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
}

/** What consuming one batch sends is consumed as another: a few of them, or it would never end. */
const BATCHES_MAX = 10;

/** Takes deliveries in, consumes them as one batch, and answers with the bill of both. */
async function bill(request: Request, env: Env, ctx: ExecutionContext): Promise<Response> {
  const deliveries: Delivery[] = await request.json();
  takeBill();
  for (const { path, headers, body } of deliveries) {
    const url = new URL(path, request.url);
    const init = { method: "POST", headers, body };
    const post = new Request<unknown, IncomingRequestCfProperties>(url, init);
    const response = await worker.fetch(post, env, ctx);
    if (response.status !== 202) return response;
  }
  let failed = 0;
  for (let i = 0; i < BATCHES_MAX && sent.length > 0; i += 1) {
    failed += await consume(sent.splice(0), env, ctx);
  }
  return Response.json({ ...takeBill(), failed });
}

async function consume(bodies: readonly Sent[], env: Env, ctx: ExecutionContext): Promise<number> {
  let failed = 0;
  const metrics = { backlogCount: 0, backlogBytes: 0 };
  const messages = bodies.map((body, i) => ({
    id: String(i),
    timestamp: new Date(),
    attempts: 1,
    body,
    ack: () => {},
    retry: () => {
      failed += 1;
    },
  }));
  const batch = { queue: QUEUE, messages, metadata: { metrics }, ackAll() {}, retryAll() {} };
  await worker.queue(batch, env, ctx);
  return failed;
}

/** Makes an object without an event, so that what its birth writes can be told apart. */
async function wake(params: URLSearchParams, env: Env): Promise<Response> {
  const parts = createParts(env);
  const subject = params.get("subject") ?? "";
  const place = { tenant: params.get("tenant") ?? "", subject };
  const stub = await subjectStub(parts, kindOfSubject(subject), place);
  takeBill();
  await stub.logAfter(0);
  return Response.json(takeBill());
}

export default {
  async fetch(request, given, ctx) {
    const env = countedEnv(given);
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/bench/bill") return bill(request, env, ctx);
    if (pathname === "/bench/wake") return wake(searchParams, env);
    if (pathname === "/bench/last") return Response.json(takeBill());
    return worker.fetch(request, env, ctx);
  },
  queue(batch) {
    batch.ackAll();
  },
} satisfies ExportedHandler<Env>;
