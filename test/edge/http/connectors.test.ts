import { createHmac } from "node:crypto";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { openDelivery } from "#src/edge/archive/open-delivery.ts";
import { partAad } from "#src/edge/archive/oversized.ts";
import { open } from "#src/edge/crypto/seal.ts";
import type { DeliveryMessage } from "#src/edge/message.ts";
import { parseJson } from "#src/senders/read/json.ts";
import type { Delivery, Reading, Scheme, Sender } from "#src/senders/sender.ts";
import { standardWebhooks } from "#src/senders/verify/standard-webhooks.ts";
import { headerToken, urlToken } from "#src/senders/verify/token.ts";
import {
  bindings,
  isDelivery,
  keysUnder,
  makeRig,
  memoryQueue,
  NOW_MS,
  type Rig,
  throwingQueue,
  brokenBucket,
  fail,
  urlOf,
} from "../support/ingest-rig.ts";

const BYTES_MAX = 10_000;
const KEY = { "x-key": "secret-0123456789" };
const unread: Scheme = { ...headerToken("x-key"), covers: "body" };

/** A list of anything is as many broken rows, `"heartbeat"` is nothing. */
function read({ body }: Delivery): Reading {
  const parsed = parseJson(body);
  if (!parsed.ok) return { kind: "malformed", errors: parsed.refusal };
  if (parsed.value === "heartbeat") return { kind: "items", items: [], ignored: "a heartbeat" };
  const rows: readonly unknown[] = Array.isArray(parsed.value) ? parsed.value : [parsed.value];
  const errors = [{ path: "", rule: "unmapped", message: "No mapping" }];
  return {
    kind: "items",
    items: rows.map((_, at) => ({ kind: "broken", id: `row-${at}`, code: "unmapped", errors })),
  };
}

/** Everything a connector may ask of the edge, small enough to reach its limits. */
const pipe: Sender = {
  name: "pipe",
  family: "connector",
  defaultScheme: "key",
  schemes: {
    key: headerToken("x-key"),
    signed: unread,
    followed: standardWebhooks["standard-webhooks-v1"],
    url: urlToken,
    trial: { ...headerToken("x-key"), isTrial: true },
  },
  methods: ["POST", "PUT"],
  greetMethods: ["OPTIONS"],
  bodyBytesMax: BYTES_MAX,
  readHeaders: ["x-topic"],
  checkOptions: () => [],
  read,
};

const polite: Sender = {
  ...pipe,
  name: "polite",
  reply: (outcome, delivery) => ({
    status: outcome.kind === "taken" ? 200 : outcome.status === 413 ? 500 : outcome.status,
    headers: { "X-Told": outcome.kind === "taken" ? "taken" : outcome.code },
    body: `${delivery.header("x-id") ?? "?"} ${outcome.kind}`,
  }),
  greet: async ({ method, header }) =>
    method === "OPTIONS"
      ? { status: 204, headers: { "X-Hello": header("x-id") ?? "" } }
      : undefined,
};

const SENDERS = [pipe, polite];
const bomb = await makeBomb();

const rigOf = (parts: Parameters<typeof makeRig>[0] = {}) =>
  makeRig({ ...parts, senders: SENDERS });

function useScheme(rig: Rig, name: string, scheme: string, secrets?: readonly string[]): void {
  const source = rig.sources.get(name);
  if (source === undefined) return;
  const auth = { ...source.auth, scheme, ...(secrets === undefined ? {} : { secrets }) };
  rig.sources.set(name, { ...source, auth });
}

const whsecOf = (text: string) => `whsec_${Buffer.from(text).toString("base64")}`;
const SECRET = whsecOf("0123456789abcdef0123456789abcdef");
const SIGNING = [whsecOf("another-that-is-live-0123456789"), SECRET];

/** Standard Webhooks' headers of bytes, which need not be text. */
function signedOver(body: Uint8Array, atS = NOW_MS / 1000, id = "msg_1"): Record<string, string> {
  const mac = createHmac("sha256", Buffer.from(SECRET.slice("whsec_".length), "base64"));
  const signature = mac.update(`${id}.${atS}.`).update(body).digest("base64");
  return {
    "webhook-id": id,
    "webhook-timestamp": String(atS),
    "webhook-signature": `v1,${signature}`,
  };
}

