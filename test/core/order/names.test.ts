import { describe, expect, test } from "vitest";
import type { EventType } from "#src/core/contracts/catalogue.ts";
import { readEnvelope } from "#src/core/contracts/envelope.ts";
import { returnNames } from "#src/core/order/names.ts";
import { HERE, SAMPLES } from "../contracts/samples.ts";

function namesOf(type: EventType, data: object) {
  const sample = SAMPLES[type];
  const read = readEnvelope({ ...sample, data: { ...sample.data, ...data } }, HERE);
  if (!read.ok) throw new Error(JSON.stringify(read.refusal));
  return returnNames(read.value);
}

describe("returnNames()", () => {
  test.each([
    {
      type: "refund.completed",
      data: { refund_id: "R1", payment_id: "P1", order_id: "O7" },
      names: { of: "payment:P1", own: "refund:R1", isNamed: true },
    },
    {
      type: "refund.failed",
      data: { refund_id: "R1", payment_id: "P1" },
      names: { of: "payment:P1", own: "refund:R1", isNamed: false },
    },
    {
      type: "chargeback.opened",
      data: { dispute_id: "D1", payment_id: "P1" },
      names: { of: "payment:P1", own: "dispute:D1", isNamed: true },
    },
    {
      type: "chargeback.closed",
      data: { dispute_id: "D1", payment_id: undefined },
      names: { of: "dispute:D1", own: "dispute:D1", isNamed: false },
    },
    { type: "payment.confirmed", data: {}, names: undefined },
  ] as const)("$type", ({ type, data, names }) => {
    expect(namesOf(type, data)).toEqual(names);
  });
});
