import { expect, it } from "vitest";
import { canonicalTransfer } from "#src/core/reconciliation/transfer-digest.ts";

it("names whose log has the transfer, where, and what it moves", () => {
  const transfer = {
    subject: "dist:42",
    position: 7,
    n: 1,
    debit: "exp:commission",
    credit: "dist:42:held",
    currency: "USD",
    amount_minor: 400,
    effective_ms: 1_795_000_000_000,
  };
  expect(canonicalTransfer(transfer)).toBe(
    "dist:42|7|1|exp:commission|dist:42:held|USD|400|1795000000000",
  );
});
