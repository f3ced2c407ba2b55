import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { CATALOGUE, EVENT_TYPES } from "#src/core/contracts/catalogue.ts";
import { agree, SourceBody } from "#src/edge/http/source-body.ts";
import { SENDERS } from "#src/senders/index.ts";
import { EventRule } from "#src/senders/read/options.ts";
import type { Sender } from "#src/senders/sender.ts";
import { codesIn, examplesIn, pageNames, readIndex, readPage, rowsOf, senders } from "./page.ts";

const HEADINGS = [
  "Set up",
  "Authentication",
  "Events",
  "Options",
  "Identity and order",
  "Answers",
  "Rotation",
  "Traps",
  "Payloads",
];

const SOURCES = new URL("../../src/senders/", import.meta.url);

/** The text of a sender's files: `shopify.ts`, `shopify-facts.ts`, …. */
const sourceOf = (name: string): string =>
  readdirSync(SOURCES)
    .filter((file) => file === `${name}.ts` || file.startsWith(`${name}-`))
    .map((file) => readFileSync(new URL(file, SOURCES), "utf8"))
    .join("\n");

const EVENT_TYPE = /^[a-z]+\.[a-z_]+$/;
const typesIn = (text: string) => codesIn(text).filter((code) => EVENT_TYPE.test(code));
const isType = (type: string) => Object.hasOwn(CATALOGUE, type);

const Titled = z.looseObject({ sender: z.string() });
/** Options stand by themselves, or as a source's body has them. */
const Optioned = z.looseObject({ options: z.record(z.string(), z.json()) });
const Mapping = z.record(z.string(), z.json());
const MAPPING = ["fields", "rules", "tables"];
const Rules = z.looseObject({
  rules: z.array(EventRule).optional(),
  tables: z.record(z.string(), z.looseObject({ events: z.array(EventRule).optional() })).optional(),
});

/** What an integrator reads of a sender is true of it. */
describe.each(senders.map((sender) => [sender.name, sender] as const))(
  "docs/senders/%s.md",
  (name, sender) => {
    test("has a title and the headings of every page, in their order", () => {
      const page = readPage(name);
      expect(page.title).not.toBe("");
      expect(page.headings).toEqual(HEADINGS);
    });

    test("tells every scheme and no other, and which one is the default", () => {
      const rows = rowsOf(readPage(name).section("Authentication")).filter(
        (row) => "scheme" in row,
      );
      const named = rows.map((row) => ({ row, schemes: codesIn(row["scheme"] ?? "") }));
      const all = named.flatMap(({ schemes }) => schemes);
      expect(all.toSorted(), "column «scheme»").toEqual(Object.keys(sender.schemes).toSorted());
      const marked = named.filter(({ row }) => /\bdefault\b/i.test(row["scheme"] ?? ""));
      expect(
        marked.map(({ schemes }) => schemes),
        "the scheme marked «default»",
      ).toEqual([[sender.defaultScheme]]);
    });

    test("tells events of the catalogue, and every one that its payloads become", () => {
      const page = readPage(name);
      const rows = rowsOf(page.section("Events"));
      const becomes = rows.flatMap((row) => typesIn(row["becomes"] ?? ""));
      expect(
        becomes.filter((type) => !isType(type)),
        "column «becomes»",
      ).toEqual([]);

      const outcomes = rowsOf(page.section("Payloads")).flatMap(({ outcome = "" }) =>
        typesIn(outcome),
      );
      expect(
        outcomes.filter((type) => !isType(type)),
        "column «outcome»",
      ).toEqual([]);
      const untold = outcomes.filter((type) => !becomes.includes(type));
      expect(untold, "payloads become what «Events» does not tell").toEqual([]);
    });

    test("tells every event that the sender's own files name", () => {
      const becomes = rowsOf(readPage(name).section("Events")).flatMap((row) =>
        typesIn(row["becomes"] ?? ""),
      );
      // What the product itself calls so is no event of ours.
      const source = sourceOf(name).replaceAll(/case "[^"]*":/g, "");
      const made = EVENT_TYPES.filter((type) => source.includes(`"${type}"`));
      expect(
        made.filter((type) => !becomes.includes(type)),
        "column «becomes»",
      ).toEqual([]);
    });

    test("sets a source up as the gateway takes it", () => {
      const bodies = examplesIn(readPage(name).section("Set up")).filter(isBody);
      expect(bodies.length, "JSON of a source in «Set up»").toBeGreaterThan(0);
      for (const body of bodies) expect(faultsOf(body, sender)).toEqual([]);
    });

    test("shows options as the sender takes them", () => {
      const page = readPage(name);
      const examples = [
        ...examplesIn(page.section("Set up")),
        ...examplesIn(page.section("Options")),
      ];
      expect(examples.flatMap(ruleFaults)).toEqual([]);
      for (const example of examplesIn(page.section("Options"))) {
        expect(isBody(example) ? faultsOf(example, sender) : optionFaults(example, sender)).toEqual(
          [],
        );
      }
    });
  },
);

