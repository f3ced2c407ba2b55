import { runs } from "../../support/runs.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  edgeAt,
  edgeOfCustomer,
  edgeOfMove,
  edgesOfEnrolment,
  edgeVersion,
} from "#src/core/genealogy/edge.ts";

const origin = fc.constantFrom(
  "customer" as const,
  "auto" as const,
  "enrolment" as const,
  "move" as const,
);
const epoch = fc.oneof(fc.nat(12), fc.maxSafeNat());
const rev = fc.oneof(fc.nat(120).map(String), fc.bigInt(0n, 10n ** 38n - 1n).map(String));
const place = fc.record({ origin, epoch, rev });
type Place = typeof place extends fc.Arbitrary<infer Of> ? Of : never;

const RANKS = { customer: 0, auto: 1, enrolment: 2, move: 3 };

/** Below zero where `a` gives way to `b`, from what the three parts mean. */
function precedence(a: Place, b: Place): number {
  if (a.origin !== b.origin) return RANKS[a.origin] - RANKS[b.origin];
  if (a.epoch !== b.epoch) return a.epoch - b.epoch;
  return Number(BigInt(a.rev) > BigInt(b.rev)) - Number(BigInt(a.rev) < BigInt(b.rev));
}

const versionOf = ({ origin: of, ...at }: Place) => edgeVersion(of, at);
const sign = (a: string, b: string) => Number(a > b) - Number(a < b);

describe("edgeVersion()", () => {
  test("sorts as text in the order of precedence", () => {
    fc.assert(
      fc.property(place, place, (a, b) => {
        expect(sign(versionOf(a), versionOf(b))).toBe(Math.sign(precedence(a, b)));
      }),
      { numRuns: runs(1000) },
    );
  });

  test("is the form that the migration writes", () => {
    expect(edgeVersion("enrolment", { epoch: 3, rev: "120" })).toBe("e0000000000000003.03.120");
  });
});

describe("edgesOfEnrolment()", () => {
  const at = { epoch: 0, rev: "1", effective_ms: 5 };
  const version = "e0000000000000000.01.1";
  const edge = { node: "B", node_kind: "distributor", version, effective_ms: 5 };

  test("hangs a node under its sponsor, and under its placement where it has one", () => {
    const under = { sponsor_id: "A", placement_id: "P", leg: "L" } as const;
    expect(edgesOfEnrolment("B", under, at)).toEqual([
      { ...edge, tree: "sponsor", parent_id: "A", leg: null },
      { ...edge, tree: "placement", parent_id: "P", leg: "L" },
    ]);
  });

  test("leaves the placement open where none is named, and the top without a parent", () => {
    const under = { sponsor_id: null, placement_id: null, leg: null };
    expect(edgesOfEnrolment("B", under, at)).toEqual([
      { ...edge, tree: "sponsor", parent_id: null, leg: null },
    ]);
  });
});

test("edgeOfCustomer() hangs a customer under who brought it, below any enrolment", () => {
  const edge = edgeOfCustomer("C", "B", { epoch: 0, rev: "9", effective_ms: 5 });
  expect(edge).toEqual({
    tree: "sponsor",
    node: "C",
    node_kind: "customer",
    version: "c0000000000000000.01.9",
    effective_ms: 5,
    parent_id: "B",
    leg: null,
  });
  const under = { sponsor_id: "S", placement_id: null, leg: null };
  const enrolled = edgesOfEnrolment("C", under, { epoch: 0, rev: "0", effective_ms: 4 });
  expect(edgeAt([edge, ...enrolled], 10)?.parent_id).toBe("S");
});

describe("edgeOfMove()", () => {
  const move = {
    distributor_id: "B",
    tree: "placement",
    parent_id: "P",
    leg: "R",
    effective_ms: 5,
    source: "core",
    epoch: 1,
    seq: 12,
  } as const;

  test("names its source, so that two streams do not share a version", () => {
    expect(edgeOfMove(move)).toEqual({
      tree: "placement",
      node: "B",
      node_kind: "distributor",
      version: "m0000000000000001.02.12.core",
      effective_ms: 5,
      parent_id: "P",
      leg: "R",
    });
  });

  test("has no leg in the sponsor tree", () => {
    expect(edgeOfMove({ ...move, tree: "sponsor" }).leg).toBeNull();
  });
});

describe("edgeAt()", () => {
  const versions = fc.uniqueArray(
    fc.record({ place, effective_ms: fc.integer({ min: -3, max: 8 }) }),
    { selector: ({ place: of }) => versionOf(of), maxLength: 8 },
  );

  test("reads as a naive reading does", () => {
    fc.assert(
      fc.property(versions, fc.integer({ min: -4, max: 9 }), (told, atMs) => {
        const ranked = told.toSorted((a, b) => precedence(b.place, a.place));
        const naive =
          ranked.find(({ effective_ms }) => effective_ms <= atMs) ??
          ranked
            .filter(({ place: { origin: of } }) => of !== "move")
            .toSorted((a, b) => a.effective_ms - b.effective_ms)[0];
        const rows = told.map((row) => ({ ...row, version: versionOf(row.place) }));
        expect(edgeAt(rows, atMs)?.version).toBe(naive && versionOf(naive.place));
      }),
      { numRuns: runs(1000) },
    );
  });

  test("finds nothing where there is nothing", () => {
    expect(edgeAt([], 0)).toBeUndefined();
  });
});
