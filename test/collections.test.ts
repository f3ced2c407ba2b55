import { describe, expect, test } from "vitest";
import * as z from "zod";
import { brunoFiles } from "../scripts/openapi/bruno.ts";
import { EVERY_OPERATION } from "../scripts/openapi/document.ts";
import { postmanCollection } from "../scripts/openapi/postman.ts";

/** What of https://schema.getpostman.com/json/collection/v2.1.0/collection.json is used. */
const Pair = z.strictObject({ key: z.string(), value: z.string(), type: z.string().optional() });
const Item = z.strictObject({
  id: z.uuid(),
  name: z.string().min(1),
  request: z.strictObject({
    method: z.enum(["GET", "POST", "PUT", "DELETE"]),
    description: z.string(),
    auth: z.strictObject({ type: z.literal("noauth") }).optional(),
    header: z.array(Pair),
    url: z.strictObject({
      raw: z.string().startsWith("{{baseUrl}}/"),
      host: z.tuple([z.literal("{{baseUrl}}")]),
      path: z.array(z.string().min(1)),
      variable: z.array(Pair),
      query: z.array(Pair.extend({ disabled: z.literal(true).optional() })),
    }),
    body: z
      .strictObject({
        mode: z.literal("raw"),
        raw: z.string(),
        options: z.strictObject({ raw: z.strictObject({ language: z.literal("json") }) }),
      })
      .optional(),
  }),
  response: z.tuple([]),
});
const Collection = z.strictObject({
  info: z.strictObject({
    _postman_id: z.uuid(),
    name: z.string(),
    description: z.string(),
    schema: z.literal("https://schema.getpostman.com/json/collection/v2.1.0/collection.json"),
  }),
  auth: z.strictObject({ type: z.literal("bearer"), bearer: z.array(Pair) }),
  variable: z.array(Pair),
  item: z.array(
    z.strictObject({
      id: z.uuid(),
      name: z.string(),
      description: z.string(),
      item: z.array(Item).min(1),
    }),
  ),
});

describe("the Postman collection", () => {
  const collection = Collection.parse(JSON.parse(JSON.stringify(postmanCollection())));
  const items = collection.item.flatMap(({ item }) => item);

  test("has every operation once, each with an id of its own", () => {
    expect(items).toHaveLength(EVERY_OPERATION.length);
    expect(new Set(items.map(({ id }) => id)).size).toBe(items.length);
    expect(collection.variable.map(({ key }) => key)).toEqual(["baseUrl", "token", "tenant"]);
  });

  test("fills in every part of its addresses", () => {
    for (const { request } of items) {
      const parts = request.url.path.filter((part) => part.startsWith(":"));
      const named = request.url.variable.map(({ key }) => `:${key}`);
      expect(parts).toEqual(named);
      expect(request.url.raw).not.toMatch(/(?<!\{)\{\w/);
    }
  });

  test("sends JSON that can be parsed, and names its writes", () => {
    for (const { request } of items) {
      expect(() => JSON.parse(request.body?.raw ?? "null")).not.toThrow();
    }
    const isNamed = ({ request }: (typeof items)[number]) =>
      request.header.some(({ key }) => key === "Idempotency-Key");
    const writes = items.filter(
      ({ request }) => request.method !== "GET" && request.auth === undefined,
    );
    expect(items.filter(isNamed)).toEqual(writes);
  });
});

/** The blocks of a Bru file (https://docs.usebruno.com/bru-lang/language): names and contents. */
function blocksOf(text: string): ReadonlyMap<string, readonly string[]> {
  const blocks = new Map<string, readonly string[]>();
  const lines = text.split("\n");
  for (let at = 0; at < lines.length; at += 1) {
    const opening = /^([a-z:-]+) ([[{])$/.exec(lines[at] ?? "");
    if (opening === null) {
      if (lines[at] !== "") throw new Error(`Not a block: ${lines[at]}`);
      continue;
    }
    const [, name = "", bracket] = opening;
    const end = lines.indexOf(bracket === "{" ? "}" : "]", at);
    const content = lines.slice(at + 1, end);
    expect(content.filter((line) => line !== "" && !line.startsWith("  "))).toEqual([]);
    expect(blocks.has(name)).toBe(false);
    blocks.set(name, content);
    at = end;
  }
  return blocks;
}

describe("the Bruno collection", () => {
  const files = brunoFiles();

  test("has a file for every operation", () => {
    const requests = [...files.keys()].filter((file) =>
      /^[A-Z]\w*\/(?!folder\.)\w+\.bru$/.test(file),
    );
    expect(requests).toHaveLength(EVERY_OPERATION.length);
  });

  test("is written as Bruno reads it", () => {
    for (const [file, text] of files) {
      if (!file.endsWith(".bru") || /(collection|folder|local)\.bru$/.test(file)) continue;
      const blocks = blocksOf(text);
      const names = [...blocks.keys()];
      expect(names[0]).toBe("meta");
      expect(["get", "post", "put", "delete"]).toContain(names[1]);
      const [url = ""] = blocks.get(names[1] ?? "") ?? [];
      const places = [...url.replaceAll(/\{\{\w+\}\}/g, "").matchAll(/\/:(\w+)/g)].map(
        ([, name]) => name,
      );
      const given = (blocks.get("params:path") ?? []).map((line) => line.trim().split(":")[0]);
      expect(given).toEqual(places);
      const body = blocks.get("body:json") ?? ["null"];
      expect(() => JSON.parse(body.join("\n"))).not.toThrow();
    }
    expect(JSON.parse(files.get("bruno.json") ?? "")).toMatchObject({ version: "1" });
    for (const file of ["collection.bru", "environments/local.bru"])
      blocksOf(files.get(file) ?? "");
  });
});
