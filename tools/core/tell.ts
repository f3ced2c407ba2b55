import { signStandard } from "../../scripts/signing.ts";
import type { Outbox, Waiting } from "./outbox.ts";

/** Where the gateway takes this core's events: `{url}/in/{tenant}/{source}`, and what signs them. */
export interface GatewaySource {
  readonly url: string;
  /** `whsec_…`, as the source was made with. */
  readonly secret: string;
}

const EVENTS_MAX = 100;
const ATTEMPTS_MAX = 5;
const PAUSE_MS_MAX = 10_000;

/** Sends the events that are due, in their order, until none is left; says how many it were. */
export async function tellGateway(
  outbox: Outbox,
  source: GatewaySource,
  nowMs: () => number,
): Promise<number> {
  let told = 0;
  for (;;) {
    const events = outbox.waiting(nowMs(), EVENTS_MAX);
    if (events.length === 0) return told;
    await post(source, events, nowMs);
    // Marked behind the answer: what a crash leaves waiting is sent again, and is a duplicate there.
    outbox.told(events);
    told += events.length;
  }
}

async function post(
  { url, secret }: GatewaySource,
  events: readonly Waiting[],
  nowMs: () => number,
): Promise<void> {
  const body = `[${events.map(({ envelope }) => envelope).join(",")}]`;
  const [first] = events;
  const id = `msg_${first?.no}_${nowMs()}`;
  for (let attempt = 1; ; attempt += 1) {
    const timestampS = Math.floor(nowMs() / 1000);
    const signed = await signStandard({ secret, id, timestampS, body });
    const headers = { "content-type": "application/json", ...signed };
    const response = await fetch(url, { method: "POST", headers, body });
    const text = await response.text();
    if (response.ok) return;
    const isBusy = response.status === 429 || response.status >= 500;
    if (!isBusy || attempt === ATTEMPTS_MAX) {
      throw new Error(`Cannot tell the gateway: ${response.status} ${text.slice(0, 500)}`);
    }
    const askedMs = Number(response.headers.get("Retry-After") ?? 1) * 1000;
    await new Promise((resolve) => setTimeout(resolve, Math.min(askedMs, PAUSE_MS_MAX)));
  }
}
