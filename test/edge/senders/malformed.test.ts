import { beforeAll, describe, expect, test } from "vitest";
import type { Sample } from "../../senders/sample.ts";
import { placeIn, replaced, withProof } from "../../senders/proof-text.ts";
import { layLine, type Line } from "../support/line.ts";
import { gateOf, type Made, taking } from "./gate.ts";

let line: Line;
beforeAll(async () => {
  line = await layLine();
});

const { makeSource, prove, post } = gateOf(() => line);

/** No length of a signature that anybody makes, beside one that Ed25519 and one that RSA miss by one. */
const LENGTHS = [0, 1, 3, 63, 65, 255] as const;
const ENCODINGS = ["hex", "base64", "base64url"] as const;
const NO_ENCODING = [
  "!",
  "====",
  "%%%%",
  "v1,",
  "é",
  "A",
  "-----BEGIN",
  "[object Object]",
] as const;

/** A signature is tried in every encoding; a token is compared as a text, whatever it encodes. */
function writtenFor({ sender, scheme }: Sample): readonly string[] {
  const isToken = sender.schemes[scheme]?.covers === "nothing" && scheme !== "jwt-bearer";
  const texts = LENGTHS.flatMap((length) =>
    (isToken ? ENCODINGS.slice(0, 1) : ENCODINGS).map((encoding) =>
      Buffer.alloc(length, 0xa5).toString(encoding),
    ),
  );
  return [...new Set([...texts, ...NO_ENCODING])];
}

// Node answers false where workerd throws: here every scheme meets the WebCrypto it will run on.
describe.each(
  taking
    .filter(({ proof }) => proof !== "certificate")
    .map((sample) => [`${sample.sender.name} by ${sample.scheme}`, sample] as const),
)("%s, under signatures that are none", (_name, sample) => {
  test("is refused as by any other signature that does not fit", async () => {
    const source = await makeSource(sample);
    const made = await prove(sample, source);
    const answers = await Promise.all(
      writtenFor(sample).map(async (text) => {
        const changed = withProof(sample, made, text);
        const response = changed === undefined ? undefined : await post(changed);
        return [text.slice(0, 24), response?.status];
      }),
    );
    expect(answers.filter(([, status]) => status !== 401)).toEqual([]);
    expect(line.queued).toEqual([]);
  });
});

/** The header with an entry of each length in front of the good one, as its scheme lists them. */
type Lists = (text: string, other: string) => string;

const inFrontOf =
  (separator: string): Lists =>
  (text, other) =>
    `${replaced(text, placeIn(text), other)}${separator}${text}`;

/** Where a scheme's signatures are listed, and how. */
const LISTING: Readonly<Record<string, Lists>> = {
  "standard-webhooks-v1": inFrontOf(" "),
  "standard-webhooks-v1a": inFrontOf(" "),
  "stripe-v1": (text, other) => text.replace("v1=", `v1=${other},v1=`),
};

const listing = taking.filter(
  ({ scheme, proof }) => scheme in LISTING && typeof proof === "object",
);

const headerOf = ({ proof }: Sample): string => (typeof proof === "object" ? proof.header : "");

const LABEL = /^\w+/;

/** RFC 9421: one more label, over the same components, in front of the genuine one. */
function relabelled({ headers }: Made, other: string): Readonly<Record<string, string>> {
  const [input = "", signature = ""] = [headers["signature-input"], headers["signature"]];
  const name = LABEL.exec(input)?.[0] ?? "";
  return {
    ...headers,
    "signature-input": `${input.replace(name, "zero")}, ${input}`,
    signature: `zero=:${other}:, ${signature}`,
  };
}

describe("a signature that is none in front of a good one", () => {
  // Without the empty one, with which a list of `v1,` reads like a header that came twice.
  const others = LENGTHS.filter((length) => length > 0).map((length) =>
    Buffer.alloc(length, 0xa5).toString("base64"),
  );

  test.each(
    listing.map((sample) => [`${sample.sender.name} by ${sample.scheme}`, sample] as const),
  )("hides nothing: %s", async (_name, sample) => {
    const source = await makeSource(sample);
    for (const other of [...others, "!"]) {
      const made = await prove(sample, source);
      const name = headerOf(sample);
      const text = LISTING[sample.scheme]?.(made.headers[name] ?? "", other) ?? "";
      const response = await post({ ...made, headers: { ...made.headers, [name]: text } });
      expect([text, response.status]).toEqual([text, expect.toBeOneOf([200, 202])]);
    }
    await line.drain();
  });

  const labelled = taking.filter(({ sender }) => sender.name === "http-signatures");
  test.each(labelled.map((sample) => [sample.scheme, sample] as const))(
    "hides nothing: %s",
    async (_name, sample) => {
      const source = await makeSource(sample);
      for (const other of others) {
        const made = await prove(sample, source);
        const response = await post({ ...made, headers: relabelled(made, other) });
        expect([other, response.status]).toEqual([other, expect.toBeOneOf([200, 202])]);
      }
      await line.drain();
    },
  );
});
