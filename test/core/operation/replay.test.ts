import { describe, expect, test } from "vitest";
import {
  fateOf,
  isDecidedAnew,
  type PastEvent,
  REPLAY_SKIPS,
  standingOf,
} from "#src/core/operation/replay.ts";
import { OUTCOMES } from "#src/core/subject/entry.ts";

const event = (of: Partial<PastEvent>): PastEvent => ({
  outcome: "applied",
  isLogged: true,
  isHeld: false,
  isDiscarded: false,
  isNamed: false,
  isDelivered: true,
  ...of,
});

const shown = (of: Partial<PastEvent>): string => {
  const fate = fateOf(event(of));
  return fate.kind === "skip" ? `skip: ${fate.reason}` : fate.kind;
};

const loose = { isLogged: false } as const;
const held = { isHeld: true } as const;
const letGo = { isDiscarded: true } as const;
const named = { isNamed: true } as const;

describe("fateOf()", () => {
  test.each<{ name: string; of: Partial<PastEvent>; fate: string }>([
    { name: "what was applied goes the same way", of: {}, fate: "send" },
    { name: "so does a fact told twice", of: { outcome: "duplicate" }, fate: "send" },
    {
      name: "a telling under a new id of ours follows the first",
      of: { outcome: "duplicate", ...loose },
      fate: "skip: repeats",
    },
    {
      name: "also by name",
      of: { outcome: "duplicate", ...loose, ...named },
      fate: "skip: repeats",
    },
    {
      name: "what no object took is read anew",
      of: { outcome: "quarantined", ...loose, ...held },
      fate: "send",
    },
    { name: "so is what died", of: { outcome: "dead", ...loose, ...held }, fate: "send" },
    {
      name: "what an object keeps it decides anew",
      of: { outcome: "quarantined", ...held },
      fate: "ask",
    },
    {
      name: "also where no delivery brought it",
      of: { outcome: "quarantined", ...held, isDelivered: false },
      fate: "ask",
    },
    { name: "parked stays", of: { outcome: "parked", ...held }, fate: "skip: parked" },
    {
      name: "parked stays by name, too",
      of: { outcome: "parked", ...held, ...loose, ...named },
      fate: "skip: parked",
    },
    {
      name: "parked that nobody wakes any more is sent",
      of: { outcome: "parked", ...loose },
      fate: "send",
    },
    { name: "buffered stays", of: { outcome: "buffered", ...held }, fate: "skip: buffered" },
    {
      name: "the first of two stands",
      of: { outcome: "conflict", ...held },
      fate: "skip: conflict",
    },
    {
      name: "a refused body is not there",
      of: { outcome: "rejected", ...loose, isDelivered: false },
      fate: "skip: rejected",
    },
    { name: "what we made nobody sent", of: { isDelivered: false }, fate: "skip: made" },
    {
      name: "discarded stays discarded",
      of: { outcome: "quarantined", ...loose, ...letGo },
      fate: "skip: discarded",
    },
    {
      name: "discarded from its object, too",
      of: { outcome: "quarantined", ...letGo },
      fate: "skip: discarded",
    },
    {
      name: "discarded while parked",
      of: { outcome: "parked", ...letGo },
      fate: "skip: discarded",
    },
    {
      name: "discarded among the dead",
      of: { outcome: "dead", ...loose, ...letGo },
      fate: "skip: discarded",
    },
    {
      name: "by name it comes back",
      of: { outcome: "quarantined", ...loose, ...letGo, ...named },
      fate: "revive",
    },
    {
      name: "by name its object takes it back",
      of: { outcome: "quarantined", ...letGo, ...named },
      fate: "revive",
    },
    {
      name: "unless nobody sent it",
      of: { outcome: "quarantined", ...letGo, ...named, isDelivered: false },
      fate: "skip: made",
    },
    {
      name: "what came back after a discard is no discarded one",
      of: { outcome: "quarantined", ...loose, ...letGo, ...held },
      fate: "send",
    },
    {
      name: "nor is what was applied since",
      of: { ...letGo },
      fate: "send",
    },
  ])("$name", ({ of, fate }) => {
    expect(shown(of)).toBe(fate);
  });

  test("never sends what a person discarded, whatever else is known of it, but by name", () => {
    const bits = [true, false];
    for (const outcome of ["quarantined", "parked", "dead"] as const) {
      for (const isLogged of bits) {
        for (const isDelivered of bits) {
          const of = { outcome, isLogged, isDelivered, ...letGo };
          expect(shown(of)).toBe("skip: discarded");
          expect(standingOf(event(of))).toBe("discarded");
        }
      }
    }
  });

  test("has a reason in words for whatever it leaves out", () => {
    const reasons = OUTCOMES.flatMap((outcome) => {
      const fate = fateOf(event({ outcome, isDelivered: false, ...held }));
      return fate.kind === "skip" ? [fate.reason] : [];
    });
    expect(reasons.map((reason) => REPLAY_SKIPS[reason].length > 20)).toEqual(
      reasons.map(() => true),
    );
  });
});

test("standingOf() is the outcome, but for what a person let go of", () => {
  expect(OUTCOMES.map((outcome) => standingOf(event({ outcome })))).toEqual(OUTCOMES);
  expect(standingOf(event({ outcome: "quarantined", ...letGo, ...held }))).toBe("quarantined");
  expect(standingOf(event(letGo))).toBe("applied");
});

test("isDecidedAnew() is true of what can end otherwise", () => {
  expect(OUTCOMES.filter((outcome) => isDecidedAnew({ outcome }))).toEqual([
    "parked",
    "quarantined",
    "dead",
  ]);
});
