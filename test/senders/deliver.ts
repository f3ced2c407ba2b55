import type { Delivery, Means, Sender } from "#src/senders/sender.ts";

export interface Request {
  readonly method?: string;
  readonly url?: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: string | Uint8Array;
  readonly receivedAtMs?: number;
  readonly certificate?: Delivery["certificate"];
}

export const RECEIVED_AT_MS = 1_785_000_000_000;
export const URL_CALLED = "https://hooks.example.net/in/acme/source";

/** A delivery as the edge hands it over: header names in any case, several values joined. */
export function deliver(request: Request): Delivery {
  const { body = "", headers = {} } = request;
  const byName = new Map(Object.entries(headers).map(([name, text]) => [name.toLowerCase(), text]));
  return {
    method: request.method ?? "POST",
    url: request.url ?? URL_CALLED,
    header: (name) => byName.get(name.toLowerCase()),
    body: typeof body === "string" ? new TextEncoder().encode(body) : body,
    receivedAtMs: request.receivedAtMs ?? RECEIVED_AT_MS,
    ...(request.certificate === undefined ? {} : { certificate: request.certificate }),
  };
}

/** A source without options; no certificate is to be had anywhere. */
export const MEANS: Means = { options: {}, certificateAt: () => Promise.resolve(undefined) };

/** Verifies by a scheme, under some secrets. Throws where the sender has no such scheme. */
export async function verifyBy(
  sender: Sender,
  scheme: string,
  delivery: Delivery,
  given: { readonly secrets: readonly string[]; readonly url?: string; readonly means?: Means },
) {
  const known = sender.schemes[scheme];
  if (known === undefined) throw new Error(`Sender "${sender.name}" knows no "${scheme}"`);
  const { secrets, url, means = MEANS } = given;
  return known.verify(delivery, { scheme, secrets, ...(url === undefined ? {} : { url }) }, means);
}
