import { describe, expect, test } from "vitest";
import type { EventType } from "#src/core/contracts/catalogue.ts";
import { narrow } from "#src/core/contracts/catalogue.ts";
import {
  type CorrectionEvent,
  type MoneyEvent,
  moneyFactOf,
} from "#src/core/distributor/money-fact.ts";
import { event, OUT } from "../support/events.ts";

const isMoney = (given: ReturnType<typeof narrow>): given is MoneyEvent | CorrectionEvent =>
  /^(commission|adjustment|payout|recon)\./.test(given.type);

function factOf(type: EventType, data = {}) {
  const given = narrow(event(type, { seq: 1, key: "dist:B" }, data));
  if (!isMoney(given)) throw new Error(`${type} moves no money`);
  return moneyFactOf(given);
}

describe("moneyFactOf()", () => {
  test.each<{ type: EventType; key: string; essence: string }>([
    {
      type: "commission.posted",
      key: "line:L1",
      essence: '["commission","O1","unilevel",1,1,50000,"2026-07",1785000000000,"held",400,"USD"]',
    },
    { type: "commission.reversed", key: "line:L1-R", essence: '["reversal","L1",160,"USD"]' },
    { type: "commission.released", key: "release:L1", essence: '["release"]' },
    {
      type: "adjustment.posted",
      key: "line:ADJ1",
      essence: '["adjustment",12100,"USD",1784937600000]',
    },
    {
      type: "payout.initiated",
      key: "payout:PO1",
      essence: '["payout",12500,12350,150,0,"USD"]',
    },
    { type: "payout.settled", key: "payout_end:PO1", essence: '["settled"]' },
    { type: "payout.failed", key: "payout_end:PO1", essence: '["failed",true]' },
    {
      type: "recon.correction",
      key: "correction:BRK1",
      essence: '["correction","L1",-25,"USD",null,null,null,null]',
    },
  ])("of $type is $key", ({ type, key, essence }) => {
    expect(factOf(type)).toEqual({ key, essence });
  });

  test.each<{ name: string; type: EventType; a: object; b: object; isSame: boolean }>([
    {
      name: "an absent fee and none",
      type: "payout.initiated",
      a: { fee_minor: 0, net_minor: 12_500 },
      b: { fee_minor: OUT, net_minor: 12_500 },
      isSame: true,
    },
    {
      name: "a fee and a withholding",
      type: "payout.initiated",
      a: {},
      b: { fee_minor: 0, withholding_minor: 150 },
      isSame: false,
    },
    {
      name: "two ways to be paid",
      type: "payout.initiated",
      a: {},
      b: { method: "card" },
      isSame: true,
    },
    {
      name: "two runs",
      type: "commission.posted",
      a: {},
      b: { run_id: "RUN-2" },
      isSame: true,
    },
    {
      name: "two levels",
      type: "commission.posted",
      a: {},
      b: { level: 2 },
      isSame: false,
    },
    {
      name: "an order and none",
      type: "commission.posted",
      a: {},
      b: { order_id: OUT },
      isSame: false,
    },
    {
      name: "two words for one cause",
      type: "recon.correction",
      a: {},
      b: { cause: "a person's" },
      isSame: true,
    },
    {
      name: "an amount and a line put aside",
      type: "recon.correction",
      a: {},
      b: { to: "suspense" },
      isSame: false,
    },
    {
      name: "one date in two zones",
      type: "recon.correction",
      a: { amount_minor: 0, effective_at: "2026-07-01T00:00:00Z" },
      b: { amount_minor: 0, effective_at: "2026-07-01T02:00:00+02:00" },
      isSame: true,
    },
    {
      name: "a gain and a loss",
      type: "adjustment.posted",
      a: {},
      b: { amount_minor: -12_100 },
      isSame: false,
    },
  ])("tells $name apart: $isSame is same", ({ type, a, b, isSame }) => {
    expect(factOf(type, a).key).toBe(factOf(type, b).key);
    expect(factOf(type, a).essence === factOf(type, b).essence).toBe(isSame);
  });

  test("gives two facts two keys, whatever a payout is called", () => {
    const odd = { payout_id: "PO1:end" };
    const keys = [
      factOf("payout.initiated").key,
      factOf("payout.settled").key,
      factOf("payout.initiated", odd).key,
      factOf("payout.settled", odd).key,
    ];
    expect(new Set(keys).size).toBe(4);
  });
});
