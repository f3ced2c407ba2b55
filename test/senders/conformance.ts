import { runs } from "../support/runs.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Delivery, Sender, Verification, Verify } from "#src/senders/sender.ts";
import { deliver, RECEIVED_AT_MS, URL_CALLED } from "./deliver.ts";

/** What a signer gets to see of the request it signs. */
export interface Unsigned {
  readonly secret: string;
  readonly method: string;
  readonly url: string;
  readonly body: string;
  readonly atMs: number;
}

interface Signed extends Omit<Unsigned, "secret" | "atMs"> {
  readonly headers: Readonly<Record<string, string>>;
  readonly receivedAtMs: number;
}

export interface Conformance {
  readonly sender: Sender;
  readonly scheme: string;
  readonly secret: string;
  /** Another secret of the same form, which signed nothing. */
  readonly other: string;
  /** What the sender signs with, where that is not the secret the gateway holds. */
  readonly signingSecret?: string;
  /** A body this sender would really send. */
  readonly body: string;
  readonly sign: (request: Unsigned) => Promise<Readonly<Record<string, string>>>;
  /** The header that carries the proof. */
  readonly proof: string;
  /** What the proof covers, exceptions declared: a bearer token covers nothing of the request. */
  readonly covers: {
    readonly body: boolean;
    readonly method: boolean;
    readonly url: boolean;
    readonly headers: readonly string[];
    /** The last moments, counted in milliseconds, at which it is still or already believed. */
    readonly time?: {
      readonly ageMsMax: number;
      readonly aheadMsMax: number;
      readonly unitMs: number;
    };
  };
}

const CONTEXT = { tenant: "acme", source: "source", options: {} };

const RAW_BODIES = [
  ["a byte order mark", (body: string) => `\uFEFF${body}`],
  ["CRLF and a trailing newline", (body: string) => `${body}\r\n`],
  ["leading white space", (body: string) => `\n  ${body}`],
  ["unicode escapes", (body: string) => body.replace("{", '{"caf\\u00e9":"\\ud83d\\ude00",')],
  ["text beyond ASCII", (body: string) => body.replace("{", '{"name":"Zoë 😀",')],
] as const;

