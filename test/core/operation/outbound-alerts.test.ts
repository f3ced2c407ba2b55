import { describe, expect, test } from "vitest";
import {
  deadDeliveriesAlert,
  failingDestinationAlert,
  goneDestinationAlert,
} from "#src/core/operation/outbound-alerts.ts";

const HOUR_MS = 3_600_000;
const NOW_MS = Date.UTC(2026, 6, 2);

describe("alerts of destinations", () => {
  test("tell how many deliveries are dead, and where they are", () => {
    expect(deadDeliveriesAlert({ destination: "crm", deliveries: 3, sinceMs: 7 })).toEqual({
      kind: "delivery_dead",
      key: "crm",
      severity: "ticket",
      since_ms: 7,
      detail: "3 to destination crm that were given up",
      place: ["deliveries"],
      query: { state: "dead", destination: "crm" },
    });
  });

  test.each([
    { name: "a ticket at first", agoMs: HOUR_MS, severity: "ticket" },
    { name: "a ticket for a day", agoMs: 24 * HOUR_MS - 1, severity: "ticket" },
    { name: "urgent from then on", agoMs: 24 * HOUR_MS, severity: "page" },
  ])("of one that fails are $name", ({ agoMs, severity }) => {
    const late = { destination: "crm", deliveries: 9, tried: 4, sinceMs: NOW_MS - agoMs };
    expect(failingDestinationAlert(late, NOW_MS)).toEqual({
      kind: "destination_failing",
      key: "crm",
      severity,
      since_ms: NOW_MS - agoMs,
      detail: "9 to destination crm are late, 4 of them were tried in vain",
      place: ["deliveries"],
      query: { state: "pending", destination: "crm" },
    });
  });

  test("of one that is gone wake nobody", () => {
    expect(goneDestinationAlert({ destination: "crm", pausedMs: 0 })).toMatchObject({
      kind: "destination_failing",
      key: "crm",
      severity: "ticket",
      since_ms: 0,
      place: ["destinations", "crm"],
    });
  });
});