const messagesOf = (rig: Rig): readonly DeliveryMessage[] => rig.queue.sent.filter(isDelivery);

const bodyIn = async (rig: Rig, message: DeliveryMessage | undefined): Promise<string> => {
  if (message === undefined) return "no message";
  const delivery = await openDelivery(message, rig.tenant, bindings.ARCHIVE_0);
  return new TextDecoder().decode(delivery.body);
};

describe("packed bodies", () => {
  const gzip = { ...KEY, "content-encoding": "gzip" };

  test("are unpacked, and kept so", async () => {
    const rig = await rigOf();
    const body = JSON.stringify([1, 2, 3]);
    const response = await rig.post("pipe", gzipSync(body), gzip);
    expect(response.status).toBe(202);
    expect((await response.json<{ quarantined: unknown[] }>()).quarantined).toHaveLength(3);
    const [message] = messagesOf(rig);
    expect(await bodyIn(rig, message)).toBe(body);
    expect(message?.headers).toEqual({});
  });

  test.each([
    ["is no gzip", Buffer.from("[1]"), "gzip"],
    ["is cut short", gzipSync(JSON.stringify("x".repeat(5000))).subarray(0, 20), "gzip"],
    ["has something behind it", Buffer.concat([gzipSync("[1]"), Buffer.from("junk")]), "gzip"],
    [
      "unpacks beyond the limit",
      gzipSync(JSON.stringify("x".repeat(BYTES_MAX))),
      "unpacked_length",
    ],
    ["is a bomb: a megabyte that is a gigabyte", bomb, "unpacked_length"],
  ])("that nobody can read are kept as they came: it %s", async (_name, packed, rule) => {
    const rig = await rigOf();
    const capable = { ...pipe, bodyBytesMax: 2_000_000 };
    const large = packed.length > BYTES_MAX;
    const used = large ? await makeRig({ senders: [capable] }) : rig;
    const response = await used.post("pipe", packed, gzip);
    expect(response.status).toBe(202);
    const { quarantined } = await response.json<{
      quarantined: { errors: { rule: string }[] }[];
    }>();
    expect(quarantined).toMatchObject([{ code: "malformed", errors: [{ rule }] }]);
    const [message] = messagesOf(used);
    expect(message?.unread).toMatchObject([{ rule }]);
  });

  test("are verified before anybody unpacks them", async () => {
    const rig = await rigOf();
    const response = await rig.post("pipe", bomb.subarray(0, 5000), {
      "x-key": "wrong-0123456789",
      "content-encoding": "gzip",
    });
    expect(response.status).toBe(401);
  });

  test.each(["br", "deflate", "gzip, gzip", "snappy"])(
    "that nobody unpacks are kept as they came: %s",
    async (encoding) => {
      const rig = await rigOf();
      const headers = { ...KEY, "content-encoding": encoding };
      const response = await rig.post("pipe", "[1]", headers);
      expect(response.status).toBe(202);
      const errors = [{ path: "headers.content-encoding", rule: "content_encoding" }];
      expect(await response.json()).toMatchObject({
        accepted: [],
        quarantined: [{ code: "malformed", errors }],
      });
      const [message] = messagesOf(rig);
      expect(message?.unread).toMatchObject(errors);
      expect(await bodyIn(rig, message)).toBe("[1]");
      const stranger = { "x-key": "wrong-0123456789", "content-encoding": encoding };
      expect((await rig.post("pipe", "[1]", stranger)).status).toBe(401);
    },
  );

  test("are verified as they came where a signature covers them", async () => {
    const rig = await rigOf();
    useScheme(rig, "pipe", "followed", SIGNING);
    const body = gzipSync("[1,2]");
    const signed = { ...signedOver(body), "content-encoding": "gzip" };
    const response = await rig.post("pipe", body, signed);
    expect((await response.json<{ quarantined: unknown[] }>()).quarantined).toHaveLength(2);
    expect((await rig.post("pipe", "[1,2]", signed)).status).toBe(401);
  });

  test("are 415 at a product", async () => {
    const rig = await rigOf();
    const response = await rig.post("stripe", gzipSync("{}"), { "content-encoding": "gzip" });
    expect(response.status).toBe(415);
  });
});

