import { createHash } from "node:crypto";
import { type Example, examplesByTag } from "./examples.ts";

const SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json";

/** The whole interface as a Postman collection (format v2.1.0), which Insomnia and others read too. */
export const postmanCollection = (): object => ({
  info: {
    _postman_id: uuidOf("upline"),
    name: "Upline",
    description:
      "Written by `npm run generate` from the same operations as openapi.json. Set `baseUrl`, `token` and `tenant` first.",
    schema: SCHEMA,
  },
  auth: {
    type: "bearer",
    bearer: [{ key: "token", value: "{{token}}", type: "string" }],
  },
  variable: [
    { key: "baseUrl", value: "http://127.0.0.1:8787", type: "string" },
    { key: "token", value: "", type: "string" },
    { key: "tenant", value: "demo", type: "string" },
  ],
  item: examplesByTag().map(({ tag, docs, examples }) => ({
    id: uuidOf(tag),
    name: tag,
    description: docs,
    item: examples.map(itemOf),
  })),
});

function itemOf({ id, name, docs, method, path, places, query, body, isPublic }: Example): object {
  const segments = path
    .slice(1)
    .split("/")
    .map((part) => (part === "{tenant}" ? "{{tenant}}" : part.replace(/^\{(\w+)\}$/, ":$1")));
  const asked = query.filter(({ isRequired }) => isRequired);
  const search = asked.map((one) => `${one.name}=${one.value}`).join("&");
  return {
    id: uuidOf(id),
    name,
    request: {
      method,
      description: docs,
      ...(isPublic ? { auth: { type: "noauth" } } : {}),
      header: [
        ...(body === undefined ? [] : [{ key: "Content-Type", value: "application/json" }]),
        ...(method === "GET" || isPublic ? [] : [{ key: "Idempotency-Key", value: "{{$guid}}" }]),
      ],
      url: {
        raw: `{{baseUrl}}/${segments.join("/")}${search === "" ? "" : `?${search}`}`,
        host: ["{{baseUrl}}"],
        path: segments,
        variable: places.map(({ name: key, value }) => ({ key, value })),
        query: query.map((one) => ({
          key: one.name,
          value: one.value,
          ...(one.isRequired ? {} : { disabled: true }),
        })),
      },
      ...(body === undefined
        ? {}
        : {
            body: {
              mode: "raw",
              raw: JSON.stringify(body, null, 2),
              options: { raw: { language: "json" } },
            },
          }),
    },
    response: [],
  };
}

// Of the name, so that writing it again changes nothing: UUID version 8 (RFC 9562 §5.8).
function uuidOf(name: string): string {
  const hex = createHash("sha256").update(`upline:${name}`).digest("hex");
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join("-");
}
