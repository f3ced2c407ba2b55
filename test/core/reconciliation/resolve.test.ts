import { describe, expect, test } from "vitest";
import { healingEvents } from "#src/core/reconciliation/heal.ts";
import {
  type AskedAct,
  BREAK_ACTS,
  BREAK_STATES,
  breakState,
  type Decidable,
  decisionEvents,
  judgeAct,
  RESOLUTIONS,
  suspendedKey,
  suspendedMinor,
} from "#src/core/reconciliation/resolve.ts";
import { event, NOW_MS, OUT } from "../support/events.ts";
import { localLine, PAST_MS, ToldObject } from "./support.ts";

const open: Decidable = {
  class: "CURRENCY",
  state: "open",
  decided: null,
  suspense: "none",
  isFrozen: false,
};
const extra: Decidable = { ...open, class: "EXTRA_LOCAL", suspense: "there" };
const asked = (action: AskedAct["action"], decision: AskedAct["decision"] = null) => ({
  action,
  decision,
});

describe("breakState()", () => {
  test.each([
    { kept: { resolved_ms: null, outcome: null }, state: "open" },
    // Opened again by what does not know of outcomes.
    { kept: { resolved_ms: null, outcome: "accepted" as const }, state: "open" },
    { kept: { resolved_ms: 1, outcome: "healed" as const }, state: "healed" },
    { kept: { resolved_ms: 1, outcome: null }, state: "gone" },
  ])("is $state of $kept", ({ kept, state }) => {
    expect(breakState(kept)).toBe(state);
  });
});

describe("judgeAct()", () => {
  test.each<{ name: string; found: Decidable; act: AskedAct; answer: unknown }>([
    { name: "resolves what is open", found: open, act: asked("resolve"), answer: "resolved" },
    { name: "accepts what is open", found: open, act: asked("accept"), answer: "accepted" },
    {
      name: "reopens what a person resolved",
      found: { ...open, state: "resolved" },
      act: asked("reopen"),
      answer: null,
    },
    {
      name: "reopens what a person accepted",
      found: { ...open, state: "accepted" },
      act: asked("reopen"),
      answer: null,
    },
    {
      name: "accepts what is kept, or the next run would put it aside again",
      found: extra,
      act: asked("resolve", "keep"),
      answer: "accepted",
    },
    {
      name: "resolves what is reversed",
      found: extra,
      act: asked("resolve", "reverse"),
      answer: "resolved",
    },
    {
      name: "makes a decision again that is on its way",
      found: { ...extra, decided: "keep", suspense: "none" },
      act: asked("resolve", "keep"),
      answer: "accepted",
    },
    {
      name: "accepts a chain that is broken",
      found: { ...open, class: "CHAIN", isFrozen: true },
      act: asked("accept"),
      answer: "accepted",
    },
    {
      name: "resolves a chain whose object is at work again",
      found: { ...open, class: "CHAIN" },
      act: asked("resolve"),
      answer: "resolved",
    },
  ])("$name", ({ found, act, answer }) => {
    expect(judgeAct(found, act)).toEqual({ ok: true, value: answer });
  });

  test.each<{ refusal: string; found: Decidable; act: AskedAct }>([
    { refusal: "open", found: open, act: asked("reopen") },
    { refusal: "not_by_person", found: { ...open, state: "healed" }, act: asked("reopen") },
    { refusal: "not_by_person", found: { ...open, state: "gone" }, act: asked("reopen") },
    {
      refusal: "decision_posted",
      found: { ...extra, state: "resolved", decided: "reverse", suspense: "none" },
      act: asked("reopen"),
    },
    { refusal: "decision_misplaced", found: open, act: asked("resolve", "keep") },
    { refusal: "decision_misplaced", found: extra, act: asked("accept", "keep") },
    {
      refusal: "decision_misplaced",
      found: { ...open, state: "accepted" },
      act: asked("reopen", "keep"),
    },
    { refusal: "decision_missing", found: extra, act: asked("resolve") },
    { refusal: "in_suspense", found: extra, act: asked("accept") },
    { refusal: "suspense_coming", found: { ...extra, suspense: "coming" }, act: asked("accept") },
    {
      refusal: "suspense_coming",
      found: { ...extra, suspense: "coming" },
      act: asked("resolve", "keep"),
    },
    {
      refusal: "decision_pending",
      found: { ...extra, decided: "keep" },
      act: asked("resolve", "reverse"),
    },
    { refusal: "decision_pending", found: { ...extra, decided: "keep" }, act: asked("accept") },
    {
      refusal: "frozen",
      found: { ...open, class: "CHAIN", isFrozen: true },
      act: asked("resolve"),
    },
  ])("refuses as $refusal: $act of $found", ({ refusal, found, act }) => {
    expect(judgeAct(found, act)).toEqual({ ok: false, refusal });
  });

  const every = BREAK_STATES.flatMap((state) =>
    (["none", "coming", "there"] as const).flatMap((suspense) =>
      BREAK_ACTS.flatMap((action) =>
        [null, ...RESOLUTIONS].map((decision) => ({ state, suspense, action, decision })),
      ),
    ),
  );
  const done = every.filter(
    ({ state, suspense, ...act }) => judgeAct({ ...extra, state, suspense }, act).ok,
  );

  test("ends nothing that is closed, and reopens nothing that is open", () => {
    expect(done.length).toBeGreaterThan(0);
    expect(
      done.filter(({ state, action }) => (state === "open") === (action === "reopen")),
    ).toEqual([]);
  });

  test("leaves no money in suspense with nobody to ask for it", () => {
    const left = done.filter(({ state, suspense }) => state === "open" && suspense !== "none");
    expect(left.length).toBeGreaterThan(0);
    expect(left.filter(({ decision }) => decision === null)).toEqual([]);
  });
});

