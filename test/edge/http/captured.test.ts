import { describe, expect, test } from "vitest";
import * as z from "zod";
import { Captured, deliveryOf } from "#src/edge/http/captured.ts";

const URL_CALLED = "https://hooks.example.net/in/acme/source";
const NOW_MS = 1_785_000_000_000;

const receivedAt = (received_at: unknown): number | undefined => {
  const parsed = Captured.safeParse({ url: URL_CALLED, received_at });
  return parsed.success ? deliveryOf(parsed.data, NOW_MS).receivedAtMs : undefined;
};

describe("received_at of a captured request", () => {
  test.each([
    ["absent", undefined, NOW_MS],
    ["RFC 3339", "2026-07-25T17:20:00Z", 1_785_000_000_000],
    ["RFC 3339 with an offset and milliseconds", "2026-07-25T19:20:00.250+02:00", NOW_MS + 250],
    ["Unix seconds", 1_784_999_000, 1_784_999_000_000],
    ["the first second of all", 0, 0],
  ])("may be %s", (_name, given, ms) => {
    expect(receivedAt(given)).toBe(ms);
  });

  test.each([1_785_000_000_000, 1.5, -1, "1785000000", "yesterday", "", true, {}])(
    "is not %j",
    (given) => {
      expect(receivedAt(given)).toBeUndefined();
    },
  );

  test("is published as what it may be", () => {
    const { properties } = z.toJSONSchema(Captured, { io: "input" });
    expect(properties?.["received_at"]).toEqual({
      description: expect.stringMatching(/RFC 3339, or Unix seconds as an integer/),
      anyOf: [
        {
          type: "integer",
          minimum: 0,
          maximum: 253_402_300_799,
          description: "Unix seconds, not milliseconds",
        },
        {
          type: "string",
          format: "date-time",
          description: "RFC 3339 date-time with Z or an offset",
        },
      ],
    });
  });

  test("is told of by its own path", () => {
    const { error } = Captured.safeParse({ url: URL_CALLED, received_at: "yesterday" });
    expect(error?.issues).toMatchObject([
      { path: ["received_at"], message: expect.stringContaining("Unix seconds") },
    ]);
  });
});
