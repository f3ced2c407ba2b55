import type { Violation } from "../../core/contracts/event.ts";
import { formatInstant } from "../../core/contracts/instant.ts";
import {
  CONNECTOR_BODY_BYTES_MAX,
  type Delivery,
  type Item,
  type Means,
  type Sender,
  type Step,
} from "../../senders/sender.ts";
import type { Directory, Source } from "../control/directory.ts";
import { isGreetingLong } from "./arrive.ts";
import { readJson } from "./body.ts";
import { Captured, deliveryOf, headersIn } from "./captured.ts";
import {
  authenticate,
  bodyBytesMaxOf,
  HEADERS_MAX,
  judge,
  type Judgement,
  methodsOf,
  publishedSecrets,
  schemeOf,
  screen,
  takesOverlong,
  type Unfit,
} from "./judge.ts";
import { problem } from "./problem.ts";
import { clip } from "./rejection.ts";
import { type ApiContext, param, type Route } from "./route.ts";

/** A body of the largest size in base64, and what stands around it. */
const CAPTURED_BYTES_MAX = Math.ceil((CONNECTOR_BODY_BYTES_MAX * 4) / 3) + 256 * 1024;

export interface ExplainPorts {
  readonly senders: ReadonlyMap<string, Sender>;
  readonly directory: Pick<Directory, "source">;
  readonly certificateAt: Means["certificateAt"];
  readonly nowMs: () => number;
}

/** One item of a delivery as far as it may be shown: what it is, never what it says of a person. */
export interface ExplainedEvent {
  readonly id: string;
  readonly type?: string;
  readonly key?: string;
  readonly seq?: number;
  readonly rev?: string;
  readonly occurred_at?: string;
  readonly code?: string;
  readonly errors?: readonly Violation[];
}

export interface Explanation {
  readonly verdict: "accepted" | "refused" | "quarantined";
  readonly reason?: string;
  readonly steps: readonly Step[];
  readonly events: readonly ExplainedEvent[];
}

/**
 * `POST /v1/tenants/{t}/sources/{source}/explain`: how a captured request would be judged, through
 * the functions that judge at ingest. Nothing is enqueued.
 */
export function explainRoutes(ports: ExplainPorts): readonly Route[] {
  const { senders, directory, certificateAt, nowMs } = ports;

  async function explain(c: ApiContext): Promise<Response> {
    const captured = await readJson(c, Captured);
    if (!captured.ok) return captured.refusal;

    const source = await directory.source(param(c, "tenant"), param(c, "source"));
    const sender = source === undefined ? undefined : senders.get(source.sender);
    if (source === undefined || sender === undefined) return problem("not_found");

    const delivery = deliveryOf(captured.value, nowMs());
    const headers = headersIn(captured.value);
    const question = { sender, source, delivery, headers, certificateAt };
    return Response.json(await explainDelivery(question));
  }
  return [
    {
      method: "POST",
      path: "/v1/tenants/:tenant/sources/:source/explain",
      // It changes nothing, and tells no more of the source than reading it does.
      permission: "source:read",
      bodyBytesMax: CAPTURED_BYTES_MAX,
      handle: explain,
    },
  ];
}

/** One captured delivery, and what it is judged by. */
interface Question {
  readonly sender: Sender;
  readonly source: Source;
  readonly delivery: Delivery;
  /** How many it has. */
  readonly headers: number;
  readonly certificateAt: Means["certificateAt"];
}

/** Judges a delivery step by step, in the order of ingest. */
export async function explainDelivery(question: Question): Promise<Explanation> {
  const headers = headersStep(question);
  if (!headers.ok) return refused("headers_too_many", [headers]);
  const greeting = await greetStep(question);
  if (greeting !== undefined) {
    const steps = [headers, sourceStep(question.source), greeting];
    return { verdict: "accepted", steps, events: [] };
  }
  return explainScreened(question, headers);
}

async function explainScreened(question: Question, headers: Step): Promise<Explanation> {
  const { sender, source, delivery, certificateAt } = question;
  const isTooLong = delivery.body.length > bodyBytesMaxOf(sender);
  const unfit = screen(sender, delivery) ?? (isTooLong ? "too_large" : undefined);
  const steps = [headers, ...frontSteps(question, unfit), sourceStep(source)];
  if (unfit === "too_large" && takesOverlong(sender, source)) {
    return explainOverlong(question, steps);
  }
  if (unfit !== undefined) return refused(unfit, steps);

  const judgement = await judge(sender, source, delivery, certificateAt);
  const told = [...steps, ...judgement.steps, ...(await limitSteps(question, judgement))];
  const events = "items" in judgement ? judgement.items.map(explainItem) : [];
  const read = [...told, ...readingSteps(judgement)];
  const concluded = conclude(judgement);
  if (concluded.verdict !== "refused" && isTrial(question)) {
    return { ...refused("scheme_trial", read), events };
  }
  return { ...concluded, steps: read, events };
}

const refused = (reason: string, steps: readonly Step[]): Explanation => ({
  verdict: "refused",
  reason,
  steps,
  events: [],
});

const isTrial = ({ sender, source }: Question): boolean =>
  schemeOf(sender, source)?.isTrial === true;

const headersStep = ({ headers }: Question): Step => ({
  step: "headers",
  ok: headers <= HEADERS_MAX,
  detail: `${headers} of at most ${HEADERS_MAX} headers`,
});

