import { expect, test } from "vitest";
import { SENDERS } from "#src/senders/index.ts";

test("SENDERS lists every sender under its name, and some under another", () => {
  const names = [...SENDERS.values()].map(({ name }) => name);
  for (const name of names) expect(SENDERS.get(name)?.name).toBe(name);
  const aliases = [...SENDERS].filter(([name, sender]) => sender.name !== name);
  expect(aliases.map(([name, sender]) => [name, sender.name])).toEqual([
    ["standard-webhooks", "standard"],
    ["svix", "standard"],
  ]);
});
