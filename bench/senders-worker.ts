import { SENDERS } from "../src/senders/index.ts";
import type { Delivery } from "../src/senders/sender.ts";

// The settings of wrangler.toml name them.
export { Distributor, Order, Record, Tree } from "../src/worker.ts";

/** One signed delivery, and how often it is judged. */
interface Task {
  readonly sender: string;
  readonly secret: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly receivedAtMs: number;
  readonly times: number;
}

/** Verifies and reads one delivery again and again; the time is taken by who asks. */
export default {
  async fetch(request: Request): Promise<Response> {
    const task = await request.json<Task>();
    const isBare = new URL(request.url).pathname === "/bare";
    return Response.json({ read: await (isBare ? judgeBare(task) : judge(task)) });
  },
} satisfies ExportedHandler;

async function judge(task: Task): Promise<number> {
  const sender = SENDERS.get(task.sender);
  const scheme = sender?.schemes[sender.defaultScheme];
  if (sender === undefined || scheme === undefined) {
    throw new Error(`Cannot judge for "${task.sender}": there is no such sender`);
  }
  const auth = { scheme: sender.defaultScheme, secrets: [task.secret] };
  const means = { options: {}, certificateAt: () => Promise.resolve(undefined) };
  const context = { tenant: "bench", source: "bench", options: means.options };
  const body = new TextEncoder().encode(task.body);
  const headers = new Headers(task.headers);
  const delivery: Delivery = {
    method: "POST",
    url: task.url,
    header: (name) => headers.get(name) ?? undefined,
    body,
    receivedAtMs: task.receivedAtMs,
  };
  let items = 0;
  for (let time = 0; time < task.times; time += 1) {
    const { ok } = await scheme.verify(delivery, auth, means);
    if (!ok) throw new Error(`Cannot judge for "${task.sender}": it does not verify`);
    const reading = sender.read(delivery, context);
    items += reading.kind === "items" ? reading.items.length : 0;
  }
  return items;
}

/** What cannot be left out: one HMAC over the body with a key at hand, and parsing it. */
async function judgeBare({ body, secret, times }: Task): Promise<number> {
  const utf8 = new TextEncoder();
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", utf8.encode(secret), algorithm, false, [
    "verify",
  ]);
  const bytes = utf8.encode(body);
  const signature = new Uint8Array(32);
  let items = 0;
  for (let time = 0; time < times; time += 1) {
    await crypto.subtle.verify("HMAC", key, signature, bytes);
    JSON.parse(new TextDecoder().decode(bytes));
    items += 1;
  }
  return items;
}