/** What is no delivery, and answered before anything is verified: a challenge, a consent, a ping. */
async function greetStep({ sender, source, delivery }: Question): Promise<Step | undefined> {
  // A captured request may have lost its length; its body has not.
  const announced = Number(delivery.header("content-length") ?? delivery.body.length);
  const shown = isGreetingLong(announced) ? delivery : { ...delivery, body: new Uint8Array(0) };
  const reply = await sender.greet?.(shown, source.auth);
  if (reply === undefined) return undefined;
  const { status, headers = {}, body = "" } = reply;
  const named = Object.entries(headers).map(([name, value]) => `, ${name}: ${value}`);
  // Some answer by what only they can say: that is not for a log.
  const content = body === "" ? "" : `, and ${body.length} characters`;
  const detail = `Is no delivery: answers ${status}${named.join("")}${content}; nothing is kept`;
  return { step: "greet", ok: true, detail };
}

/** What a connector sends beyond memory is verified by its headers, and kept unread. */
async function explainOverlong(
  { sender, source, delivery, certificateAt }: Question,
  front: readonly Step[],
): Promise<Explanation> {
  const verification = await authenticate(sender, source, delivery, certificateAt);
  const steps = [...front, ...verification.steps];
  return verification.ok
    ? { verdict: "quarantined", reason: "too_large", steps, events: [] }
    : { verdict: "refused", reason: verification.reason, steps, events: [] };
}

const limit = (detail: string): Step => ({ step: "scheme", ok: false, detail });

/** Why ingest takes nothing in that would seem to hold: a scheme on trial, a published secret. */
async function limitSteps(question: Question, judgement: Judgement): Promise<readonly Step[]> {
  const { sender, source, delivery, certificateAt } = question;
  if (isTrial(question)) {
    return [limit(`Scheme "${source.auth.scheme}" is for explaining alone: it takes nothing in`)];
  }
  const secrets = publishedSecrets(sender, source);
  if (secrets.length === 0 || judgement.kind !== "unauthentic") return [];
  const auth = { ...source.auth, secrets };
  const means = { options: source.options, certificateAt };
  const known = await schemeOf(sender, source)?.verify(delivery, auth, means);
  return known?.ok === true
    ? [limit("Signed with a secret that everybody knows: nothing is taken in by it")]
    : [];
}

function conclude(judgement: Judgement): Pick<Explanation, "verdict" | "reason"> {
  const { kind } = judgement;
  if (kind === "unauthentic") return { verdict: "refused", reason: judgement.reason };
  if (kind === "malformed") return { verdict: "refused", reason: kind };
  if (kind === "violated") return { verdict: "refused", reason: "contract_violated" };
  if (kind === "unreadable") return { verdict: "quarantined", reason: "malformed" };

  const broken = judgement.items.find((item) => item.kind === "broken");
  if (broken === undefined) return { verdict: "accepted" };
  return { verdict: "quarantined", reason: broken.code };
}

function frontSteps({ sender, delivery }: Question, unfit: Unfit | undefined): Step[] {
  const { method, body, header } = delivery;
  const announced = header("content-length");
  const size = `${body.length} of at most ${bodyBytesMaxOf(sender)} bytes`;
  const packed = header("content-encoding") ?? "none";
  return [
    {
      step: "method",
      ok: unfit !== "method_not_allowed",
      detail: `Got ${method}, takes ${methodsOf(sender).join(", ")}`,
    },
    {
      step: "size",
      ok: unfit !== "too_large",
      detail: announced === undefined ? size : `${size}, ${announced} announced`,
    },
    { step: "encoding", ok: unfit !== "unsupported_media_type", detail: `Encoding: ${packed}` },
  ];
}

function sourceStep({ source, sender, auth, pausedMs }: Source): Step {
  const found = `Source "${source}": sender ${sender}, scheme ${auth.scheme}, ${auth.secrets.length} live secrets`;
  const detail = pausedMs === undefined ? found : `${found}; paused, so its deliveries are held`;
  return { step: "source", ok: true, detail };
}

function readingSteps(judgement: Judgement): readonly Step[] {
  if (judgement.kind === "unauthentic") return [];
  if (!("items" in judgement)) {
    return [{ step: "parse", ok: false, detail: sentence(judgement.errors) }];
  }
  const { items, ignored } = judgement;
  const read = `Read ${items.length} items`;
  const detail = ignored === undefined ? read : `${read}; ${ignored}`;
  const parsed = { step: "parse", ok: true, detail };
  return [parsed, ...judgement.items.map(contractStep)];
}

const contractStep = (item: Item): Step =>
  item.kind === "event"
    ? { step: "contract", ok: true, detail: `${item.id}: ${item.event.type} ${item.event.version}` }
    : { step: "contract", ok: false, detail: `${item.id}: ${item.code}: ${sentence(item.errors)}` };

const sentence = (errors: readonly Violation[]): string =>
  clip(errors)
    .map(({ path, message }) => (path === "" ? message : `${path}: ${message}`))
    .join("; ");

function explainItem(item: Item): ExplainedEvent {
  if (item.kind === "broken") {
    const { id, code, type, errors } = item;
    return { id, ...(type === undefined ? {} : { type }), code, errors: clip(errors) };
  }
  const { id, type, key, seq, rev, occurredAtMs } = item.event;
  return {
    id,
    type,
    key,
    ...(seq === undefined ? {} : { seq }),
    ...(rev === undefined ? {} : { rev }),
    occurred_at: formatInstant(occurredAtMs),
  };
}
