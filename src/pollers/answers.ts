import { type Loose, looseOf, textOf } from "../senders/read/loose.ts";
import type { Answer, Fault } from "./poller.ts";

const DETAIL_CHARS_MAX = 200;
/** A product that wants to be left alone for longer is asked once a day all the same. */
const AFTER_MS_MAX = 86_400_000;

/** Text of a product's own, short enough for a report: codes and sentences, never a record. */
export const detailOf = (...parts: readonly unknown[]): string =>
  parts
    .map((part) => textOf(part) ?? "")
    .filter((part) => part !== "")
    .join(": ")
    .slice(0, DETAIL_CHARS_MAX);

/** `Retry-After` in seconds (RFC 9110 §10.2.3), as milliseconds; a date is left to our own pause. */
export function retryAfterMs({ header }: Pick<Answer, "header">): number | undefined {
  const text = header("retry-after")?.trim() ?? "";
  return /^\d{1,9}$/.test(text) ? Math.min(Number(text) * 1000, AFTER_MS_MAX) : undefined;
}

/** What a status says that is no success, whatever the product; nothing for 200 to 299. */
export function faultOf(answer: Answer, said: string = saidBy(answer)): Fault | undefined {
  const { status } = answer;
  if (status >= 200 && status < 300) return undefined;
  const detail = detailOf(`status ${status}`, said);
  const afterMs = retryAfterMs(answer);
  if (status === 429 || (status === 503 && afterMs !== undefined)) {
    return { kind: "throttled", detail, ...(afterMs === undefined ? {} : { afterMs }) };
  }
  return { kind: KINDS.get(status) ?? (status >= 500 ? "failed" : "refused"), detail };
}

const KINDS: ReadonlyMap<number, "unauthorized" | "forbidden" | "failed"> = new Map([
  [401, "unauthorized"],
  [403, "forbidden"],
  [408, "failed"],
]);

/** What products call their errors: HubSpot and Zoho `message` and `code`, Salesforce a list of them. */
function saidBy({ body }: Answer): string {
  const first: Loose = looseOf(Array.isArray(body) ? body[0] : body);
  const { errorCode, code, category, message, error, error_description: described } = first;
  return detailOf(errorCode ?? code ?? category ?? error, message ?? described);
}

export const failed = (detail: string): Fault => ({ kind: "failed", detail });