/** A megabyte of gzip that is a gigabyte of zeros. */
async function makeBomb(): Promise<Uint8Array> {
  const zeros = new Uint8Array(16 * 1024 * 1024);
  let left = 64;
  const stream = new ReadableStream({
    pull(controller) {
      if (left === 0) controller.close();
      else controller.enqueue(zeros);
      left -= 1;
    },
  });
  const packed = stream.pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

const pieces = (bytes: number) => {
  let left = bytes;
  return new ReadableStream({
    pull(controller) {
      const length = Math.min(left, 1_000_003);
      left -= length;
      if (length > 0) controller.enqueue(new Uint8Array(length).fill(97 + (left % 26)));
      else controller.close();
    },
  });
};

const postStream = (rig: Rig, source: string, bytes: number, headers: Record<string, string>) => {
  const url = urlOf(rig.tenant.tenant, source);
  const request = new Request(url, { method: "POST", body: pieces(bytes), headers });
  return rig.call(request, source);
};

const long = new Uint8Array(await new Response(pieces(12_000_000)).arrayBuffer());
const changed = long.with(long.length - 1, 0);

describe("bodies too long for memory", () => {
  test("are let through to R2, sealed, and kept for a person", async () => {
    const rig = await rigOf();
    const bytes = 12_000_000;
    const response = await postStream(rig, "pipe", bytes, KEY);
    expect(response.status).toBe(202);
    expect(await response.json()).toMatchObject({
      accepted: [],
      quarantined: [{ code: "too_large" }],
    });
    const [message] = messagesOf(rig);
    const body = message?.body;
    if (message === undefined || body === undefined || !("oversized" in body)) {
      throw new Error("Nothing was streamed");
    }
    expect(body.bytes).toBe(bytes);

    const stored = await bindings.ARCHIVE_0.get(body.oversized);
    const sealed = new Uint8Array((await stored?.arrayBuffer()) ?? new ArrayBuffer(0));
    const sealedPart = 5 * 1024 * 1024 + 28;
    let opened = 0;
    for (let part = 1; (part - 1) * sealedPart < sealed.length; part += 1) {
      const bytesOfPart = sealed.subarray((part - 1) * sealedPart, part * sealedPart);
      const text = Buffer.from(bytesOfPart).toString("base64");
      const aad = partAad(rig.tenant.tenant, message.deliveryId, part);
      opened += (await open(rig.tenant.dataKey, text, aad)).length;
    }
    expect(opened).toBe(bytes);
  });

  test.each([
    ["of a stranger", "key", { "x-key": "wrong-0123456789" }, 401],
    ["whose signature covers the body", "signed", KEY, 413],
    ["by a scheme on trial", "trial", KEY, 413],
  ])("are not kept %s", async (_name, scheme, headers, status) => {
    const rig = await rigOf();
    useScheme(rig, "pipe", scheme);
    expect((await postStream(rig, "pipe", BYTES_MAX * 3, headers)).status).toBe(status);
    expect([messagesOf(rig), await keysUnder(`oversized/${rig.tenant.tenant}/`)]).toEqual([[], []]);
  });

  const postSigned = (rig: Rig, body: Uint8Array, headers: Record<string, string>) => {
    useScheme(rig, "pipe", "followed", SIGNING);
    const stream = new Response(body).body;
    const request = new Request(urlOf(rig.tenant.tenant, "pipe"), {
      method: "POST",
      body: stream,
      headers,
    });
    return rig.call(request, "pipe");
  };

  test("are verified as they go by, where their signature covers them", async () => {
    const rig = await rigOf();
    const response = await postSigned(rig, long, signedOver(long));
    expect([
      response.status,
      (await response.json<{ quarantined: object[] }>()).quarantined,
    ]).toEqual([202, [expect.objectContaining({ code: "too_large" })]]);
    expect(messagesOf(rig)[0]?.body).toMatchObject({ bytes: long.length });
    expect(await keysUnder(`oversized/${rig.tenant.tenant}/`)).toHaveLength(1);
  });

  test.each([
    ["is changed in its last byte", changed, signedOver(long)],
    ["is cut short", long.subarray(0, -1), signedOver(long)],
    ["is signed for another time", long, signedOver(long, NOW_MS / 1000 - 301)],
    ["is of another id", long, { ...signedOver(long), "webhook-id": "msg_2" }],
    ["is not signed", long, {}],
  ])("leave nothing behind where a body %s", async (_name, body, headers) => {
    const rig = await rigOf();
    expect((await postSigned(rig, body, headers)).status).toBe(401);
    expect([messagesOf(rig), await keysUnder(`oversized/${rig.tenant.tenant}/`)]).toEqual([[], []]);
  });

  test("are not answered 2xx where R2 is out", async () => {
    const down = new Proxy(bindings.ARCHIVE_0, {
      get: (target, name) => {
        if (name === "createMultipartUpload") return fail;
        const value: unknown = Reflect.get(target, name);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    const rig = await rigOf({ archive: down });
    expect((await postStream(rig, "pipe", BYTES_MAX * 3, KEY)).status).toBe(503);
  });

  test("are 413 at a product, and leave nothing behind", async () => {
    const rig = await rigOf();
    expect((await postStream(rig, "stripe", 3_000_000, {})).status).toBe(413);
    expect(await keysUnder(`oversized/${rig.tenant.tenant}/`)).toEqual([]);
  });
});

describe("many events in one delivery", () => {
  test("travel in several messages that name each of them once", async () => {
    const rig = await rigOf();
    const body = JSON.stringify(Array.from({ length: 3100 }, (_, at) => at % 10));
    const response = await rig.post("pipe", body, KEY);
    const { quarantined } = await response.json<{ quarantined: { event_id: string }[] }>();
    expect(quarantined).toHaveLength(3100);

    const messages = messagesOf(rig);
    expect(messages.map(({ eventIds }) => eventIds.length)).toEqual([1500, 1500, 100]);
    expect(messages.flatMap(({ only }) => only ?? [])).toEqual(
      Array.from({ length: 3100 }, (_, at) => at),
    );
    expect(messages.flatMap(({ eventIds }) => eventIds)).toEqual(
      quarantined.map(({ event_id: id }) => id),
    );
    for (const message of messages) expect(await bodyIn(rig, message)).toBe(body);
  });

  test("are spilled each under its own name", async () => {
    const rig = await rigOf({ queue: throwingQueue() });
    const response = await rig.post(
      "pipe",
      JSON.stringify(Array.from({ length: 1501 }, () => 1)),
      KEY,
    );
    expect(response.status).toBe(202);
    const keys = (await keysUnder("spill/")).filter((key) => !key.endsWith("-0.json"));
    expect(keys.some((key) => key.endsWith("-1500.json"))).toBe(true);
    await bindings.ARCHIVE_0.delete([...(await keysUnder("spill/"))]);
  });
});

describe("answers", () => {
  test.each([
    ["taken", '"x"', KEY, 200, "taken"],
    ["nothing that could be lost", '"heartbeat"', KEY, 200, "taken"],
    ["a stranger", '"x"', {}, 401, "unauthentic"],
    ["too large", "x".repeat(BYTES_MAX + 1), {}, 401, "unauthentic"],
    ["another encoding", "[]", { ...KEY, "content-encoding": "br" }, 200, "taken"],
  ])("are the sender's own: %s", async (_name, body, headers, status, told) => {
    const rig = await rigOf();
    const response = await rig.post("polite", body, { ...headers, "x-id": "r-1" });
    expect([response.status, response.headers.get("x-told")]).toEqual([status, told]);
    expect(await response.text()).toMatch(/^r-1 (taken|refused)$/);
    expect(response.headers.get("request-id")).toMatch(/^dlv_/);
  });

  test("are the sender's own under overload", async () => {
    const rig = await rigOf({ queue: throwingQueue(), archive: brokenBucket(fail) });
    const response = await rig.post("polite", '"x"', KEY);
    expect([response.status, response.headers.get("x-told")]).toEqual([503, "overloaded"]);
  });

  test("are ours where the sender has no wishes: 503 says when to come again", async () => {
    const rig = await rigOf({ queue: throwingQueue(), archive: brokenBucket(fail) });
    const response = await rig.post("pipe", '"x"', KEY);
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "30"]);
  });

  test("greet before they verify", async () => {
    const rig = await rigOf();
    const url = urlOf(rig.tenant.tenant, "polite");
    const request = new Request(url, { method: "OPTIONS", headers: { "x-id": "hi" } });
    const response = await rig.call(request, "polite");
    expect([response.status, response.headers.get("x-hello")]).toEqual([204, "hi"]);
    expect(rig.queue.sent).toEqual([]);
  });

  test("name every method in Allow", async () => {
    const rig = await rigOf();
    const url = urlOf(rig.tenant.tenant, "pipe");
    const response = await rig.call(new Request(url, { method: "DELETE" }), "pipe");
    expect([response.status, response.headers.get("allow")]).toEqual([405, "POST, PUT, OPTIONS"]);
  });
});

describe("what is kept of a request", () => {
  test.each(["?token=secret-0123456789-0123456789", "/secret-0123456789-0123456789"])(
    "holds no token from its URL: %s",
    async (tail) => {
      const rig = await rigOf();
      const source = rig.sources.get("pipe");
      if (source === undefined) throw new Error("No source");
      const auth = { scheme: "url", secrets: ["secret-0123456789-0123456789"] };
      rig.sources.set("pipe", { ...source, auth });
      const url = urlOf(rig.tenant.tenant, "pipe") + tail;
      const request = new Request(url, { method: "POST", body: "[1]" });
      expect((await rig.call(request, "pipe")).status).toBe(202);
      expect(JSON.stringify(messagesOf(rig))).not.toContain("secret-");
    },
  );

  test("names only the headers that are read", async () => {
    const rig = await rigOf();
    await rig.post("pipe", "[1]", { ...KEY, "x-topic": "orders", "x-other": "1" });
    expect(messagesOf(rig)[0]?.headers).toEqual({ "x-topic": "orders" });
  });
});

test("a request with more than a hundred headers answers 431", async () => {
  const rig = await rigOf();
  const many = Object.fromEntries(Array.from({ length: 101 }, (_, at) => [`x-h${at}`, "1"]));
  const response = await rig.post("pipe", "[1]", { ...KEY, ...many });
  expect([response.status, (await response.json<{ code: string }>()).code]).toEqual([
    431,
    "headers_too_many",
  ]);
});

test("a fault of ours is answered as overload: the sender comes again", async () => {
  const faulty = {
    ...polite,
    read: () => {
      throw new Error("A bug");
    },
  };
  const rig = await makeRig({ senders: [faulty] });
  const response = await rig.post("polite", "[1]", { ...KEY, "x-id": "r-1" });
  expect([response.status, response.headers.get("x-told")]).toEqual([503, "overloaded"]);
  expect(rig.queue.sent).toEqual([]);
});

test("nothing is taken in by a secret that everybody knows", async () => {
  const known = {
    ...pipe,
    schemes: { key: { ...headerToken("x-key"), published: [KEY["x-key"]] } },
  };
  const rig = await makeRig({ senders: [known] });
  expect((await rig.post("pipe", "[1]", KEY)).status).toBe(401);
});

test("a scheme on trial takes nothing in", async () => {
  const rig = await rigOf({ queue: memoryQueue() });
  useScheme(rig, "pipe", "trial");
  expect((await rig.post("pipe", "[1]", KEY)).status).toBe(401);
  expect(rig.queue.sent).toEqual([]);
  expect(NOW_MS).toBeGreaterThan(0);
});
