import { describe, expect, test } from "vitest";
import {
  againAsked,
  alikeIn,
  notAddingUp,
  type Parent,
  withinAsked,
} from "#src/core/reconciliation/parts.ts";
import type { BucketSum } from "#src/core/reconciliation/walk.ts";

const HOUR = "2026-11-19T13";
const range = { fromMs: Date.parse(`${HOUR}:00:00Z`), toMs: Date.parse("2026-11-19T14:00:00Z") };

const parent = (part: string, lines = 100): Parent => ({
  bucket: `${HOUR}/${part}`,
  counted: lines === 0 ? { lines } : { lines, digest: "a".repeat(32) },
});
const sum = (part: string, lines: number, digest = "0"): BucketSum => ({
  name: `${HOUR}/${part}`,
  lines,
  digest: digest.repeat(32),
});

describe("sixteenths of parts", () => {
  test("are asked for by the names of the parts, in their hour and shards", () => {
    expect(withinAsked([parent("51/5"), parent("7/a"), parent("51/6")])).toEqual({
      level: "part",
      range,
      shards: [7, 51],
      within: [`${HOUR}/51/5`, `${HOUR}/7/a`, `${HOUR}/51/6`],
    });
  });

  test("have to add up to the part", () => {
    const [five, six, none] = [parent("51/5", 30), parent("51/6", 30), parent("51/7", 0)];
    const parents = [five, six, none];
    expect(notAddingUp(parents, [sum("51/50", 10), sum("51/5f", 20), sum("51/61", 30)])).toEqual(
      [],
    );
    expect(notAddingUp(parents, [sum("51/50", 10), sum("51/61", 31)])).toEqual([five, six]);
    expect(notAddingUp([none], [sum("51/7a", 1)])).toEqual([none]);
  });

  test("are alike on both sides, or not", () => {
    const parents = [parent("51/5"), parent("51/6"), parent("51/7")];
    const core = [sum("51/50", 1), sum("51/5a", 2), sum("51/61", 3), sum("51/71", 4)];
    const local = [sum("51/5a", 2), sum("51/50", 1), sum("51/61", 3, "1")];
    expect(alikeIn(parents, core, local)).toEqual([parents[0]]);
    expect(alikeIn(parents, core, core)).toEqual(parents);
  });
});

test("parts are asked for again among their hour's, or within those they are cut out of", () => {
  expect(againAsked([parent("51/5"), parent("7/a")])).toEqual({
    level: "part",
    range,
    shards: [7, 51],
  });
  expect(againAsked([parent("51/5a"), parent("51/5b"), parent("7/a0")])).toEqual({
    level: "part",
    range,
    shards: [7, 51],
    within: [`${HOUR}/51/5`, `${HOUR}/7/a`],
  });
});
