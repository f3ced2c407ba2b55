import { describe, expect, test } from "vitest";
import type { JsonObject } from "#src/core/json.ts";
import { custom } from "#src/senders/custom.ts";
import { debezium } from "#src/senders/debezium.ts";
import { stripe } from "#src/senders/stripe.ts";
import { deliver } from "../deliver.ts";

const copied = (value: unknown): JsonObject => JSON.parse(JSON.stringify(value));
const own = (rules: unknown, more: object = {}) =>
  copied({ recipe: { kind: "bearer" }, id: "id", rules, ...more });

/** A rule that asks for all of these paths and never holds. */
const ruleAsking = (paths: readonly string[]) => ({
  type: "ticket.upserted",
  when: { ...Object.fromEntries(paths.map((path) => [path, null])), id: "never" },
  fields: { system: { value: "x" } },
});
const many = (count: number, make: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => make(at));

const faultsOf = (options: JsonObject) =>
  custom.checkOptions(options, "custom").map(({ path, rule }) => `${path} ${rule}`);

describe("a mapping, judged when it is saved", () => {
  test("is refused beyond what may be asked of each event", () => {
    const rule = ruleAsking(many(40, (at) => `m[key=z${at}].v`));
    expect(faultsOf(own(Array(8).fill(rule)))).toEqual([]);
    expect(faultsOf(own(Array(100).fill(rule)))).toEqual(["options.rules effort"]);
  });

  test("counts the conditions of all rules, and the fields of the largest", () => {
    const asking = ruleAsking(many(249, (at) => `a.b.c.d${at}`));
    const fields = (count: number) =>
      Object.fromEntries(many(count, (at) => `f${at}`).map((name) => [name, `a.${name}`]));
    const mapping = (...counts: number[]) =>
      own([asking, ...counts.map((count) => ({ type: "ticket.upserted", fields: fields(count) }))]);
    // 996 and 1 of conditions.
    expect(faultsOf(mapping(1, 1, 1, 1))).toEqual([]);
    expect(faultsOf(mapping(1, 2))).toEqual(["options.rules effort"]);
    expect(faultsOf(own([{ type: "ticket.upserted", fields: fields(500) }]))).toEqual([]);
    expect(faultsOf(own([{ type: "ticket.upserted", fields: fields(501) }]))).toEqual([
      "options.rules effort",
    ]);
  });

  test("searches lists by a few members only", () => {
    const by = (count: number) => own([ruleAsking(many(count, (at) => `m[k${at}=1].v`))]);
    expect(faultsOf(by(8))).toEqual([]);
    expect(faultsOf(by(9))).toEqual(["options.rules effort"]);
  });

  test("is bounded in tables and in added fields, too", () => {
    const paths = many(501, (at) => `a.b${at}`);
    const events = [ruleAsking(paths)];
    const tables = copied({ tables: { t: { key: ["id"], events } } });
    expect(debezium.checkOptions(tables, "basic")).toMatchObject([
      { path: "options.tables.t.events", rule: "effort" },
    ]);
    const fields = { "ticket.upserted": Object.fromEntries(paths.map((path) => [path, path])) };
    expect(stripe.checkOptions(copied({ fields }), "stripe-v1")).toMatchObject([
      { rule: "effort", message: expect.stringContaining("1002 steps") },
    ]);
  });
});

/** Cold, on a busy machine: what is measured takes a tenth of it. */
const MS_MAX = 900;

const msToRead = (options: JsonObject, body: unknown): number => {
  expect(custom.checkOptions(options, "custom")).toEqual([]);
  const delivery = deliver({ body: JSON.stringify(body) });
  const started = performance.now();
  const reading = custom.read(delivery, { tenant: "acme", source: "own", options });
  const took = performance.now() - started;
  expect(reading.kind).toBe("items");
  return took;
};

describe("the largest mapping", () => {
  test("takes little of a list of 30 000, however often it is searched", () => {
    const rule = ruleAsking(many(40, (at) => `m[key=z${at}].v`));
    const m = many(30_000, (at) => `k${at}`).map((key) => ({ key }));
    expect(msToRead(own(Array(8).fill(rule)), { id: "1", m })).toBeLessThan(MS_MAX);
  });

  test("takes little of a list searched by every member there may be", () => {
    const rule = ruleAsking(many(300, (at) => `m[k${at % 8}=${at}].v`));
    const m = Array.from({ length: 200_000 }, () => ({}));
    expect(msToRead(own([rule]), { id: "1", m })).toBeLessThan(MS_MAX);
  });

  test("takes little of a thousand events", () => {
    const rules = Array(10).fill(ruleAsking(many(45, (at) => `absent.b${at}`)));
    const events = many(1000, (at) => `e${at}`).map((id) => ({ id, n: "x".repeat(500) }));
    expect(msToRead(own(rules), events)).toBeLessThan(MS_MAX);
  });

  test("takes little of texts that are JSON, also where they stand beside the list", () => {
    const texts = many(8, (at) => JSON.stringify({ at, list: Array(5000).fill("x".repeat(10)) }));
    const paths = many(400, (at) => `$body.texts[${at % 8}].at${at}`).slice(0, 240);
    const events = many(1000, (at) => `e${at}`).map((id) => ({ id }));
    const options = own([ruleAsking(paths)], { list: "events" });
    expect(msToRead(options, { texts, events })).toBeLessThan(MS_MAX);
  });
});
