import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { createApi } from "#src/compose/api.ts";
import { createParts } from "#src/compose/parts.ts";
import { readPorts } from "#src/compose/reads.ts";
import { readRoutes } from "#src/edge/http/reads.ts";
import { foundCompany, ORIGIN } from "../../support/company.ts";
import { asDocumented } from "../../support/contract.ts";

const { tenant, enrol } = await foundCompany();
await enrol("B");

/** What D1 answers to each session that is begun, in turn; as it is from then on. */
type Answers = readonly (() => Promise<never>)[];
const fails = (message: string) => () => Promise.reject(new Error(message));
const hangs = () => new Promise<never>(() => {});

const BOOKMARK = "00000001-00000000-00004d5e-0123456789abcdef0123456789abcdef";

/** The API over a D1 whose sessions answer so. Credentials are not read from it: they are known. */
async function apiOver(answers: Answers) {
  let [isOut, sessions] = [false, 0];
  const brokenSession = (answer: () => Promise<never>) => ({
    prepare: () => ({ bind: () => ({ all: answer, first: answer, raw: answer, run: answer }) }),
    batch: answer,
    getBookmark: () => null,
  });
  const d1 = new Proxy(env.MIRROR_0, {
    get: (real, name) => {
      if (name !== "withSession") return Reflect.get(real, name);
      return (from: string) => {
        const answer = isOut ? answers[sessions++] : undefined;
        return answer === undefined ? real.withSession(from) : brokenSession(answer);
      };
    },
  });
  const parts = createParts({ ...env, MIRROR_0: d1 });
  const api = createApi(parts, readRoutes(readPorts(parts)));
  const read = async (path: string, headers: Readonly<Record<string, string>> = {}) => {
    const url = `${ORIGIN}/v1/tenants/${tenant}/${path}`;
    const init = { headers: { Authorization: `Bearer ${env.ADMIN_TOKEN}`, ...headers } };
    const response = await api.fetch(new Request(url, init));
    return asDocumented({ method: "GET", url }, response);
  };
  await read("pipeline");
  isOut = true;
  return { read, sessions: () => sessions };
}

/** Of the mirror and of the control tables, by single queries, batches and drizzle. */
const READS = [
  "distributors/B/lines",
  "distributors/B/ledger",
  "distributors/B/upline",
  "events",
  "sla",
  "alerts",
  "sources",
  "keys",
];

const CONNECTION_LOST = "D1_ERROR: Network connection lost.";

test.each(READS)("%s is 503 with Retry-After while D1 fails, after a second try", async (path) => {
  const api = await apiOver([fails(CONNECTION_LOST), fails(CONNECTION_LOST)]);
  const response = await api.read(path);
  const body = await response.json();
  expect([response.status, body]).toEqual([503, expect.objectContaining({ code: "overloaded" })]);
  expect(response.headers.get("Retry-After")).toMatch(/^\d+$/);
  expect(response.headers.get("Content-Type")).toBe("application/problem+json");
  expect(api.sessions()).toBe(2);
});

test.each(READS)("%s is answered where D1 failed only once", async (path) => {
  const api = await apiOver([fails("D1_ERROR: D1 DB reset because its code was updated.")]);
  expect((await api.read(path)).status).toBe(200);
  expect(api.sessions()).toBeGreaterThan(1);
});

test.each([
  "D1_ERROR: D1 DB exceeded its CPU time limit and was reset.",
  "D1_ERROR: D1 DB exceeded its memory limit and was reset.",
  "D1_ERROR: D1 DB storage operation exceeded timeout which caused object to be reset.",
])("what took D1 too much is not asked of it again: %s", async (message) => {
  const api = await apiOver([fails(message)]);
  const response = await api.read("events");
  expect([response.status, api.sessions()]).toEqual([503, 1]);
});

test("503 with Retry-After while D1 hangs", async () => {
  const answers = READS.map(async (path) => {
    const response = await (await apiOver([hangs])).read(path);
    return [path, response.status, response.headers.has("Retry-After")];
  });
  expect(await Promise.all(answers)).toEqual(READS.map((path) => [path, 503, true]));
});

test("a query that is wrong itself is our fault, and not asked again", async () => {
  const api = await apiOver([fails("D1_ERROR: no such column: network: SQLITE_ERROR")]);
  const response = await api.read("events");
  expect([response.status, api.sessions()]).toEqual([500, 1]);
});

test("names the bookmark where D1 does not know it", async () => {
  const api = await apiOver([
    fails("D1_ERROR: Invalid bookmark"),
    fails("D1_ERROR: Invalid bookmark"),
  ]);
  const response = await api.read("events", { "D1-Bookmark": BOOKMARK });
  expect([response.status, await response.json()]).toEqual([
    400,
    expect.objectContaining({ errors: [expect.objectContaining({ path: "D1-Bookmark" })] }),
  ]);
});
