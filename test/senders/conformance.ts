import { runs } from "../support/runs.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Sender, Verification } from "#src/senders/sender.ts";
import { refusesTheChanged } from "./changed.ts";
import { deliver, RECEIVED_AT_MS } from "./deliver.ts";
import { mangled } from "./mangle.ts";
import { believes, partsOf, schemeOf } from "./parts.ts";
import type { Sample } from "./sample.ts";

type Rewritten = NonNullable<Sample["rewritten"]>;

/** What of a body some tool or other takes away or adds, whatever the body is written in. */
const RAW_BYTES: Rewritten = [
  ["a byte order mark", (body) => `\uFEFF${body}`],
  ["CRLF and a trailing newline", (body) => `${body}\r\n`],
  ["a trailing newline", (body) => `${body}\n`],
  ["line breaks of two bytes", (body) => body.replaceAll(/\r?\n/g, "\r\n")],
  ["a letter as its code", escaped],
];

/** One letter of a value as JSON, XML or a form would also write it. */
function escaped(body: string): string {
  const code = (letter: string): string => (letter.codePointAt(0) ?? 0).toString(16);
  if (/^\s*[[{]/.test(body)) {
    return body.replace(/"([A-Za-z])/, (_, letter: string) => `"\\u00${code(letter)}`);
  }
  if (body.startsWith("<")) {
    return body.replace(/>([A-Za-z\d])/, (_, letter: string) => `>&#x${code(letter)};`);
  }
  return body.replace(/=([A-Za-z\d])/, (_, letter: string) => `=%${code(letter)}`);
}

const JSON_BODIES: Rewritten = [
  ["leading white space", (body) => `\n  ${body}`],
  ["unicode escapes", (body) => body.replace("{", '{"caf\\u00e9":"\\ud83d\\ude00",')],
  ["text beyond ASCII", (body) => body.replace("{", '{"name":"Zoë 😀",')],
];

const MALFORMED: NonNullable<Sample["malformed"]> = [
  ["no bytes", ""],
  ["text that is not JSON", "{"],
  ["two JSON texts", "{}{}"],
  ["bytes that are not UTF-8", Uint8Array.of(0x22, 0xff, 0x22)],
  ["a lone continuation byte in a name", Uint8Array.of(0x7b, 0x22, 0x80, 0x22, 0x7d)],
  ["65 levels", "[".repeat(65) + "]".repeat(65)],
];

/** What every sender promises, whatever its scheme. Each sender's test calls this. */
export function conforms(sample: Sample): void {
  describe(`${sample.sender.name} by ${sample.scheme}, as every sender`, () => {
    believesTheGenuine(sample);
    refusesTheChanged(sample);
    refusesStrangers(sample);
    standsAnything(sample);
  });
  describe(`${sample.sender.name} by ${sample.scheme}, as every reader`, () => {
    readsSteadily(sample);
  });
}

function believesTheGenuine(sample: Sample): void {
  const { sender, scheme, secret, other, covers, proof } = sample;
  const { verify, request } = partsOf(sample);

  test("stands under its own name with a default scheme it knows", () => {
    expect(Object.keys(sender.schemes)).toContain(sender.defaultScheme);
    expect(Object.keys(sender.schemes)).toContain(scheme);
  });

  test("takes its secrets and options, and says what is wrong with an empty secret", () => {
    const { checkSecret } = schemeOf(sender, scheme);
    expect(checkSecret(secret)).toBeUndefined();
    expect(checkSecret(other)).toBeUndefined();
    expect(checkSecret("")).toEqual(expect.any(String));
    const options = JSON.parse(JSON.stringify(sample.options ?? {}));
    expect(sender.checkOptions(options, scheme)).toEqual([]);
    const wrong = sender.checkOptions({ ...options, no_such_option: true }, scheme);
    expect(wrong).not.toEqual([]);
  });

  test("believes a genuine delivery, and every step of it holds", async () => {
    const result = await verify(deliver(await request()));
    expect(result).toMatchObject({ ok: true });
    expect(result.steps.every((step) => step.ok)).toBe(true);
  });

  test("believes the older of two secrets", async () => {
    const result = await verify(deliver(await request()), [other, secret]);
    expect(result.ok).toBe(true);
    expect(JSON.stringify(result.steps)).toContain("secret 2 of 2");
  });

  test("believes the same delivery again, from kept keys", async () => {
    const delivery = deliver(await request());
    expect(await verify(delivery)).toEqual(await verify(delivery));
  });

  test.each([...(sample.rawBytes ?? RAW_BYTES), ...(sample.rewritten ?? JSON_BODIES)])(
    "judges the bytes that came: %s",
    async (_name, change) => {
      const changed = change(sample.body);
      const [genuine, signed] = [await request(), await request({ body: changed })];
      expect(believes(await verify(deliver(signed)))).toBe(true);
      if (covers.body !== true || proof === "body" || changed === sample.body) return;
      expect(believes(await verify(deliver({ ...signed, body: genuine.body })))).toBe(false);
      expect(believes(await verify(deliver({ ...genuine, body: signed.body })))).toBe(false);
    },
  );

  test("shows no secret and no proof in its steps", async () => {
    const signed = await request();
    const results = [await verify(deliver(signed)), await verify(deliver(signed), [other])];
    const shown = JSON.stringify(results);
    const proven = typeof proof === "object" ? [signed.headers[proof.header]] : [];
    for (const hidden of [secret, other, ...proven]) expect(shown).not.toContain(hidden);
  });

  const { time } = covers;
  test.runIf(time !== undefined)("believes up to its limits of time, and not beyond", async () => {
    const { ageMsMax, aheadMsMax, unitMs } = time ?? { ageMsMax: 0, aheadMsMax: 0, unitMs: 1 };
    const verifyAt = async (atMs: number) => verify(deliver(await request({ atMs })));
    expect(believes(await verifyAt(RECEIVED_AT_MS - ageMsMax))).toBe(true);
    expect(believes(await verifyAt(RECEIVED_AT_MS + aheadMsMax))).toBe(true);
    const old = await verifyAt(RECEIVED_AT_MS - ageMsMax - unitMs);
    const ahead = await verifyAt(RECEIVED_AT_MS + aheadMsMax + unitMs);
    expect(["timestamp_old", "token_invalid"]).toContain(reasonOf(old));
    expect(["timestamp_future", "token_invalid"]).toContain(reasonOf(ahead));
  });
}

function refusesStrangers(sample: Sample): void {
  const { other } = sample;
  const { verify, request } = partsOf(sample);

  test.each([
    ["an unknown secret", [other], ["signature_mismatch", "token_invalid", "certificate_invalid"]],
    ["no secret", [], ["secret_unusable"]],
    ["an empty secret", [""], ["secret_unusable", "signature_mismatch"]],
  ])("refuses %s", async (_name, secrets, reasons) => {
    const result = await verify(deliver(await request()), secrets);
    expect(reasons).toContain(reasonOf(result));
  });

  test("refuses a delivery without its proof", async () => {
    const result = await verify(deliver({ body: sample.body, method: sample.method ?? "POST" }));
    expect(reasonOf(result)).toMatch(/_(missing|malformed|invalid)$/);
    expect(result.steps.at(-1)).toMatchObject({ ok: false });
  });
}

const ODD_TEXTS = ["NaN", "-1", "1e9", "Infinity", "v1,", "v1a,AA==", "t=,v1=", "Bearer ..", "0"];

/** A sender is fuzzed whole by its usual scheme; by the others so far as they differ. */
const runsOf = ({ sender, scheme }: Sample, times: number): number =>
  runs(scheme === sender.defaultScheme ? times : Math.ceil(times / 20));

function standsAnything(sample: Sample): void {
  const { covers, proof, body, sender } = sample;
  const { verify, request, read } = partsOf(sample);

  test("never throws and believes nothing, whatever headers and secrets say", async () => {
    const { headers: genuine } = await request();
    const names = [...new Set([...Object.keys(genuine), ...covers.headers])];
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom(...ODD_TEXTS, ...Object.values(genuine)),
    );
    const headers = fc.record(Object.fromEntries(names.map((name) => [name, text])), {
      requiredKeys: [],
    });
    await fc.assert(
      fc.asyncProperty(headers, fc.array(text, { maxLength: 3 }), async (made, secrets) => {
        const delivery = deliver({ headers: made, body });
        expect(await verify(delivery)).toHaveProperty("ok");
        const isBelieved = believes(await verify(delivery, secrets));
        expect(isBelieved && !isShown(proof, made, secrets)).toBe(false);
      }),
      { numRuns: runsOf(sample, 60) },
    );
  });

  // The fuzz of every sender: 500 runs each, 20 times that in the long run.
  test("reads or refuses whatever is made of a genuine delivery", async () => {
    const genuine = await request();
    const isCovered = covers.body === true;
    await fc.assert(
      fc.asyncProperty(mangled(genuine.body), async (changed) => {
        const delivery = deliver({ ...genuine, body: changed });
        const result = await verify(delivery);
        const isOther = isCovered && !isSame(changed, genuine.body);
        expect(isOther && believes(result)).toBe(false);
        expect(["items", "malformed"]).toContain(read(delivery).kind);
      }),
      { numRuns: runsOf(sample, 500) },
    );
    expect(sender.name).not.toBe("");
  });
}

/** A token is believed where it is shown to whoever holds it as its secret. */
const isShown = (
  proof: Sample["proof"],
  headers: Readonly<Record<string, string | undefined>>,
  secrets: readonly string[],
): boolean =>
  typeof proof === "object" &&
  secrets.some((secret) => secret !== "" && (headers[proof.header] ?? "").includes(secret));

const isSame = (changed: string | Uint8Array, text: string): boolean =>
  typeof changed === "string" ? changed === text : Buffer.from(changed).equals(Buffer.from(text));

/** Mappings that fit nothing, or everything. */
const ODD_OPTIONS = [
  { rules: [{ type: "order.cancelled", fields: { order_id: { value: "1" } } }] },
  { rules: [{ type: "lead.upserted", when: { $type: "none" }, fields: {} }], fields: {} },
  { fields: { "payment.confirmed": { order_id: "a.b[0].c" }, "cdc.gap": { table: "$id" } } },
  { tables: { "*": { key: ["id"] } }, epoch: 7 },
  { tables: { "*": { key: ["x"], events: [{ type: "ticket.upserted", fields: {} }] } } },
];

function readsSteadily(sample: Sample): void {
  const { request, read } = partsOf(sample);
  const { headers = {}, followsOptions = false } = sample;

  test.each(sample.malformed ?? MALFORMED)("calls %s malformed, and says why", (_name, body) => {
    const reading = read(deliver({ body, headers }));
    expect(reading).toMatchObject({ kind: "malformed", errors: [{ rule: expect.any(String) }] });
  });

  test("reads the same delivery the same every time", async () => {
    const delivery = deliver(await request());
    const reading = read(delivery);
    expect(reading.kind).toBe("items");
    expect(read(delivery)).toEqual(reading);
  });

  test.skipIf(followsOptions)("finds as many items, whatever the options", async () => {
    const delivery = deliver(await request());
    const ids = idsOf(read(delivery));
    for (const options of [{}, ...ODD_OPTIONS]) {
      const place = { tenant: "acme", source: "source", options };
      expect(idsOf(sample.sender.read(delivery, place))).toEqual(ids);
    }
  });

  test("names every item within 128 characters, once", async () => {
    const ids = idsOf(read(deliver(await request())));
    expect(ids.length).toBeGreaterThan(0);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.every((id) => id.length > 0 && id.length <= 128)).toBe(true);
  });

  test("never throws, whatever JSON it is given", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), (json) => {
        expect(read(deliver({ body: json, headers }))).toHaveProperty("kind");
      }),
      { numRuns: runsOf(sample, 100) },
    );
  });
}

const idsOf = (reading: ReturnType<Sender["read"]>): readonly string[] =>
  reading.kind === "items" ? reading.items.map(({ id }) => id) : [];

const reasonOf = (result: Verification): string => (result.ok ? "none" : result.reason);
