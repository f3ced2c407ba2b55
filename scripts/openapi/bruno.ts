import { type Example, examplesByTag } from "./examples.ts";

/** The whole interface as a Bruno collection: a folder a tag, a file a request, by their paths. */
export function brunoFiles(): ReadonlyMap<string, string> {
  const files = new Map<string, string>([
    [
      "bruno.json",
      `${JSON.stringify({ version: "1", name: "Upline", type: "collection" }, null, 2)}\n`,
    ],
    [
      "collection.bru",
      blocks([
        ["auth", { mode: "bearer" }],
        ["auth:bearer", { token: "{{token}}" }],
      ]),
    ],
    [
      "environments/local.bru",
      `${block("vars", { baseUrl: "http://127.0.0.1:8787", tenant: "demo" })}vars:secret [\n  token\n]\n`,
    ],
  ]);
  for (const { tag, examples } of examplesByTag()) {
    files.set(`${tag}/folder.bru`, block("meta", { name: tag }));
    for (const [i, example] of examples.entries()) {
      files.set(`${tag}/${example.id}.bru`, requestOf(example, i + 1));
    }
  }
  return files;
}

function requestOf(example: Example, seq: number): string {
  const { name, docs, method, path, places, query, body, isPublic } = example;
  const asked = query.filter(({ isRequired }) => isRequired);
  const search = asked.map((one) => `${one.name}=${one.value}`).join("&");
  const place = path.replace("{tenant}", "{{tenant}}").replaceAll(/(?<!\{)\{(\w+)\}(?!\})/g, ":$1");
  const isWrite = method !== "GET" && !isPublic;
  return [
    block("meta", { name, type: "http", seq: String(seq) }),
    block(method.toLowerCase(), {
      url: `{{baseUrl}}${place}${search === "" ? "" : `?${search}`}`,
      body: body === undefined ? "none" : "json",
      auth: isPublic ? "none" : "inherit",
    }),
    query.length === 0 ? "" : block("params:query", filtersOf(query)),
    places.length === 0
      ? ""
      : block("params:path", Object.fromEntries(places.map((one) => [one.name, one.value]))),
    isWrite ? block("headers", { "Idempotency-Key": "{{$guid}}" }) : "",
    body === undefined ? "" : textBlock("body:json", JSON.stringify(body, null, 2)),
    docs === "" ? "" : textBlock("docs", docs),
  ]
    .filter(Boolean)
    .join("\n");
}

// `~` before a name: there, and switched off.
const filtersOf = (query: Example["query"]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    query.map(({ name, value, isRequired }) => [`${isRequired ? "" : "~"}${name}`, value]),
  );

const blocks = (all: readonly (readonly [string, Readonly<Record<string, string>>])[]): string =>
  all.map(([name, members]) => block(name, members)).join("\n");

const block = (name: string, members: Readonly<Record<string, string>>): string =>
  `${name} {\n${Object.entries(members)
    .map(([key, value]) => `  ${key}: ${value}`.trimEnd())
    .join("\n")}\n}\n`;

const textBlock = (name: string, text: string): string =>
  `${name} {\n${text
    .split("\n")
    .map((line) => (line === "" ? "" : `  ${line}`))
    .join("\n")}\n}\n`;
