import { describe, expect, test } from "vitest";
import { createDataKey, createKeyring } from "#src/edge/crypto/keyring.ts";

const OLD = new Uint8Array(32).fill(1);
const NEW = new Uint8Array(32).fill(2);
const secret = createDataKey();

describe("createKeyring()", () => {
  test("unwraps what it wrapped, under a key it names", async () => {
    const keyring = createKeyring([NEW, OLD]);
    const wrapped = await keyring.wrap(secret, "tenant:a");
    expect(wrapped).toMatch(/^[0-9a-f]{8}\.[A-Za-z0-9+/]+=*$/);
    expect(wrapped.startsWith(`${keyring.newest}.`)).toBe(true);
    expect(await keyring.unwrap(wrapped, "tenant:a")).toEqual(secret);
  });

  test("does not unwrap for another place", async () => {
    const keyring = createKeyring([OLD]);
    const wrapped = await keyring.wrap(secret, "tenant:a");
    await expect(keyring.unwrap(wrapped, "tenant:b")).rejects.toThrow(/decrypt|operation/i);
  });

  test("moves what is under an older key to the newest, once", async () => {
    const wrapped = await createKeyring([OLD]).wrap(secret, "tenant:a");
    const both = createKeyring([NEW, OLD]);
    const moved = (await both.rewrap(wrapped, "tenant:a")) ?? "";
    expect(await createKeyring([NEW]).unwrap(moved, "tenant:a")).toEqual(secret);
    expect(await both.rewrap(moved, "tenant:a")).toBeUndefined();
  });

  test("names the key that is gone", async () => {
    const old = createKeyring([OLD]);
    const wrapped = await old.wrap(secret, "tenant:a");
    await expect(createKeyring([NEW]).unwrap(wrapped, "tenant:a")).rejects.toThrow(
      `Cannot unwrap "tenant:a": master key "${old.newest}" is not in MASTER_KEY`,
    );
  });

  test("needs a key", () => {
    expect(() => createKeyring([])).toThrow("there is no master key");
  });
});
