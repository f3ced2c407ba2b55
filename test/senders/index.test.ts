import { expect, test } from "vitest";
import { SENDERS } from "#src/senders/index.ts";

test("SENDERS lists every sender under its name", () => {
  expect([...SENDERS].map(([name, sender]) => [name, sender.name, sender.family])).toEqual([
    ["standard", "standard", "contract"],
    ["jwt", "jwt", "contract"],
    ["stripe", "stripe", "product"],
    ["hubspot", "hubspot", "product"],
  ]);
});
