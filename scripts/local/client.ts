/** An answer of the gateway, its body read. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

export interface GatewayClient {
  readonly url: string;
  /** `call("PUT /v1/tenants/acme", {...})`, with the administrator's token. */
  readonly call: (line: string, body?: unknown) => Promise<Answer>;
  /** As {@link call}; throws unless the answer is a success. */
  readonly must: (line: string, body?: unknown) => Promise<unknown>;
}

const ATTEMPTS_MAX = 10;
const RETRY_AFTER_S_MAX = 30;

/** Talks to a gateway over HTTP as any integrator does. Waits where it is told to (429, 503). */
export function createClient(url: string, adminToken: string): GatewayClient {
  async function call(line: string, body?: unknown): Promise<Answer> {
    const [method = "GET", path = "/"] = line.split(" ");
    const json = body === undefined ? {} : { "Content-Type": "application/json" };
    const response = await politely(() =>
      fetch(`${url}${path}`, {
        method,
        headers: { Authorization: `Bearer ${adminToken}`, ...json },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
    return readAnswer(response);
  }

  async function must(line: string, body?: unknown): Promise<unknown> {
    const answer = await call(line, body);
    if (answer.status < 300) return answer.body;
    throw new Error(`Cannot ${line}: ${answer.status} ${JSON.stringify(answer.body)}`);
  }

  return { url, call, must };
}

export async function readAnswer(response: Response): Promise<Answer> {
  const { status, headers } = response;
  const text = await response.text();
  const isJson = headers.get("Content-Type")?.includes("json") === true && text !== "";
  const body: unknown = isJson ? JSON.parse(text) : text;
  return { status, headers, body };
}

/** Sends again what was turned away for now, when it says so. */
async function politely(send: () => Promise<Response>): Promise<Response> {
  for (let attempt = 1; ; attempt += 1) {
    const response = await send();
    const isBusy = response.status === 429 || response.status === 503;
    if (!isBusy || attempt === ATTEMPTS_MAX) return response;
    await response.body?.cancel();
    await pause(retryAfterMs(response.headers));
  }
}

/** What `Retry-After` asks for, a second where it says nothing. */
export function retryAfterMs(headers: Headers): number {
  const seconds = Number(headers.get("Retry-After") ?? 1);
  const sensible = Number.isFinite(seconds) ? Math.max(0, seconds) : 1;
  return Math.min(sensible, RETRY_AFTER_S_MAX) * 1000;
}

export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

/** A member of something that came as JSON; nothing where there is none. */
export function member(value: unknown, ...path: readonly (string | number)[]): unknown {
  let at = value;
  for (const name of path) {
    if (typeof at !== "object" || at === null) return undefined;
    at = Reflect.get(at, name);
  }
  return at;
}