const isBody = (example: unknown): boolean => Titled.safeParse(example).success;

function faultsOf(example: unknown, sender: Sender): readonly unknown[] {
  const body = SourceBody.safeParse(example);
  if (!body.success) return body.error.issues;
  const agreed = agree(SENDERS, body.data);
  if (!agreed.ok) return agreed.refusal;
  const found = SENDERS.get(agreed.value.sender)?.name;
  return found === sender.name ? [] : [`is a source of "${found ?? ""}"`];
}

/** What is no mapping and no option is a payload that the mapping is about. */
function optionFaults(example: unknown, sender: Sender): readonly unknown[] {
  const body = Optioned.safeParse(example);
  if (body.success) return sender.checkOptions(body.data.options, sender.defaultScheme);
  const options = Mapping.safeParse(example);
  if (!options.success || !MAPPING.some((key) => Object.hasOwn(options.data, key))) return [];
  return sender.checkOptions(options.data, sender.defaultScheme);
}

/** A rule that an integrator copies makes an event: it finds all that the contract requires. */
function ruleFaults(example: unknown): readonly string[] {
  const options = Optioned.safeParse(example).data?.options ?? example;
  const { rules = [], tables = {} } = Rules.safeParse(options).data ?? {};
  const all = [...rules, ...Object.values(tables).flatMap(({ events = [] }) => events)];
  return all.flatMap(({ type, fields, seq }) => {
    const { data, ordering } = CATALOGUE[type];
    const required = data.safeParse({}).error?.issues.map(({ path }) => String(path[0])) ?? [];
    const missing = required.filter((name) => !Object.hasOwn(fields, name));
    return [...missing, ...(ordering === "strict" && seq === undefined ? ["seq"] : [])].map(
      (name) => `a rule of ${type} lacks ${name}`,
    );
  });
}

describe("docs/senders/README.md", () => {
  const rows = () => rowsOf(readIndex());

  test.each(senders.map((sender) => [sender.name, sender] as const))("lists %s", (name, sender) => {
    const row = `| [${name}](${name}.md) | ${readPage(name).title} | ${sender.family} | \`${sender.defaultScheme}\` |`;
    expect(readIndex().replaceAll(/ +\|/g, " |").split("\n"), "a row is missing or old").toContain(
      row,
    );
  });

  test("lists nothing else, in the order of names", () => {
    const listed = rows().map((row) => /^\[([^\]]+)\]/.exec(row["sender"] ?? "")?.[1]);
    expect(listed).toEqual(senders.map(({ name }) => name).toSorted());
  });

  test("has a page for senders alone", () => {
    const names = new Set(senders.map(({ name }) => name));
    expect(pageNames.filter((name) => !names.has(name))).toEqual([]);
  });
});