/** What every sender promises, whatever its scheme. Each sender's test calls this. */
export function conforms(given: Conformance): void {
  const { sender, scheme, secret, other, body, covers, proof } = given;

  const verify = (delivery: Delivery, secrets: readonly string[] = [secret]) =>
    verifierOf(sender, scheme)(delivery, { scheme, secrets });
  const request = async (change: Partial<Unsigned> = {}): Promise<Signed> => {
    const { method = "POST", url = URL_CALLED, atMs = RECEIVED_AT_MS } = change;
    const text = change.body ?? body;
    const key = change.secret ?? given.signingSecret ?? secret;
    const headers = await given.sign({ secret: key, method, url, body: text, atMs });
    return { method, url, body: text, headers, receivedAtMs: RECEIVED_AT_MS };
  };

  const read = (text: string | Uint8Array) => sender.read(deliver({ body: text }), CONTEXT);
  const verifyAt = async (atMs: number) => verify(deliver(await request({ atMs })));

  describe(`${sender.name} by ${scheme}, as every sender`, () => {
    test("stands under its own name with a default scheme it knows", () => {
      expect(Object.keys(sender.schemes)).toContain(sender.defaultScheme);
      expect(sender.schemes[scheme]).toBeTypeOf("function");
    });

    test("takes its secrets and says what is wrong with an empty one", () => {
      expect(sender.checkSecret(scheme, secret)).toBeUndefined();
      expect(sender.checkSecret(scheme, "")).toEqual(expect.any(String));
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

    test.each(RAW_BODIES)("judges the bytes that came: %s", async (_name, change) => {
      const changed = change(body);
      expect(believes(await verify(deliver(await request({ body: changed }))))).toBe(true);
      const swapped = { ...(await request({ body: changed })), body };
      expect(believes(await verify(deliver(swapped)))).toBe(!covers.body);
    });

    test("judges any one byte of the body changed", async () => {
      const signed = await request();
      const bytes = new TextEncoder().encode(body);
      for (let at = 0; at < bytes.length; at += Math.ceil(bytes.length / 40)) {
        const changed = bytes.map((byte, index) => (index === at ? byte + 1 : byte));
        const result = await verify(deliver({ ...signed, body: changed }));
        expect(believes(result)).toBe(!covers.body);
      }
    });

    test("refuses any one byte of the proof changed", async () => {
      const signed = await request();
      const text = signed.headers[proof] ?? "";
      expect(text).not.toBe("");
      for (let at = 0; at < text.length; at += 1) {
        const changed = text.slice(0, at) + anotherThan(text.charAt(at)) + text.slice(at + 1);
        const headers = { ...signed.headers, [proof]: changed };
        expect((await verify(deliver({ ...signed, headers }))).ok).toBe(false);
      }
    });

    test("refuses a proof cut short, doubled or empty", async () => {
      const signed = await request();
      const text = signed.headers[proof] ?? "";
      for (const changed of ["", " ", text.slice(0, -1), `${text}, ${text}`, `${text}A`]) {
        const headers = { ...signed.headers, [proof]: changed };
        expect(believes(await verify(deliver({ ...signed, headers })))).toBe(false);
      }
    });

    test.each(covers.headers)("refuses another %s, none, and two", async (name) => {
      const signed = await request();
      const text = signed.headers[name] ?? "";
      for (const changed of [`${text}1`, `1${text}`, text.slice(1), "", `${text}, ${text}`]) {
        const headers = { ...signed.headers, [name]: changed };
        expect(believes(await verify(deliver({ ...signed, headers })))).toBe(false);
      }
    });

    test("judges another method", async () => {
      const result = await verify(deliver({ ...(await request()), method: "PUT" }));
      expect(believes(result)).toBe(!covers.method);
    });

    test.each([`${URL_CALLED}x`, `${URL_CALLED}?a=1`, URL_CALLED.replace("https", "http")])(
      "judges another URL: %s",
      async (url) => {
        const result = await verify(deliver({ ...(await request()), url }));
        expect(believes(result)).toBe(!covers.url);
      },
    );

    test.each([
      ["an unknown secret", [other], ["signature_mismatch", "token_invalid"]],
      ["no secret", [], ["secret_unusable"]],
      ["an empty secret", [""], ["secret_unusable", "signature_mismatch"]],
    ])("refuses %s", async (_name, secrets, reasons) => {
      const result = await verify(deliver(await request()), secrets);
      expect(reasons).toContain(reasonOf(result));
    });

    test("refuses a delivery without headers", async () => {
      const result = await verify(deliver({ body }));
      expect(["signature_missing", "token_missing"]).toContain(reasonOf(result));
      expect(result.steps.at(-1)).toMatchObject({ ok: false });
    });

    test("shows no secret and no signature in its steps", async () => {
      const signed = await request();
      const results = [await verify(deliver(signed)), await verify(deliver(signed), [other])];
      const shown = JSON.stringify(results);
      for (const hidden of [secret, other, signed.headers[proof]])
        expect(shown).not.toContain(hidden);
    });

    const { time } = covers;
    test.runIf(time !== undefined)(
      "believes up to its limits of time, and not beyond",
      async () => {
        const { ageMsMax, aheadMsMax, unitMs } = time ?? { ageMsMax: 0, aheadMsMax: 0, unitMs: 1 };
        expect(believes(await verifyAt(RECEIVED_AT_MS - ageMsMax))).toBe(true);
        expect(believes(await verifyAt(RECEIVED_AT_MS + aheadMsMax))).toBe(true);
        const [old, ahead] = [
          await verifyAt(RECEIVED_AT_MS - ageMsMax - unitMs),
          await verifyAt(RECEIVED_AT_MS + aheadMsMax + unitMs),
        ];
        expect(["timestamp_old", "token_invalid"]).toContain(reasonOf(old));
        expect(["timestamp_future", "token_invalid"]).toContain(reasonOf(ahead));
      },
    );

    test("never throws, whatever the headers and the secret say", async () => {
      const { headers: genuine } = await request();
      const names = [...new Set([...Object.keys(genuine), ...covers.headers, proof])];
      const text = fc.oneof(
        fc.string({ unit: "binary" }),
        fc.constantFrom(
          "NaN",
          "-1",
          "1e9",
          "Infinity",
          "v1,",
          "v1a,AA==",
          "t=,v1=",
          "Bearer ..",
          "0",
        ),
        fc.constantFrom(...Object.values(genuine)),
      );
      const headers = fc.record(Object.fromEntries(names.map((name) => [name, text])), {
        requiredKeys: [],
      });
      await fc.assert(
        fc.asyncProperty(headers, fc.array(text, { maxLength: 3 }), async (made, secrets) => {
          const delivery = deliver({ headers: made, body });
          expect(await verify(delivery)).toHaveProperty("ok");
          expect(believes(await verify(delivery, secrets))).toBe(false);
        }),
        { numRuns: runs(300) },
      );
    });
  });

  describe(`${sender.name}, as every reader`, () => {
    test.each([
      ["no bytes", ""],
      ["text that is not JSON", "{"],
      ["two JSON texts", "{}{}"],
      ["bytes that are not UTF-8", Uint8Array.of(0x22, 0xff, 0x22)],
      ["a lone continuation byte in a name", Uint8Array.of(0x7b, 0x22, 0x80, 0x22, 0x7d)],
    ])("calls %s malformed, and says why", (_name, malformed) => {
      const reading = read(malformed);
      expect(reading).toMatchObject({ kind: "malformed", errors: [{ rule: expect.any(String) }] });
    });

    test("reads the same delivery the same every time", () => {
      const reading = read(body);
      expect(reading.kind).toBe("items");
      expect(read(body)).toEqual(reading);
    });

    test("reads past a byte order mark and white space", () => {
      expect(read(`\uFEFF\r\n${body}\n`)).toEqual(read(body));
    });

    test("names every item within 128 characters, once", () => {
      const reading = read(body);
      const ids = reading.kind === "items" ? reading.items.map(({ id }) => id) : [];
      expect(ids.length).toBeGreaterThan(0);
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids.every((id) => id.length > 0 && id.length <= 128)).toBe(true);
    });

    test("never throws, whatever JSON it is given", () => {
      fc.assert(
        fc.property(fc.json({ maxDepth: 4 }), (json) => {
          expect(read(json)).toHaveProperty("kind");
        }),
        { numRuns: runs(300) },
      );
    });
  });
}

/** Another character that changes the proof: hex may change its case and stay the same. */
function anotherThan(character: string): string {
  if (/\d/.test(character)) return String((Number(character) + 1) % 10);
  return /[a-f]/i.test(character) ? "0" : "A";
}

const believes = (result: Verification): boolean => result.ok;

const reasonOf = (result: Verification): string => (result.ok ? "none" : result.reason);

function verifierOf(sender: Sender, scheme: string): Verify {
  const verify = sender.schemes[scheme];
  if (verify === undefined) throw new Error(`Sender "${sender.name}" knows no "${scheme}"`);
  return verify;
}
