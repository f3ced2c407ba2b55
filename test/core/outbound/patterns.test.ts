import fc from "fast-check";
import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { EVENT_TYPES } from "#src/core/contracts/catalogue.ts";
import { matches, NOTICE_TYPES, PATTERNS } from "#src/core/outbound/patterns.ts";

describe("NOTICE_TYPES", () => {
  test("are the catalogue's types and every message that the core tells", () => {
    const told = execFileSync("grep", ["-rhoE", "`msg:[a-z_]+:\\$", "src/core"], {
      encoding: "utf8",
    });
    const kinds = new Set([...told.matchAll(/`msg:([a-z_]+):/g)].map(([, kind = ""]) => kind));
    expect(kinds.size).toBeGreaterThan(0);
    expect(NOTICE_TYPES.toSorted()).toEqual(
      [...EVENT_TYPES, ...[...kinds].map((kind) => `message.${kind}`)].toSorted(),
    );
  });
});

describe("PATTERNS", () => {
  test("are the one for all, the groups, and the types, each once", () => {
    expect(PATTERNS[0]).toBe("*");
    expect(PATTERNS).toContain("payment.*");
    expect(PATTERNS).toContain("message.*");
    expect(PATTERNS).toContain("payment.confirmed");
    expect(new Set(PATTERNS).size).toBe(PATTERNS.length);
  });

  test.each(PATTERNS)("%s wants a notice at least", (pattern) => {
    expect(NOTICE_TYPES.some((type) => matches(pattern, type))).toBe(true);
  });
});

describe("matches()", () => {
  test.each([
    { pattern: "*", type: "payment.confirmed", wanted: true },
    { pattern: "payment.*", type: "payment.confirmed", wanted: true },
    { pattern: "payment.*", type: "payment.failed", wanted: true },
    { pattern: "payment.*", type: "payout.failed", wanted: false },
    { pattern: "pay.*", type: "payment.confirmed", wanted: false },
    { pattern: "payment.*", type: "payments.confirmed", wanted: false },
    { pattern: "payment.*", type: "message.payment_confirmed", wanted: false },
    { pattern: "message.*", type: "message.payment_confirmed", wanted: true },
    { pattern: "payment.confirmed", type: "payment.confirmed", wanted: true },
    { pattern: "payment.confirmed", type: "payment.failed", wanted: false },
    { pattern: "payment.confirmed", type: "payment.confirmed_again", wanted: false },
  ])("says $wanted to $type for $pattern", ({ pattern, type, wanted }) => {
    expect(matches(pattern, type)).toBe(wanted);
  });

  test("has each type wanted by all, by its group, and by itself, and by no other pattern", () => {
    fc.assert(
      fc.property(fc.constantFrom(...NOTICE_TYPES), (type) => {
        const [group = ""] = type.split(".");
        const wanting = PATTERNS.filter((pattern) => matches(pattern, type));
        expect(wanting).toEqual(["*", `${group}.*`, type]);
      }),
    );
  });
});
