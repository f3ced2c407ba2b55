import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { administer, isLoopback } from "./admin.ts";
import type { ReferenceCore } from "./core.ts";
import { beginsAnew, type Fault, type FaultKind, lie } from "./faults.ts";
import { Problem, problemText } from "./problem.ts";

export interface Serving {
  readonly core: ReferenceCore;
  readonly auth: string;
  readonly adminToken: string;
  /** What the interface answers to a path and its parameters. */
  readonly answer: (path: string, params: URLSearchParams) => Record<string, unknown>;
  /** Counts a question, and the bytes of an answer. */
  readonly asked: () => void;
  readonly told: (bytes: number) => void;
}

/** Answers one request, rightly or as the faults want it. */
export async function serve(
  serving: Serving,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname } = new URL(request.url ?? "/", "http://core");
  const isAdmin = pathname === "/admin" || pathname.startsWith("/admin/");
  try {
    if (isAdmin) await serveAdmin(serving, request, response);
    else await serveCore(serving, request, response);
  } catch (error) {
    sendProblem(response, error);
  }
}

async function serveAdmin(
  { core, adminToken }: Serving,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!isLoopback(request)) throw new Problem(403, "Only this machine administers the core");
  authorize(request, `Bearer ${adminToken}`);
  send(response, 200, JSON.stringify(await administer(core, request)));
}

async function serveCore(
  { core, auth, answer, asked, told }: Serving,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://core");
  asked();
  if (request.method !== "GET") throw new Problem(405, "Only GET is answered here");
  authorize(request, auth.includes(" ") ? auth : `Bearer ${auth}`);
  const faults = core.faults.take(pathname, searchParams);
  if (beginsAnew(faults)) searchParams.delete("cursor");
  for (const fault of faults) {
    if ((await MISBEHAVIOURS[fault.kind]?.(fault, response)) === true) return;
  }
  const text = JSON.stringify(lie(answer(pathname, searchParams), faults, searchParams));
  told(Buffer.byteLength(text));
  await tell(response, text, faults);
}

/** RFC 9110 §11.6: the credential, compared without telling how much of it is right. */
function authorize(request: IncomingMessage, expected: string): void {
  const given = Buffer.from(request.headers.authorization ?? "");
  const wanted = Buffer.from(expected);
  if (given.length === wanted.length && timingSafeEqual(given, wanted)) return;
  throw new Problem(401, "No valid credential", [], { "WWW-Authenticate": "Bearer" });
}

type Misbehaviour = (fault: Fault, response: ServerResponse) => boolean | Promise<boolean>;

const turnAway =
  (status: number, title: string): Misbehaviour =>
  () => {
    throw new Problem(status, title);
  };

/** Faults beside those of what is told; each says whether it was all of the answer. */
const MISBEHAVIOURS: Partial<Readonly<Record<FaultKind, Misbehaviour>>> = {
  down: (_fault, response) => {
    response.socket?.destroy();
    return true;
  },
  slow: async ({ ms = 60_000 }, response) => {
    await sleep(ms, response);
    return response.destroyed;
  },
  huge: (_fault, response) => {
    flood(response);
    return true;
  },
  not_json: (_fault, response) => {
    send(response, 200, "<html><body>Welcome</body></html>", { "Content-Type": "text/html" });
    return true;
  },
  redirect: ({ location = "/elsewhere" }, response) => {
    send(response, 302, "", { Location: location });
    return true;
  },
  status: (fault) => {
    throw new Problem(fault.status ?? 500, "The core was told to fail", [], retryAfter(fault));
  },
  without_digests: turnAway(404, "This core has no digests"),
  without_buckets: turnAway(404, "This core lists no buckets"),
  cursor_refused: turnAway(400, "The cursor is not known any more"),
};

const retryAfter = ({ retry_after_s: seconds }: Fault): Record<string, string> =>
  seconds === undefined ? {} : { "Retry-After": String(seconds) };

/** What was made is sent; cut off, or slowly, where that is the fault. */
async function tell(
  response: ServerResponse,
  text: string,
  faults: readonly Fault[],
): Promise<void> {
  const drip = faults.find(({ kind }) => kind === "drip");
  const isCut = faults.some(({ kind }) => kind === "malformed");
  const said = isCut ? text.slice(0, text.length / 2) : text;
  if (drip === undefined) {
    send(response, 200, said);
    return;
  }
  response.writeHead(200, { "Content-Type": "application/json" });
  for (let at = 0; at < said.length && !response.destroyed; at += 1) {
    response.write(said.charAt(at));
    await sleep(drip.ms ?? 1000, response);
  }
  response.end();
}

/** Writes until nobody reads any more. */
function flood(response: ServerResponse): void {
  response.writeHead(200, { "Content-Type": "application/json" });
  const piece = " ".repeat(64 * 1024);
  const write = (): void => {
    while (!response.destroyed && response.write(piece));
  };
  response.on("drain", write);
  response.on("error", () => response.destroy());
  write();
}

/** Ends early where the connection does. */
async function sleep(ms: number, response: ServerResponse): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  response.once("close", resolve);
  await promise;
  clearTimeout(timer);
}

function sendProblem(response: ServerResponse, error: unknown): void {
  if (response.destroyed) return;
  const problem =
    error instanceof Problem ? error : new Problem(500, "Something failed in the core");
  if (!(error instanceof Problem)) process.stderr.write(`${String(error)}\n`);
  send(response, problem.status, problemText(problem), {
    "Content-Type": "application/problem+json",
    ...problem.headers,
  });
}

function send(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { "Content-Type": "application/json", ...headers });
  response.end(text);
}
