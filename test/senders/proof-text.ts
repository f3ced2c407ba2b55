import type { Sample } from "./sample.ts";

/** Where a proof stands in a text: a signature or token, without what is written around it. */
export interface Place {
  readonly from: number;
  readonly to: number;
}

/** The last long word: behind `t=…,v1=`, `v1,`, `sha256=`, `Bearer `, `sig1=:` or a JWT's dots. */
const WORD = /[\w+/-]{16,}={0,2}/g;
const IN_BODY =
  /(?<="hmacSignature":")[^"]+|(?<=bt_signature=[^&]*%7C)[\da-f]+|(?<="token":")[^"]+/;

/** The proof in a header's value. Throws where the text holds none. */
export function placeIn(text: string): Place {
  const word = [...text.matchAll(WORD)].at(-1);
  if (word === undefined) throw new Error("The text holds no proof");
  return { from: word.index, to: word.index + word[0].length };
}

/** The proof in a body that carries it itself. */
export function placeInBody(body: string): Place {
  const found = IN_BODY.exec(body);
  if (found === null) throw new Error("The body holds no proof");
  return { from: found.index, to: found.index + found[0].length };
}

export const replaced = (text: string, { from, to }: Place, other: string): string =>
  text.slice(0, from) + other + text.slice(to);

/** A request as far as its proof is concerned. */
export interface Shown {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The same request with another text in the place of its proof; nothing where no text is one. */
export function withProof<Request extends Shown>(
  { proof }: Pick<Sample, "proof">,
  request: Request,
  other: string,
): Request | undefined {
  if (proof === "certificate") return undefined;
  if (proof === "url") {
    return {
      ...request,
      url: request.url.replace(/(?<=[?&](?:token|code)=).*$/, encodeURIComponent(other)),
    };
  }
  if (proof === "body") {
    const { body } = request;
    return { ...request, body: replaced(body, placeInBody(body), other) };
  }
  const text = request.headers[proof.header] ?? "";
  const headers = { ...request.headers, [proof.header]: replaced(text, placeIn(text), other) };
  return { ...request, headers };
}
