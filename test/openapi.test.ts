import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { describe, expect, test } from "vitest";
import { PROBLEMS } from "#src/edge/http/problem.ts";
import { ANSWERS } from "../scripts/openapi/answers.ts";
import { EVERY_OPERATION, openapi, OPERATIONS } from "../scripts/openapi/document.ts";
import { generated } from "../scripts/openapi/generated.ts";
import { TAGS } from "../scripts/openapi/sections.ts";
import { isRecord } from "../scripts/openapi/schema.ts";
import { WORDS } from "../scripts/openapi/words.ts";

const ROOT = join(import.meta.dirname, "..");

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe("npm run generate", () => {
  test("would write every file as it is", async () => {
    for (const [file, text] of await generated()) {
      const there = await readFile(join(ROOT, file), "utf8");
      // What is served is formatted as the rest of the repository is.
      const isFormatted = file.startsWith("public/");
      const same = isFormatted
        ? isDeepStrictEqual(JSON.parse(there), JSON.parse(text))
        : there === text;
      expect({ file, same }).toEqual({ file, same: true });
    }
  });

  test("leaves no file of an operation that is gone", async () => {
    const written = [...(await generated()).keys()].filter((file) =>
      file.startsWith("collections/"),
    );
    const there = await readdir(join(ROOT, "collections"), {
      recursive: true,
      withFileTypes: true,
    });
    const files = there
      .filter((entry) => entry.isFile())
      .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)));
    expect(files.toSorted()).toEqual(written.toSorted());
  });
});

const isTold = (value: unknown): boolean =>
  isRecord(value) && typeof value["description"] === "string" && value["description"] !== "";

/** Every element of every array of this name. */
function* membersIn(value: unknown, name: string): Generator {
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (key === name && Array.isArray(inner)) yield* inner;
    yield* membersIn(inner, name);
  }
}

/** Where a property stands that nothing describes. Examples have properties of their own. */
function* undescribedIn(value: unknown, at: string): Generator<string> {
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (key === "example" || key === "examples") continue;
    const place = `${at}.${key}`;
    const isShape = key === "properties" && Reflect.get(value, "type") === "object";
    const untold = Object.entries(isShape ? Object(inner) : {}).filter(([, of]) => !isTold(of));
    yield* untold.filter(([, of]) => !("$ref" in Object(of))).map(([name]) => `${place}.${name}`);
    yield* undescribedIn(inner, place);
  }
}

describe("openapi()", () => {
  test("refers to nothing that is not there", async () => {
    const text = JSON.stringify(openapi());
    const document = JSON.parse(text);
    const refs = text.matchAll(/"\$ref":"#\/components\/(\w+)\/([\w-]+)"/g);
    for (const [, kind = "", name = ""] of refs) {
      expect(document.components[kind], `${kind}/${name}`).toHaveProperty([name]);
    }
    expect(text.match(/"\$ref":"(?!#\/components)/g)).toBeNull();
  });

  test("names each operation once", () => {
    const ids = Object.values(OPERATIONS).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test.each(Object.entries(OPERATIONS).map(([place, operation]) => ({ place, ...operation })))(
    "gives $place an example that its schema takes",
    ({ answer, body }) => {
      const parsed = [
        answer.name === undefined ? [] : [ANSWERS[answer.name].safeParse(answer.example)],
        body === undefined ? [] : [body.schema.safeParse(body.example)],
      ].flat();
      expect(parsed.flatMap(({ error }) => error?.issues ?? [])).toEqual([]);
    },
  );

  test("describes every operation, and groups it under a tag that is described", () => {
    const bare = EVERY_OPERATION.filter(({ operation: { summary, answer } }) => {
      const isShown = (answer.name ?? answer.media) !== undefined && answer.example !== undefined;
      return summary === "" || (answer.status !== 204 && !isShown);
    });
    expect(bare).toEqual([]);
    const used = new Set(Object.values(OPERATIONS).map(({ tag }) => tag));
    expect([...used].toSorted()).toEqual(TAGS.map(({ name }) => name).toSorted());
    expect(TAGS.filter(({ description }) => description.length < 20)).toEqual([]);
  });

  test("describes every parameter and every header", () => {
    const document = plain(openapi());
    const undescribed = [...membersIn(document, "parameters")].filter(
      (parameter) => isRecord(parameter) && !("$ref" in parameter) && !isTold(parameter),
    );
    expect(undescribed).toEqual([]);
    const headers = Object.values(Object(Reflect.get(Object(document), "components")).headers);
    expect(headers.filter((header) => !isTold(header))).toEqual([]);
  });

  test("describes every property of every schema", () => {
    expect([...undescribedIn(plain(openapi()), "")]).toEqual([]);
  });

  test("has no word for a place that is not there", () => {
    const names = JSON.stringify(openapi());
    const placed = Object.keys(WORDS).filter((place) => place.includes("."));
    const unknown = placed.filter((place) => {
      return place.split(".").some((name) => !names.includes(`"${name}"`));
    });
    expect(unknown).toEqual([]);
  });

  test("tells every code of every problem", () => {
    const text = JSON.stringify(openapi());
    const untold = Object.keys(PROBLEMS).filter((code) => !text.includes(`problem:${code}"`));
    expect(untold).toEqual([]);
  });
});
