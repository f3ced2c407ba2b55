import { describe, expect, test } from "vitest";
import {
  type AccessRole,
  EVERY_PERMISSION,
  EVERY_TENANT,
  may,
  type Permission,
  PERMISSIONS,
  seesPersonalData,
} from "#src/core/access.ts";

const caller = (role: AccessRole, subject?: string) => ({
  tenant: "acme",
  role,
  ...(subject === undefined ? {} : { subject }),
});
const allowed = (role: AccessRole) =>
  EVERY_PERMISSION.filter(
    (permission) => may(caller(role), permission, { tenant: "acme" }) === "allowed",
  );

describe("may()", () => {
  const table: { role: AccessRole; permissions: readonly Permission[] }[] = [
    { role: "distributor", permissions: [] },
    { role: "support", permissions: ["status:read", "record:read", "tree:read"] },
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

describe("seesPersonalData()", () => {
  test("is refused to support alone", () => {
    const roles: readonly AccessRole[] = ["distributor", "support", "finance", "auditor", "admin"];
    expect(roles.filter((role) => !seesPersonalData(role))).toEqual(["support"]);
    expect(Object.keys(PERMISSIONS)).toEqual(expect.arrayContaining([...roles]));
  });
});
