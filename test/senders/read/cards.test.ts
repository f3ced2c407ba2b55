import { describe, expect, test } from "vitest";
import { cardFaults } from "#src/senders/read/cards.ts";

const NUMBER = "4242424242424242";

describe("cardFaults()", () => {
  test.each<[string, unknown, string]>([
    ["a field", { metadata: { card_number: NUMBER } }, "payload.metadata.card_number"],
    ["a number", { pan: 4_242_424_242_424_242 }, "payload.pan"],
    ["a list", [{ cc: "4242 4242 4242 4242" }], "payload[0].cc"],
    [
      "a pair of key and value",
      { meta_data: [{ key: "x" }, { key: "_card_number", value: NUMBER }] },
      "payload.meta_data[1].value",
    ],
    [
      "a pair of name and value",
      { attrs: [{ name: "PAN", value: NUMBER }] },
      "payload.attrs[0].value",
    ],
    ["a property", { propertyName: "creditCard", propertyValue: NUMBER }, "payload.propertyValue"],
  ])("finds a card number in %s", (_name, payload, path) => {
    expect(cardFaults(payload)).toMatchObject([{ path, rule: "card_number" }]);
    expect(JSON.stringify(cardFaults(payload))).not.toContain("4242");
  });

  test.each<[string, unknown]>([
    ["a product's id of a card", { card: { card_id: NUMBER, cardId: NUMBER } }],
    ["such an id in a pair", { meta_data: [{ key: "card_id", value: NUMBER }] }],
    ["an order's number", { number: NUMBER, id: NUMBER }],
    ["the last digits", { card: { last4: "4242", number: "•••• 4242" } }],
    ["a number that fails Luhn", { card_number: "4242424242424243" }],
    ["nothing at all", null],
  ])("lets pass %s", (_name, payload) => {
    expect(cardFaults(payload)).toEqual([]);
  });
});
