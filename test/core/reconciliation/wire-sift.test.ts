import { describe, expect, test } from "vitest";
import { readBalances } from "#src/core/reconciliation/wire.ts";
import { Balances } from "#src/core/reconciliation/wire-schema.ts";
import { sifted } from "#src/core/reconciliation/wire-sift.ts";

const read = sifted(readBalances, Balances, "distributor_id");
const of = (distributor_id: unknown, held: object = { USD: "5" }) => ({
  distributor_id,
  balances: { held },
});
const answer = (...items: readonly unknown[]) => ({ as_of_seq: "7", epoch: 0, items });

const said = (body: unknown) => {
  const page = read(body);
  if (!page.ok) return page.refusal.map(({ path, rule }) => `${path} ${rule}`);
  const { items, odd = [] } = page.value;
  return {
    told: items.map(({ distributor_id }) => distributor_id),
    odd: odd.map(({ name, fault }) => `${name} ${fault.path} ${fault.rule}`),
  };
};

describe("sifted()", () => {
  test("reads what is right as it is", () => {
    const body = answer(of("1"), of("2"));
    expect(read(body)).toEqual(readBalances(body));
  });

  test.each<[string, readonly unknown[], object]>([
    [
      "one that breaks the interface",
      [of("1"), of("2", { USD: "0" }), of("3")],
      { told: ["1", "3"], odd: ["2 items[1].balances.held.USD format"] },
    ],
    [
      "one without a name",
      [of("1"), of(null), of("3")],
      { told: ["1", "3"], odd: ["null items[1].distributor_id type"] },
    ],
    [
      "two of one name, and another that breaks the interface",
      [of("1"), of("1"), of(".."), of("4")],
      {
        told: ["4"],
        odd: [
          "1 items[0].distributor_id unique",
          "1 items[1].distributor_id unique",
          ".. items[2].distributor_id format",
        ],
      },
    ],
    ["nothing that is right", ["?"], { told: [], odd: ["null items[0] type"] }],
  ])("leaves out %s", (_name, items, expected) => {
    expect(said(answer(...items))).toEqual(expected);
  });

  test.each([
    ["whose head is wrong", { ...answer(of("1"), of(null)), epoch: -1 }, "epoch minimum"],
    ["without items", { as_of_seq: "7", epoch: 0 }, "items required"],
    ["that is none", null, " type"],
  ])("refuses an answer %s", (_name, body, fault) => {
    expect(said(body)).toContain(fault);
  });

  test("says whose it is", () => {
    const page = read(answer(of("2", { USD: "0" })));
    expect(page.ok && page.value.odd?.[0]?.distributor_id).toBe("2");
    expect(page.ok && page.value.odd?.[0]?.fault.message).toContain('(distributor_id "2")');
  });
});
