import { env, exports } from "cloudflare:workers";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { beforeAll, describe, expect, test } from "vitest";
import { ROLES } from "#src/edge/control/directory.ts";
import openapi from "../../../public/openapi.json";
import { foundCompany, ORIGIN, w2 } from "../support/company.ts";

/*
 * Every operation × every role × own and other tenant × own and other distributor × every state of a
 * credential. What should come is taken from what users read: the permission that OpenAPI names, and
 * the table of docs/access.md.
 */

type Role = (typeof ROLES)[number];

const pages = import.meta.glob("../../../docs/access.md", {
  query: "?raw",
  import: "default",
  eager: true,
});
const access = Object.values(pages).join("");

interface Operation {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly permission: string;
  readonly isOfDistributor: boolean;
}

const operations: readonly Operation[] = Object.entries(openapi.paths).flatMap(([path, methods]) =>
  Object.entries(methods).flatMap(
    ([verb, { description = "" }]: [string, { description?: string }]) => {
      const [, permission] = /Permission `([a-z]+:[a-z]+)`/.exec(description) ?? [];
      const method = verb.toUpperCase();
      const isOfDistributor = path.includes("/distributors/{distributor}");
      return permission === undefined || !path.startsWith("/v1/")
        ? []
        : [{ name: `${method} ${path}`, method, path, permission, isOfDistributor }];
    },
  ),
);

/** Role → permissions, as docs/access.md tells them. */
const granted = new Map<string, Set<string>>(ROLES.map((role) => [role, new Set()]));
const [, head = "", body = ""] = /\n(\| permission .*)\n.*\n((?:\|.*\n)+)/.exec(access) ?? [];
const columns = head.split("|").map((cell) => cell.trim());
for (const row of body.trim().split("\n")) {
  const cells = row.split("|").map((cell) => cell.trim());
  for (const [i, role] of columns.entries()) {
    if (cells[i] === "×") granted.get(role)?.add((cells[1] ?? "").replaceAll("`", ""));
  }
}

const ISSUER = "https://login.acme.example";
const { privateKey, publicKey } = await generateKeyPair("ES256");
const jwk = { ...(await exportJWK(publicKey)), kid: "k1", alg: "ES256" };
const trust = {
  jwt: { issuer: ISSUER, audience: "upline", jwks: { keys: [jwk] }, roles: [...ROLES] },
  distributors: { downline_depth: 3, upline: true },
};

const ours = await foundCompany({ access: trust });
const theirs = await foundCompany({ access: trust });
await ours.enrol("B");
await ours.enrol("C");
await theirs.enrol("B");
await ours.post(w2("B")[0] ?? {});
await ours.settled(["B-1"]);

const NOW_S = Math.floor(Date.now() / 1000);
const tokenOf = (role: Role, { exp = NOW_S + 600, nbf = NOW_S - 60 } = {}): Promise<string> =>
  new SignJWT({ role })
    .setProtectedHeader({ alg: "ES256", kid: "k1" })
    .setIssuer(ISSUER)
    .setAudience("upline")
    .setSubject("B")
    .setIssuedAt(nbf)
    .setNotBefore(nbf)
    .setExpirationTime(exp)
    .sign(privateKey);

interface NewKey {
  readonly key: string;
  readonly key_id: string;
}

async function keyOf(role: Role, more: object = {}): Promise<NewKey> {
  const subject = role === "distributor" ? { subject: "B" } : {};
  const made = await ours.api(`POST /v1/tenants/${ours.tenant}/keys`, {
    role,
    ...subject,
    ...more,
  });
  return made.json<NewKey>();
}

const fill = ({ path }: Operation, tenant: string, distributor: string): string =>
  path
    .replace("{tenant}", tenant)
    .replace("{distributor}", distributor)
    .replaceAll(/\{\w+\}/g, "none");

interface Asker {
  readonly token: string | undefined;
  readonly address: string;
}

function ask({ method }: Operation, path: string, { token, address }: Asker): Promise<Response> {
  const headers = {
    "CF-Connecting-IP": address,
    ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
    "Content-Type": "application/json",
  };
  // Nothing that any of them would take: what matters is who gets so far.
  const more = method === "GET" || method === "DELETE" ? {} : { body: "[]" };
  return exports.default.fetch(`${ORIGIN}${path}`, { method, headers, ...more });
}

/** Fewer than the directory looks up in D1 at once. */
const AT_ONCE = 16;

let asked = 0;

async function answersOf(token: string | undefined, tenant: string, distributor: string) {
  asked += 1;
  // Of an address of their own: together they are more that fail than one address may have.
  const asker = { token, address: `198.51.${asked >> 8}.${asked & 255}` };
  const answerOf = async (operation: Operation) => {
    const response = await ask(operation, fill(operation, tenant, distributor), asker);
    const text = await response.text();
    const isRefusal = response.status > 400 && response.status < 405;
    const answer = isRefusal ? `${response.status} ${text}` : String(response.status);
    return [operation.name, answer] as const;
  };
  const answers: (readonly [string, string])[] = [];
  for (let i = 0; i < operations.length; i += AT_ONCE) {
    answers.push(...(await Promise.all(operations.slice(i, i + AT_ONCE).map(answerOf))));
  }
  return Object.fromEntries(answers);
}

