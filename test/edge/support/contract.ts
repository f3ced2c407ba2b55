import * as z from "zod";
import { ANSWERS } from "../../../scripts/openapi/answers.ts";
import { EVERY_OPERATION, openapi } from "../../../scripts/openapi/document.ts";
import { Problem } from "../../../scripts/openapi/problems.ts";
import { isRecord } from "../../../scripts/openapi/schema.ts";

/** What every answer may carry, and no document lists. */
const FRAME: ReadonlySet<string> = new Set([
  "allow",
  "cache-control",
  "cf-ray",
  "content-encoding",
  "content-length",
  "content-security-policy",
  "content-type",
  "cross-origin-resource-policy",
  "date",
  "referrer-policy",
  "strict-transport-security",
  "transfer-encoding",
  "upgrade",
  "vary",
  "x-accel-buffering",
  "x-content-type-options",
]);

const document: unknown = JSON.parse(JSON.stringify(openapi()));

const member = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce((at: unknown, name) => (isRecord(at) ? at[name] : undefined), value);

function resolved(value: unknown): unknown {
  const ref = member(value, "$ref");
  return typeof ref === "string" ? member(document, ...ref.split("/").slice(1)) : value;
}

const places = EVERY_OPERATION.map(({ method, path, operation }) => ({
  method,
  path,
  operation,
  pattern: new RegExp(`^${path.replaceAll(".", "\\.").replaceAll(/\{\w+\}/g, "[^/]+")}$`),
  places: path.split("{").length,
})).toSorted((one, other) => one.places - other.places);

/** The operation that the document has for a request, and whether it has any of this address. */
function operationFor(method: string, url: string) {
  const { pathname } = new URL(url, "https://gateway.example");
  const there = places.filter(({ pattern }) => pattern.test(pathname));
  const asked = method === "HEAD" ? "GET" : method;
  return { isKnown: there.length > 0, found: there.find((place) => place.method === asked) };
}

export interface Sent {
  readonly method: string;
  readonly url: string;
}

/**
 * What of an answer the document does not say, one sentence each: its status, media type, headers,
 * body, or the code of its problem.
 */
export async function faultsOfAnswer(
  { method, url }: Sent,
  response: Response,
): Promise<readonly string[]> {
  const { isKnown, found } = operationFor(method, url);
  if (response.status === 101) return [];
  const type = (response.headers.get("Content-Type") ?? "").split(";")[0]?.trim() ?? "";
  const text = type === "text/event-stream" ? "" : await response.clone().text();
  const isProblem = type === "application/problem+json";
  if (isProblem && method !== "HEAD") {
    const wrong = faultsOfProblem(text, response.status);
    if (wrong.length > 0) return wrong;
  }
  const isIngest = /\/in\/[^/]+\/[^/]+/.test(url);
  // What methods a delivery may have is its sender's choice, and whether there is one comes first.
  if (found === undefined) return isIngest ? [] : faultsElsewhere(response, isKnown);
  if (found.path.startsWith("/in/") && !isProblem && type !== "application/json") return [];

  const described = resolved(
    member(
      document,
      "paths",
      found.path,
      found.method.toLowerCase(),
      "responses",
      String(response.status),
    ),
  );
  if (!isRecord(described))
    return [`Status ${response.status} is not documented: ${text.slice(0, 200)}`];
  const faults = faultsOfHeaders(response, described, method);
  if (method === "HEAD" || text === "") return faults;
  const { beside } = found.operation.answer;
  return [...faults, ...faultsOfBody(text, type, { described, beside: beside?.schema })];
}

function faultsElsewhere({ status, headers }: Response, isKnown: boolean): string[] {
  const expected = isKnown ? 405 : 404;
  // Bounds come before anybody looks for the operation.
  if (status === 400 || status === 431 || status === 414) return [];
  if (isKnown && headers.get("Allow") === null) return ["405 without Allow"];
  return status === expected ? [] : [`Status ${status} of no documented operation`];
}

function faultsOfProblem(text: string, status: number): readonly string[] {
  const parsed = Problem.safeParse(parse(text));
  if (!parsed.success) return [`No problem: ${parsed.error.message} in ${text.slice(0, 300)}`];
  const { code, status: told, type } = parsed.data;
  const isRight = told === status && type === `urn:upline:problem:${code}`;
  return isRight ? [] : [`The problem ${code} says ${told} of ${status}`];
}

function faultsOfHeaders(
  { headers, status }: Response,
  described: Record<string, unknown>,
  method: string,
): string[] {
  const documented = Object.entries(Object(described["headers"]));
  const names = new Set(documented.map(([name]) => name.toLowerCase()));
  const missing = documented
    .filter(([name, of]) => member(resolved(of), "required") === true && !headers.has(name))
    .map(([name]) => `${status} lacks ${name}`);
  const unknown = [...headers.keys()]
    .filter((name) => !names.has(name) && !FRAME.has(name))
    .map((name) => `${status} has ${name}, which is not documented`);
  return [...(method === "HEAD" ? [] : missing), ...unknown];
}

interface Described {
  readonly described: Record<string, unknown>;
  /** What a list says beside its elements. */
  readonly beside: z.ZodObject | undefined;
}

function faultsOfBody(text: string, type: string, { described, beside }: Described): string[] {
  const content = described["content"];
  if (!isRecord(content)) return [`A body that is not documented: ${text.slice(0, 200)}`];
  const media = content[type];
  if (!isRecord(media)) return [`Media type ${type} is not documented`];
  if (type === "application/problem+json") {
    const codes = Object.keys(Object(media["examples"]));
    const code = String(member(parse(text), "code"));
    return codes.includes(code) ? [] : [`Code ${code} is not documented, only ${codes.join()}`];
  }
  return type === "application/json" ? faultsOfJson(parse(text), media["schema"], beside) : [];
}

function faultsOfJson(body: unknown, schema: unknown, beside?: z.ZodObject): string[] {
  const name = nameIn(member(schema, "$ref"));
  if (name !== undefined) return issuesOf(name, body);
  const element = nameIn(member(schema, "properties", "items", "items", "$ref"));
  if (element === undefined) return [];
  const page = Page.extend(beside?.shape ?? {})
    .strict()
    .safeParse(body);
  if (!page.success) return [`No list of them: ${page.error.message}`];
  const { items } = Page.parse(page.data);
  return items.flatMap((item) => issuesOf(element, item));
}

const Page = z.object({ items: z.array(z.unknown()), next_cursor: z.string().nullable() });

const isAnswer = (name: string): name is keyof typeof ANSWERS => Object.hasOwn(ANSWERS, name);

function nameIn(ref: unknown): keyof typeof ANSWERS | undefined {
  const name = typeof ref === "string" ? (ref.split("/").at(-1) ?? "") : "";
  return isAnswer(name) ? name : undefined;
}

const issuesOf = (name: keyof typeof ANSWERS, body: unknown): string[] =>
  (ANSWERS[name].safeParse(body).error?.issues ?? []).map(
    ({ path, message }) => `${name}.${path.join(".")}: ${message}`,
  );

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Lets an answer through that the document describes; throws at any other. */
export async function asDocumented(sent: Sent, response: Response): Promise<Response> {
  const faults = await faultsOfAnswer(sent, response);
  if (faults.length === 0) return response;
  throw new Error(`${sent.method} ${sent.url} against openapi.json:\n${faults.join("\n")}`);
}
