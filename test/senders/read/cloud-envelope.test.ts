import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EVENT_TYPES } from "#src/core/contracts/catalogue.ts";
import { readEnvelope } from "#src/core/contracts/envelope.ts";
import { orderingOf } from "#src/core/contracts/catalogue.ts";
import { cloudevents } from "#src/senders/cloudevents.ts";
import { fromCloudEvent, toCloudEvent } from "#src/senders/read/cloud-envelope.ts";
import { looseOf, textOf } from "#src/senders/read/loose.ts";
import { HERE, SAMPLES } from "../../core/contracts/samples.ts";
import { runs } from "../../support/runs.ts";
import { deliver } from "../deliver.ts";

const accepted = (envelope: unknown) => {
  const read = readEnvelope(envelope, HERE);
  if (!read.ok) throw new Error(`Cannot use the sample: ${JSON.stringify(read.refusal)}`);
  return read.value;
};

const id = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 60 })
  .filter((text) => /^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]+$/u.test(text));

/** Any event of any type, with whatever an envelope may say besides its data. */
const anyEvent = fc
  .record({
    type: fc.constantFrom(...EVENT_TYPES),
    id,
    atMs: fc.integer({ min: 0, max: 253_402_300_799_999 }),
    epoch: fc.option(fc.maxSafeNat(), { nil: undefined }),
    seq: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    rev: fc.bigInt({ min: 0n, max: 10n ** 38n - 1n }).map(String),
    correlation_id: fc.option(id, { nil: undefined }),
    causation_id: fc.option(id, { nil: undefined }),
  })
  .map(({ type, atMs, seq, rev, ...members }) => {
    const ordering = orderingOf(type);
    const place = ordering === "strict" ? { seq } : ordering === "register" ? { rev } : {};
    const sample = SAMPLES[type];
    const { rev: _told, ...data } = sample.data;
    const said = Object.fromEntries(
      Object.entries({ ...members, ...place }).filter(([, value]) => value !== undefined),
    );
    const occurredAt = new Date(atMs).toISOString();
    return accepted({ ...sample, ...said, occurred_at: occurredAt, data });
  });

/** As the HTTP binding has it: what is outside printable ASCII, a blank, a quote and a percent. */
const headerValue = (value: string): string =>
  value.replaceAll(/[^!#$&-~]/gu, (character) => encodeURIComponent(character));

describe("toCloudEvent() and fromCloudEvent()", () => {
  test("write what the documents show", () => {
    const event = accepted({ ...SAMPLES["distributor.moved"], correlation_id: "c-1", epoch: 2 });
    expect(toCloudEvent(event)).toEqual({
      specversion: "1.0",
      id: "evt-distributor.moved",
      source: "core",
      type: "net.upline.distributor.moved",
      contractversion: "1",
      time: "2026-07-25T17:20:00.000Z",
      subject: "tree:acme",
      epoch: "2",
      seq: "1",
      correlationid: "c-1",
      datacontenttype: "application/json",
      data: event.data,
    });
  });

  test("bring every event there and back again", () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        const cloudEvent: unknown = JSON.parse(JSON.stringify(toCloudEvent(event)));
        expect(accepted(fromCloudEvent(looseOf(cloudEvent)))).toEqual(event);
      }),
      { numRuns: runs(500) },
    );
  });

  test("name attributes as the specification allows, all of them text", () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        const { data: _data, ...attributes } = toCloudEvent(event);
        for (const [name, value] of Object.entries(attributes)) {
          expect(name).toMatch(/^[\da-z]{1,20}$/);
          expect(value).toMatch(/./);
        }
      }),
      { numRuns: runs(100) },
    );
  });

  test("stand the way through the headers of binary mode, and through JSON", () => {
    const context = { tenant: HERE.tenant, source: HERE.source, options: {} };
    fc.assert(
      fc.property(anyEvent, (event) => {
        const written = toCloudEvent(event);
        const { data, datacontenttype: _type, ...attributes } = written;
        const headers = Object.fromEntries(
          Object.entries(attributes).map(([name, value]) => [
            `ce-${name}`,
            headerValue(textOf(value) ?? ""),
          ]),
        );
        const json = { "content-type": "application/json" };
        const structured = { "content-type": "application/cloudevents+json" };
        const readings = [
          deliver({ headers: { ...headers, ...json }, body: JSON.stringify(data) }),
          deliver({ headers: structured, body: JSON.stringify(written) }),
        ].map((delivery) => cloudevents.read(delivery, context));
        for (const reading of readings) {
          const [item] = reading.kind === "items" ? reading.items : [];
          expect(item?.kind === "event" && { ...item.event, id: event.id }).toEqual(event);
        }
      }),
      { numRuns: runs(300) },
    );
  });

  test("take a version left out for 1, and the sequence for a revision left out", () => {
    const lead = accepted({ ...SAMPLES["lead.upserted"], rev: "42" });
    const { rev: _rev, contractversion: _version, ...others } = looseOf(toCloudEvent(lead));
    expect(accepted(fromCloudEvent({ ...others, sequence: "00000000000000000042" }))).toEqual(lead);
  });

  test("hand on what is no integer for the contract to refuse", () => {
    const event = looseOf(toCloudEvent(accepted(SAMPLES["distributor.moved"])));
    const pathsOf = (change: object) => {
      const read = readEnvelope(fromCloudEvent({ ...event, ...change }), HERE);
      return read.ok ? [] : read.refusal.errors.map(({ path }) => path);
    };
    expect(pathsOf({ seq: "first" })).toEqual(["seq"]);
    expect(pathsOf({ seq: null })).toEqual(["seq"]);
    expect(pathsOf({ epoch: "-1" })).toEqual(["epoch"]);
    expect(pathsOf({ contractversion: "one" })).toEqual(["version"]);
    expect(pathsOf({ subject: "dist:B" })).toEqual(["key"]);
  });
});
