import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type AccessRole,
  EVERY_PERMISSION,
  EVERY_TENANT,
  foreignScopes,
  may,
  mayGive,
  type Permission,
  PERMISSIONS,
  scopesOfLink,
  seesPersonalData,
} from "#src/core/access.ts";

const caller = (role: AccessRole, subject?: string) => ({
  tenant: "acme",
  role,
  ...(subject === undefined ? {} : { subject }),
});
const ROLES: readonly AccessRole[] = [
  "distributor",
  "support",
  "finance",
  "operator",
  "auditor",
  "admin",
];
const allowed = (role: AccessRole) =>
  EVERY_PERMISSION.filter(
    (permission) => may(caller(role), permission, { tenant: "acme" }) === "allowed",
  );

describe("may()", () => {
  const table: { role: AccessRole; permissions: readonly Permission[] }[] = [
    { role: "distributor", permissions: [] },
    { role: "support", permissions: ["status:read", "record:read", "tree:read", "link:write"] },
    {
      role: "finance",
      permissions: [
        "status:read",
        "line:read",
        "ledger:read",
        "payout:read",
        "break:read",
        "break:write",
        "plan:read",
        "run:read",
        "run:write",
        "report:read",
        "record:read",
        "message:read",
        "tree:read",
        "writeoff:write",
        "alert:read",
      ],
    },
    {
      role: "operator",
      permissions: [
        "source:read",
        "source:write",
        "status:read",
        "event:read",
        "held:read",
        "held:write",
        "pipeline:read",
        "replay:read",
        "replay:write",
        "plan:read",
        "plan:write",
        "run:read",
        "record:read",
        "message:read",
        "tree:read",
        "link:write",
        "metrics:read",
        "alert:read",
        "destination:read",
        "destination:write",
        "delivery:read",
        "delivery:write",
      ],
    },
    { role: "auditor", permissions: EVERY_PERMISSION.filter((name) => name.endsWith(":read")) },
    { role: "admin", permissions: EVERY_PERMISSION },
  ];

  test.each(table)("allows $role what its role says, tenant-wide", ({ role, permissions }) => {
    expect(allowed(role)).toEqual(permissions);
  });

  test("hides every other tenant from every role, whatever is asked", () => {
    for (const { role } of table) {
      for (const permission of EVERY_PERMISSION) {
        expect(may(caller(role), permission, { tenant: "other" })).toBe("hidden");
      }
    }
  });

  test.each([
    { name: "its own page", subject: "d1", permission: "status:read", expected: "allowed" },
    { name: "its own ledger", subject: "d1", permission: "ledger:read", expected: "allowed" },
    { name: "another's page", subject: "d2", permission: "status:read", expected: "hidden" },
    { name: "a page, without subject", permission: "status:read", expected: "hidden" },
    {
      name: "its own page to write",
      subject: "d1",
      permission: "held:write",
      expected: "forbidden",
    },
  ] as const)("tells a distributor about $name: $expected", (given) => {
    const subject = "subject" in given ? given.subject : undefined;
    const place = { tenant: "acme", distributorId: "d1" };
    expect(may(caller("distributor", subject), given.permission, place)).toBe(given.expected);
  });

  test("lets ADMIN_TOKEN's caller into every tenant", () => {
    const admin = { tenant: EVERY_TENANT, role: "admin" } as const;
    expect(may(admin, "tenant:write", { tenant: "acme" })).toBe("allowed");
  });
});

describe("scopes", () => {
  const place = { tenant: "acme", distributorId: "d1" };

  test("narrow a role, and never widen it", () => {
    const scopes = fc.subarray([...EVERY_PERMISSION, "root"]);
    fc.assert(
      fc.property(fc.constantFrom(...ROLES), scopes, (role, given) => {
        for (const permission of EVERY_PERMISSION) {
          const wide = may(caller(role, "d1"), permission, place);
          const narrow = may({ ...caller(role, "d1"), scopes: given }, permission, place);
          expect(narrow).toBe(given.includes(permission) ? wide : "forbidden");
        }
      }),
    );
  });

  test("that a role has not are named by their places", () => {
    expect(foreignScopes("support", ["status:read", "ledger:read", "root"])).toEqual([1, 2]);
    expect(foreignScopes("admin", EVERY_PERMISSION)).toEqual([]);
  });
});

describe("mayGive()", () => {
  test("holds exactly where the giver has all of it", () => {
    const grants = fc.record({
      role: fc.constantFrom(...ROLES),
      scopes: fc.subarray([...EVERY_PERMISSION]),
    });
    const has = ({ role, scopes }: { role: AccessRole; scopes: readonly string[] }) => {
      const granted: ReadonlySet<string> = PERMISSIONS[role];
      return scopes.filter((name) => granted.has(name));
    };
    fc.assert(
      fc.property(grants, grants, (giver, given) => {
        const missing = has(given).filter((name) => !has(giver).includes(name));
        expect(mayGive(giver, given)).toBe(missing.length === 0);
      }),
    );
  });

  test("lets an admin give everything, and a narrowed one what it has", () => {
    const narrow = { role: "admin", scopes: ["key:write"] } as const;
    for (const role of ROLES) expect(mayGive({ role: "admin" }, { role })).toBe(true);
    for (const role of ROLES) expect(mayGive(narrow, { role })).toBe(false);
    expect(mayGive(narrow, narrow)).toBe(true);
  });
});

describe("scopesOfLink()", () => {
  test("shows no more than the role that makes the link may see", () => {
    expect(scopesOfLink("admin")).toEqual([
      "status:read",
      "line:read",
      "ledger:read",
      "report:read",
    ]);
    expect(scopesOfLink("support")).toEqual(["status:read"]);
    for (const role of ROLES) {
      const granted: ReadonlySet<string> = PERMISSIONS[role];
      expect(scopesOfLink(role).every((name) => granted.has(name))).toBe(true);
    }
  });
});

describe("seesPersonalData()", () => {
  test("is refused to support alone", () => {
    const roles: readonly AccessRole[] = ["distributor", "support", "finance", "auditor", "admin"];
    expect(roles.filter((role) => !seesPersonalData({ role }))).toEqual(["support"]);
    expect(seesPersonalData({ role: "distributor", isMasked: true })).toBe(false);
    expect(Object.keys(PERMISSIONS)).toEqual(expect.arrayContaining([...roles]));
  });
});

test("docs/access.md shows who may do what", () => {
  const rows = readFileSync("docs/access.md", "utf8").matchAll(/^\| `(\w+:\w+)` +\|(.*)\|$/gm);
  const shown = [...rows].map(([, permission, cells = ""]) => [
    permission,
    ROLES.filter((_, at) => cells.split("|")[at]?.trim() === "×"),
  ]);
  const real = EVERY_PERMISSION.map((permission) => [
    permission,
    ROLES.filter((role) => {
      const granted: ReadonlySet<string> = PERMISSIONS[role];
      return granted.has(permission);
    }),
  ]);
  expect(shown).toEqual(real);
});
