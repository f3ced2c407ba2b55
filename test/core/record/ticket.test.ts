import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareRevisions } from "#src/core/ordering/rev.ts";
import { answeringOf, isOpen, note, type Said, ticketValue } from "#src/core/record/ticket.ts";
import { runs } from "../../support/runs.ts";

const said = (rev: number, status: string): Said => ({
  epoch: 0,
  rev: String(rev),
  status,
  ms: rev * 1000,
});

const noted = (all: readonly Said[]) => all.reduce<readonly Said[]>(note, []);

describe("answeringOf()", () => {
  test.each([
    { name: "nothing", all: [], expected: undefined },
    {
      name: "a ticket nobody has answered",
      all: [said(1, "new"), said(2, "new")],
      expected: { opened_ms: 1000, first_response_ms: null },
    },
    {
      name: "one that went through many hands",
      all: [said(1, "new"), said(2, "open"), said(3, "pending"), said(4, "new")],
      expected: { opened_ms: 1000, first_response_ms: 2000 },
    },
    {
      name: "an opening that comes last",
      all: [said(30, "open"), said(4, "new"), said(3, "new")],
      expected: { opened_ms: 3000, first_response_ms: 30_000 },
    },
    {
      name: "an opening that makes an opening of before an answer",
      all: [said(30, "solved"), said(20, "open"), said(10, "new")],
      expected: { opened_ms: 10_000, first_response_ms: 20_000 },
    },
  ])("tells the times of $name", ({ all, expected }) => {
    expect(answeringOf(noted(all))).toEqual(expected);
  });

  test("tells what all revisions together tell, in whatever order they come", () => {
    const statuses = fc.array(fc.constantFrom("new", "open", "pending", "solved"), {
      minLength: 1,
      maxLength: 12,
    });
    const shuffled = statuses.chain((list) => {
      const all = list.map((status, i) => said(i + 7, status));
      return fc.shuffledSubarray(all, { minLength: all.length });
    });
    fc.assert(
      fc.property(shuffled, (all) => {
        const sorted = all.toSorted(compareRevisions);
        const response = sorted.find(({ status }) => status !== sorted[0]?.status);
        expect(answeringOf(noted(all))).toEqual({
          opened_ms: sorted[0]?.ms,
          first_response_ms: response?.ms ?? null,
        });
      }),
      { numRuns: runs(300) },
    );
  });
});

describe("isOpen()", () => {
  test.each([
    { status: "new", expected: true },
    { status: "On Hold", expected: true },
    { status: "4", expected: true },
    { status: "Closed", expected: false },
    { status: "solved", expected: false },
  ])("is $expected of $status", ({ status, expected }) => {
    expect(isOpen(status)).toBe(expected);
  });
});

describe("ticketValue()", () => {
  test("joins what the ticket says and when it was answered", () => {
    const answering = { opened_ms: 1, first_response_ms: null };
    expect(ticketValue({ status: "Solved" }, answering)).toEqual({
      status: "Solved",
      open: false,
      opened_ms: 1,
      first_response_ms: null,
    });
  });
});
