import { expect, test } from "vitest";
import { keepRecent } from "#src/senders/verify/recent.ts";

test("keepRecent() › drops what was not used for longest, once it is full", () => {
  const recent = keepRecent<number>(2);
  recent.set("a", 1);
  recent.set("b", 2);
  expect(recent.get("a")).toBe(1);
  recent.set("c", 3);
  expect(["a", "b", "c"].map((id) => recent.get(id))).toEqual([1, undefined, 3]);
});
