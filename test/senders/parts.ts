import type { Delivery, Scheme, Sender, Verification } from "#src/senders/sender.ts";
import { MEANS, RECEIVED_AT_MS, URL_CALLED } from "./deliver.ts";
import type { Sample, Unsigned } from "./sample.ts";

/** A request with its proof. */
interface Proven {
  readonly method: string;
  readonly url: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly certificate?: Delivery["certificate"];
  readonly receivedAtMs: number;
}

/** The functions of one sample that every part of the suite needs. */
export function partsOf(sample: Sample) {
  const { sender, scheme, secret, headers = {}, method: usual = "POST", options = {} } = sample;
  const { verify: check } = schemeOf(sender, scheme);
  const means = { ...MEANS, options: JSON.parse(JSON.stringify(options)) };
  const verify = (delivery: Delivery, secrets: readonly string[] = [secret]) =>
    check(delivery, { scheme, secrets }, means);
  const request = async (change: Partial<Unsigned> = {}): Promise<Proven> => {
    const { method = usual, url = URL_CALLED, atMs = RECEIVED_AT_MS, body = sample.body } = change;
    const key = change.secret ?? sample.signingSecret ?? secret;
    const proof = await sample.sign({ secret: key, method, url, body, atMs, headers });
    return {
      method,
      url: proof.url ?? url,
      body: proof.body ?? body,
      headers: { ...headers, ...proof.headers },
      receivedAtMs: RECEIVED_AT_MS,
      ...(proof.certificate === undefined ? {} : { certificate: proof.certificate }),
    };
  };
  const context = { tenant: "acme", source: "source", options: means.options };
  const read = (delivery: Delivery) => sender.read(delivery, context);
  return { verify, request, read };
}

export const believes = (result: Verification): boolean => result.ok;

export function schemeOf(sender: Sender, name: string): Scheme {
  const scheme = sender.schemes[name];
  if (scheme === undefined) throw new Error(`Sender "${sender.name}" knows no "${name}"`);
  return scheme;
}
