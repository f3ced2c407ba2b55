import { pathOf, refusalText, retryAfterMs } from "./model.js";

const ANSWER_MS_MAX = 30_000;
const BOOKMARK = "D1-Bookmark";

/**
 * The API of one tenant, with one credential. Nothing is thrown: an answer is
 * `{ok: true, status, body}` or `{ok: false, status, code, text, retryMs}`, without a status where none came.
 * `onUnauthorized` hears of a credential that does not hold.
 */
export function openApi({ tenant, key }, onUnauthorized = () => {}) {
  // Whoever keeps the newest one sees no replica that is behind what was seen or done before.
  let bookmark;

  async function ask(method, parts, { query, headers = {}, signal } = {}) {
    const path = pathOf(tenant, parts, query);
    if (path === undefined) return { ok: false, status: 404, text: refusalText(404), retryMs: 0 };
    const limits = [AbortSignal.timeout(ANSWER_MS_MAX), ...(signal === undefined ? [] : [signal])];
    try {
      const response = await fetch(new URL(path, location.origin), {
        method,
        headers: {
          ...headers,
          Accept: "application/json",
          Authorization: `Bearer ${key}`,
          ...(bookmark === undefined ? {} : { [BOOKMARK]: bookmark }),
        },
        signal: AbortSignal.any(limits),
        credentials: "same-origin",
        redirect: "error",
        // No answer is left behind in the browser's cache.
        cache: "no-store",
      });
      bookmark = response.headers.get(BOOKMARK) ?? bookmark;
      const answer = await readAnswer(response);
      if (answer.status === 401) onUnauthorized(answer.text);
      return answer;
    } catch {
      // No network, nothing in time, a key that no header can carry, or nobody looks any more.
      return { ok: false, text: refusalText(), retryMs: 0 };
    }
  }

  return {
    tenant,
    read: (parts, options) => ask("GET", parts, options),
    /** Sent again with the same key it is done once. */
    write: (parts, idempotencyKey) =>
      ask("POST", parts, { headers: { "Idempotency-Key": idempotencyKey } }),
  };
}

async function readAnswer(response) {
  const { ok, status, headers } = response;
  const body = await response.json().catch(() => undefined);
  if (ok && body !== undefined) return { ok, status, body };
  const retryMs = retryAfterMs(headers.get("Retry-After"), Date.now());
  return { ok: false, status, code: body?.code, text: refusalText(status, body), retryMs };
}
