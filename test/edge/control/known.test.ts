import { expect, test } from "vitest";
import { createKnown } from "#src/edge/control/known.ts";

function rig() {
  const given = { now: 0, isOut: false };
  const reads: (readonly string[])[] = [];
  const values = new Map([["acme", 1]]);
  const known = createKnown<number>({
    nowMs: () => given.now,
    freshMs: 10,
    none: 0,
    read: async (tenants) => {
      reads.push(tenants);
      if (given.isOut) throw new Error("D1_ERROR: overloaded");
      return new Map(values);
    },
  });
  const of = async (...tenants: readonly string[]) => Object.fromEntries(await known.of(tenants));
  return { given, reads, values, known, of };
}

test("asks once for all that it does not know, each once, and for nothing else", async () => {
  const { of, reads, given } = rig();
  expect(await of("acme")).toEqual({ acme: 1 });
  expect(await of("acme", "other", "acme", "other")).toEqual({ acme: 1, other: 0 });
  expect(await of("other", "acme")).toEqual({ acme: 1, other: 0 });
  expect(await of()).toEqual({});
  given.now = 9;
  await of("acme");
  expect(reads).toEqual([["acme"], ["other"]]);
  given.now = 10;
  await of("acme", "other");
  expect(reads.at(-1)).toEqual(["acme", "other"]);
});

test("stands in with what it knew where nothing can be read, and says so where it knew nothing", async () => {
  const { of, given, values } = rig();
  await of("acme");
  values.set("acme", 2);
  [given.now, given.isOut] = [50, true];
  expect(await of("acme")).toEqual({ acme: 1 });
  await expect(of("acme", "other")).rejects.toThrow("overloaded");
  [given.now, given.isOut] = [60, false];
  expect(await of("acme", "other")).toEqual({ acme: 2, other: 0 });
});

test("waits for a newer value no longer than it may, once, and believes the older one on", async () => {
  const given = { now: 0, hangs: false };
  let reads = 0;
  const known = createKnown<number>({
    nowMs: () => given.now,
    freshMs: 10,
    renewalMsMax: 100,
    none: 0,
    async read() {
      reads += 1;
      if (given.hangs) await new Promise(() => {});
      return new Map([["acme", reads]]);
    },
  });
  await known.of(["acme"]);
  [given.now, given.hangs] = [10, true];
  expect(await known.of(["acme"])).toEqual(new Map([["acme", 1]]));
  given.now = 19;
  expect(await known.of(["acme"])).toEqual(new Map([["acme", 1]]));
  expect(reads).toBe(2);
  [given.now, given.hangs] = [20, false];
  expect(await known.of(["acme"])).toEqual(new Map([["acme", 3]]));
});

test("does not remember what was changed while it was read", async () => {
  let reads = 0;
  let finish = () => {};
  const known = createKnown<number>({
    nowMs: () => 0,
    freshMs: 10,
    none: 0,
    read: async (tenants) => {
      reads += 1;
      const read = reads;
      await new Promise<void>((resolve) => (finish = resolve));
      return new Map(tenants.map((tenant) => [tenant, read]));
    },
  });
  const early = known.of(["acme"]);
  known.forget("acme");
  finish();
  expect(await early).toEqual(new Map([["acme", 1]]));
  const late = known.of(["acme"]);
  finish();
  expect(await late).toEqual(new Map([["acme", 2]]));
  expect(await known.of(["acme"])).toEqual(new Map([["acme", 2]]));
});