/** A line of 400 that the core does not have, put aside. */
function putAside() {
  const object = new ToldObject();
  const line = localLine();
  const { line_id, distributor_id, amount_minor, currency } = line;
  const key = `dist:${distributor_id}`;
  const data = { line_id, distributor_id, amount_minor, currency };
  object.tell(event("commission.posted", { id: "p", seq: 1, key }, { ...data, available_at: OUT }));
  const found = {
    break_id: "EXTRA_LOCAL:B:L1:0",
    class: "EXTRA_LOCAL",
    distributor_id,
    line_id,
    core: null,
    local: line,
    action: "suspend",
    why: null,
    opened_ms: PAST_MS,
    is_new: false,
    detail: "",
  } as const;
  expect(healingEvents(found).map((told) => object.tell(told))).toEqual(["applied"]);
  const decide = (decision: "keep" | "reverse") => {
    const suspended_minor = suspendedMinor(object.store.fact(suspendedKey(line_id)));
    const about = { break_id: found.break_id, opened_ms: PAST_MS, line, suspended_minor };
    return decisionEvents(about, decision, NOW_MS).map((told) => object.tell(told));
  };
  const reverse = (taken: number) =>
    object.tell(
      event(
        "commission.reversed",
        { id: "r", seq: 2, key },
        { ...data, line_id: "L1:r", reverses_line_id: line_id, amount_minor: taken },
      ),
    );
  return { object, decide, reverse };
}

describe("decisionEvents()", () => {
  test.each([
    { decision: "keep", held: 400n },
    { decision: "reverse", held: 0n },
  ] as const)("$decision: nothing is left in suspense", ({ decision, held }) => {
    const { object, decide } = putAside();
    expect(object.credit("suspense:recon")).toBe(400n);
    expect(decide(decision)).toEqual(["applied"]);
    expect(object.credit("suspense:recon")).toBe(0n);
    expect(object.credit("dist:B:held")).toBe(held);
  });

  test.each([
    { decision: "keep", held: 250n },
    { decision: "reverse", held: 0n },
  ] as const)("$decision: what was reversed meanwhile is left out", ({ decision, held }) => {
    const { object, decide, reverse } = putAside();
    expect(reverse(150)).toBe("applied");
    expect(decide(decision)).toEqual(["applied"]);
    expect(object.credit("suspense:recon")).toBe(0n);
    expect(object.credit("dist:B:held")).toBe(held);
  });

  test("are the same ones, whenever they are made again", () => {
    const about = { break_id: "b", opened_ms: PAST_MS, line: localLine(), suspended_minor: 1 };
    const once = decisionEvents(about, "keep", NOW_MS);
    expect(decisionEvents(about, "keep", NOW_MS)).toEqual(once);
    expect(once.map(({ id, key }) => [id, key])).toEqual([["recon:b:keep", "dist:B"]]);
  });
});

describe("suspendedMinor()", () => {
  test("is nothing of what is no line, or was never put aside", () => {
    const fact = { essence: "", eventId: "e" };
    expect(suspendedMinor(undefined)).toBe(0);
    expect(suspendedMinor({ ...fact, state: "" })).toBe(0);
    expect(suspendedMinor({ ...fact, state: JSON.stringify(localLine()) })).toBe(0);
  });
});
