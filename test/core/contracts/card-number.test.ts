import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findCardNumbers, maskCardNumbers } from "#src/core/contracts/card-number.ts";

const VISA = "4111111111111111";

describe("findCardNumbers()", () => {
  test.each([
    "card",
    "CARD",
    "pan",
    "PAN",
    "cc",
    "cardNumber",
    "card_number",
    "card-number",
    "cardnumber",
    "creditCard",
    "credit_card",
    "creditcard",
    "CCNumber",
    "cc_num",
    "card1",
    "primary_account_number",
    "customer.card",
  ])("searches a field named %s", (name) => {
    expect(findCardNumbers({ [name]: VISA })).toHaveLength(1);
  });

  test.each([
    "account",
    "company",
    "pancake",
    "discard",
    "postcard",
    "expand",
    "success",
    "accession",
    "cardigan",
    "number",
    "id",
    "",
  ])("leaves a field named %s alone", (name) => {
    expect(findCardNumbers({ [name]: VISA })).toEqual([]);
  });

  test.each<{ name: string; value: unknown; found: boolean }>([
    { name: "13 digits", value: "4222222222222", found: true },
    { name: "12 digits", value: "422222222222", found: false },
    { name: "19 digits", value: "6304000000000000000", found: true },
    { name: "20 digits", value: "63040000000000000000", found: false },
    { name: "spaces", value: " 4111 1111 1111 1111 ", found: true },
    { name: "dashes", value: "4111-1111-1111-1111", found: true },
    { name: "a wrong check digit", value: "4111111111111112", found: false },
    { name: "other text around", value: "token 4111111111111111", found: false },
    { name: "a number", value: 4_111_111_111_111_111, found: true },
    { name: "a small number", value: 42, found: false },
    { name: "a float", value: 411_111_111_111.5, found: false },
    { name: "null", value: null, found: false },
    { name: "last four digits", value: "1111", found: false },
  ])("judges $name", ({ value, found }) => {
    expect(findCardNumbers({ card: value })).toEqual(found ? ["card"] : []);
  });

  test("tells paths at any depth, in lists and inside a card", () => {
    const value = {
      data: { legs: [{ pan: VISA }], cards: [VISA, "x"], card: { number: VISA, id: VISA } },
      "odd name": { cc: VISA },
      number: VISA,
    };
    expect(findCardNumbers(value)).toEqual([
      "data.legs[0].pan",
      "data.cards[0]",
      "data.card.number",
      '["odd name"].cc',
    ]);
  });

  test("writes no card number into a path", () => {
    expect(findCardNumbers({ [`card ${VISA}`]: VISA })).toEqual(['["card [masked]"]']);
  });
});

describe("maskCardNumbers()", () => {
  test("keeps the structure and the last four digits", () => {
    const value = { a: [{ card: "4111-1111-1111-1111" }], pan: 4_111_111_111_111_111, id: VISA };
    expect(maskCardNumbers(value)).toEqual({
      a: [{ card: "****-****-****-1111" }],
      pan: "************1111",
      id: VISA,
    });
    expect(value.pan).toBe(4_111_111_111_111_111);
  });

  test("masks whole what is too deep to search", () => {
    let deep: unknown = { card: VISA };
    for (let i = 0; i < 20_000; i += 1) deep = [deep];
    expect(JSON.stringify(maskCardNumbers(deep))).not.toContain(VISA);
    expect(findCardNumbers(deep)).toEqual([]);
  });

  const name = fc.constantFrom("card", "pan", "number", "id", "items", "__proto__");
  const tree = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 5 },
      fc.constantFrom<unknown>(VISA, "4242 4242 4242 4242", 4_242_424_242_424_242, 1, null, "x"),
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(name, tie("value"), { maxKeys: 3 }),
    ),
  })).value;

  test("leaves nothing to find, and changes nothing where nothing was found", () => {
    fc.assert(
      fc.property(tree, (value) => {
        const masked = maskCardNumbers(value);
        expect(findCardNumbers(masked)).toEqual([]);
        const isClean = findCardNumbers(value).length === 0;
        expect(JSON.stringify(masked) === JSON.stringify(value)).toBe(isClean);
      }),
    );
  });
});
