import { describe, expect, test } from "vitest";
import { readConfig } from "#src/config.ts";

const key = (byte: number) => Buffer.alloc(32, byte).toString("base64");
const env = {
  ENVIRONMENT: "local",
  SHARDS: "global, eu",
  MASTER_KEY: key(1),
  ADMIN_TOKEN: "a-long-enough-token",
};

describe("readConfig()", () => {
  test("reads every variable and secret, the newest master key first", () => {
    expect(readConfig({ ...env, MASTER_KEY: `${key(2)}, ${key(1)}` })).toEqual({
      environment: "local",
      intakes: ["global", "eu"],
      masterKeys: [new Uint8Array(32).fill(2), new Uint8Array(32).fill(1)],
      adminToken: "a-long-enough-token",
      graceMs: 900_000,
    });
  });

  test.each(["ENVIRONMENT", "SHARDS", "MASTER_KEY", "ADMIN_TOKEN"])(
    "names %s if absent",
    (name) => {
      expect(() => readConfig({ ...env, [name]: undefined })).toThrow(name);
    },
  );

  test.each([
    { name: "a key too short", MASTER_KEY: Buffer.alloc(31, 7).toString("base64") },
    { name: "a key that is no base64", MASTER_KEY: `${key(1)},not*base64*hunter22` },
    { name: "no key", MASTER_KEY: "" },
  ])("refuses $name without quoting it", ({ MASTER_KEY }) => {
    const read = () => readConfig({ ...env, MASTER_KEY });
    expect(read).toThrow(/MASTER_KEY: key \d must be base64 of 32 bytes/);
    expect(read).not.toThrow(/hunter22/);
  });

  test("takes a short ADMIN_TOKEN on one's own machine alone", () => {
    const live = { ...env, ENVIRONMENT: "production" };
    expect(() => readConfig({ ...live, ADMIN_TOKEN: "x".repeat(31) })).toThrow(
      "ADMIN_TOKEN: must have at least 32 characters",
    );
    expect(readConfig({ ...live, ADMIN_TOKEN: "x".repeat(32) }).environment).toBe("production");
  });

  test("lets lines rest for less than a quarter of an hour on one's own machine alone", () => {
    expect(readConfig({ ...env, RECONCILIATION_GRACE_S: "0" }).graceMs).toBe(0);
    const live = { ...env, ENVIRONMENT: "production", ADMIN_TOKEN: "x".repeat(32) };
    expect(() => readConfig({ ...live, RECONCILIATION_GRACE_S: "899" })).toThrow(
      "RECONCILIATION_GRACE_S: must be at least 900",
    );
    expect(readConfig({ ...live, RECONCILIATION_GRACE_S: "1800" }).graceMs).toBe(1_800_000);
    expect(() => readConfig({ ...env, RECONCILIATION_GRACE_S: "soon" })).toThrow(
      "RECONCILIATION_GRACE_S",
    );
  });

  test("refuses a word that is no jurisdiction", () => {
    expect(() => readConfig({ ...env, SHARDS: "mars" })).toThrow("mars");
  });
});
