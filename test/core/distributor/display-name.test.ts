import { describe, expect, test } from "vitest";
import { displayName } from "#src/core/distributor/display-name.ts";
import type { JsonObject } from "#src/core/json.ts";

describe("displayName()", () => {
  test.each<{ pii: JsonObject; shown: string | undefined }>([
    { pii: { name: "Ann Example" }, shown: "A. E." },
    { pii: { given_name: "Ann", family_name: "Example" }, shown: "A. E." },
    { pii: { given_name: "Ann" }, shown: "A." },
    { pii: { family_name: "Example" }, shown: "E." },
    { pii: { name: "Ann", given_name: "Bea", family_name: "Cole" }, shown: "A." },
    { pii: { name: "  anna-maria   van der Berg " }, shown: "A. M. V." },
    { pii: { name: "Éva Ökrös" }, shown: "É. Ö." },
    { pii: { name: "王 小明" }, shown: "王. 小." },
    { pii: { name: "𐐷𐐲 Deseret" }, shown: "𐐏. D." },
    { pii: { name: "Ann (Annie) 3rd" }, shown: "A." },
    { pii: { name: "+49 171 5550100" }, shown: undefined },
    { pii: { name: "" }, shown: undefined },
    { pii: { name: 7 }, shown: undefined },
    { pii: { given_name: null, family_name: ["Example"] }, shown: undefined },
    { pii: { email: "ann@example.com" }, shown: undefined },
    { pii: {}, shown: undefined },
  ])("of $pii is $shown", ({ pii, shown }) => {
    expect(displayName(pii)).toBe(shown);
  });
});
