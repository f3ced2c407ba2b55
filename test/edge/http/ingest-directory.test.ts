import { describe, expect, test } from "vitest";
import { createInbox } from "#src/edge/archive/inbox.ts";
import type { IngestPorts } from "#src/edge/http/arrive.ts";
import { ingest } from "#src/edge/http/ingest.ts";
import { SENDERS } from "#src/senders/index.ts";
import { everySample } from "../../senders/samples/every.ts";
import {
  bindings,
  makeSource,
  makeTenant,
  memoryQueue,
  noCertificate,
  NOW_MS,
  urlOf,
} from "../support/ingest-rig.ts";

type Lookup = IngestPorts["directory"]["source"];

const TENANT = "acme";
const SOURCE = "core";
const URL_CALLED = urlOf(TENANT, SOURCE);

const logged: string[] = [];

const receiveBy = (source: Lookup) =>
  ingest({
    senders: SENDERS,
    directory: { source },
    inbox: createInbox({
      shardOf: () => ({ events: memoryQueue(), archive: bindings.ARCHIVE_0 }),
      log: () => {},
    }),
    certificateAt: noCertificate,
    overQuota: async () => undefined,
    log: (_level, event) => void logged.push(event),
    nowMs: () => NOW_MS,
  });

const OUTAGES: readonly (readonly [name: string, source: Lookup])[] = [
  ["neither KV nor D1 answers", () => Promise.reject(new Error("D1_ERROR: Network lost"))],
  [
    "it throws at once",
    () => {
      throw new Error("Cannot look it up: 100 others are being looked up");
    },
  ],
];

const answered = async (source: Lookup, request: Request) => {
  const response = await receiveBy(source)(request, { tenant: TENANT, source: SOURCE });
  const { status, headers } = response;
  return { status, retryAfter: headers.get("retry-after"), headers, text: await response.text() };
};

/** One genuine delivery a sender, as it would come while its source cannot be looked up. */
const requests = [...new Map(everySample.map((sample) => [sample.sender.name, sample])).values()];

describe.each(OUTAGES)("a directory that is out: %s", (_name, source) => {
  test.each(requests.map((sample) => [sample.sender.name, sample] as const))(
    "answers %s so that it comes again",
    async (name, sample) => {
      const { secret, signingSecret = secret, method = "POST", body, headers = {} } = sample;
      const unsigned = { secret: signingSecret, method, url: URL_CALLED, body, atMs: NOW_MS };
      const proof = await sample.sign({ ...unsigned, headers });
      const request = new Request(proof.url ?? URL_CALLED, {
        method,
        headers: { ...headers, ...proof.headers },
        body: proof.body ?? body,
      });
      const { status, retryAfter, headers: told } = await answered(source, request);
      // GoHighLevel loses what is answered by anything but 429: PROVIDERS 0.3.
      expect(status).toBe(name === "gohighlevel" ? 429 : 503);
      expect(Number(retryAfter)).toBeGreaterThan(0);
      expect(told.get("request-id")).toMatch(/^dlv_/);
    },
  );

  test.each(["GET", "OPTIONS", "POST"])("answers %s by nobody known 503", async (method) => {
    logged.length = 0;
    const { status, retryAfter, text } = await answered(
      source,
      new Request(URL_CALLED, { method }),
    );
    expect([status, retryAfter]).toEqual([503, "30"]);
    expect(JSON.parse(text)).toMatchObject({ code: "overloaded" });
    expect(logged).toEqual(["ingest_failed"]);
  });

  test("answers Firehose in its own words", async () => {
    const headers = { "x-amz-firehose-request-id": "ed4acda5-034f-9f42-bba1-f29aea6d7d8f" };
    const request = new Request(URL_CALLED, { method: "POST", headers, body: "{}" });
    expect(JSON.parse((await answered(source, request)).text)).toMatchObject({
      requestId: headers["x-amz-firehose-request-id"],
      timestamp: NOW_MS,
      errorMessage: expect.any(String),
    });
  });
});

test("a source whose sender is gone is answered as overload", async () => {
  const tenant = await makeTenant(TENANT);
  const gone = { ...makeSource(tenant, "standard"), sender: "discontinued" };
  const request = new Request(URL_CALLED, { method: "POST", body: "{}" });
  const { status, retryAfter } = await answered(async () => gone, request);
  expect([status, retryAfter]).toEqual([503, "30"]);
});