const refusal = async (path: string, token?: string): Promise<string> => {
  const response = await exports.default.fetch(`${ORIGIN}${path}`, {
    headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
  });
  return `${response.status} ${await response.text()}`;
};
const UNAUTHORIZED = await refusal(`/v1/tenants/${ours.tenant}`);
const NOT_FOUND = await refusal("/v1/tenants/nobody", env.ADMIN_TOKEN);
const everywhere = (answer: string) =>
  Object.fromEntries(operations.map(({ name }) => [name, answer]));

test("knows of every operation, its permission, and every role", () => {
  expect(operations.length).toBeGreaterThan(55);
  expect([...granted].map(([role, names]) => [role, names.size > 3])).toEqual(
    ROLES.map((role) => [role, true]),
  );
  expect(UNAUTHORIZED).toMatch(/^401 .*"code":"unauthorized"/);
  expect(NOT_FOUND).toMatch(/^404 .*"code":"not_found"/);
});

describe.each(ROLES)("a %s", (role) => {
  let credentials: readonly (readonly [string, string])[] = [];
  let expiring = { key: "", atMs: 0 };
  beforeAll(async () => {
    const atMs = Date.now() + 1000;
    const { key } = await keyOf(role, { expires_at: new Date(atMs).toISOString() });
    expiring = { key, atMs };
    credentials = [
      ["key", (await keyOf(role)).key],
      ["token", await tokenOf(role)],
    ];
  });

  /** What the role gets at home: forbidden, hidden, or as far as the operation itself. */
  const expected = ({ permission, isOfDistributor }: Operation, isOwn: boolean): string => {
    if (granted.get(role)?.has(permission) !== true) return "403";
    if (role !== "distributor") return "passes";
    if (!isOfDistributor) return "403";
    return isOwn ? "passes" : "hidden";
  };

  test.each([
    { whose: "its own", distributor: "B", isOwn: true },
    { whose: "another", distributor: "C", isOwn: false },
    { whose: "nobody's", distributor: "nobody", isOwn: false },
  ])("gets as far as its role allows, on $whose page", async ({ distributor, isOwn }) => {
    for (const [kind, token] of credentials) {
      const answers = await answersOf(token, ours.tenant, distributor);
      for (const operation of operations) {
        const answer = answers[operation.name] ?? "";
        const reached = answer.startsWith("403")
          ? "403"
          : answer === NOT_FOUND
            ? "hidden"
            : "passes";
        const wanted = expected(operation, isOwn);
        // What is not there is not found by those who may look for it, either.
        const isRight = reached === wanted || (wanted === "passes" && reached === "hidden");
        const isOver = /^(401|429|5)/.test(answer);
        expect([operation.name, kind, isRight && !isOver, isRight ? "" : answer]).toEqual([
          operation.name,
          kind,
          true,
          "",
        ]);
      }
    }
  });

  test("is in another tenant what it is where there is none", async () => {
    const [[, key] = ["", ""], [, token] = ["", ""]] = credentials;
    expect(await answersOf(key, theirs.tenant, "B")).toEqual(everywhere(NOT_FOUND));
    expect(await answersOf(key, "nobody", "B")).toEqual(everywhere(NOT_FOUND));
    // A token is judged by the tenant of the path: this one has another issuer's keys, or none.
    expect(await answersOf(token, "nobody", "B")).toEqual(everywhere(UNAUTHORIZED));
  });

  test.each<{ name: string; make: () => Promise<string> | string }>([
    { name: "an expired token", make: () => tokenOf(role, { exp: NOW_S - 400 }) },
    { name: "a token of the future", make: () => tokenOf(role, { nbf: NOW_S + 400 }) },
    {
      name: "a tampered token",
      make: async () => (await tokenOf(role)).replace(/\.[^.]{4}/, ".AAAA"),
    },
    {
      name: "a revoked key",
      make: async () => {
        const { key, key_id } = await keyOf(role);
        await ours.api(`DELETE /v1/tenants/${ours.tenant}/keys/${key_id}`);
        return key;
      },
    },
    {
      name: "an expired key",
      make: async () => {
        // Time stands still in here but while something is awaited.
        while (Date.now() < expiring.atMs) await scheduler.wait(50);
        return expiring.key;
      },
    },
    {
      name: "a key with another last character",
      make: async () => (await keyOf(role)).key.replace(/.$/, (last) => (last === "A" ? "B" : "A")),
    },
  ])("with $name is nobody, anywhere", async ({ make }) => {
    const token = await make();
    for (const tenant of [ours.tenant, theirs.tenant]) {
      expect(await answersOf(token, tenant, "B")).toEqual(everywhere(UNAUTHORIZED));
    }
  });
});

test.each([
  { name: "no credential", token: undefined },
  { name: "an empty one", token: " " },
  { name: "a malformed key", token: "upl_x" },
  { name: "an unknown key", token: `upl_abcdefgh_${"0".repeat(40)}` },
  { name: "a malformed link", token: "upt_e30.AAAA" },
  { name: "a token without signature", token: "eyJhbGciOiJub25lIn0.e30." },
  { name: "a very long one", token: "x".repeat(6000) },
])("$name is refused alike everywhere", async ({ token }) => {
  for (const tenant of [ours.tenant, "nobody"]) {
    expect(await answersOf(token, tenant, "B")).toEqual(everywhere(UNAUTHORIZED));
  }
});
