import { readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { contractSchemas } from "#src/core/contracts/schema.ts";
import { PROBLEMS } from "#src/edge/http/problem.ts";
import { ANSWERS } from "../scripts/openapi/answers.ts";
import { openapi, OPERATIONS } from "../scripts/openapi/document.ts";

const read = async (file: string): Promise<unknown> =>
  JSON.parse(await readFile(path.join(import.meta.dirname, "../public", file), "utf8"));

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe("public/", () => {
  test.each([
    { file: "contracts.json", content: contractSchemas },
    { file: "openapi.json", content: openapi },
  ])("$file is what scripts/generate.ts writes", async ({ file, content }) => {
    expect(await read(file)).toEqual(plain(content()));
  });
});

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

  test("tells every code of every problem", () => {
    const text = JSON.stringify(openapi());
    const untold = Object.keys(PROBLEMS).filter((code) => !text.includes(`problem:${code}"`));
    expect(untold).toEqual([]);
  });
});
