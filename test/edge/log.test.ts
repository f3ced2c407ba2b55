import { afterEach, describe, expect, test, vi } from "vitest";
import { log } from "#src/edge/log.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

/** What `log` writes of these fields, besides level and event. */
function written(fields: Readonly<Record<string, unknown>>) {
  const spy = vi.spyOn(console, "log").mockImplementation(() => {});
  log("info", "tested", fields);
  const [line] = spy.mock.calls[0] ?? [];
  const { level, event, ...rest } = JSON.parse(String(line));
  expect([level, event]).toEqual(["info", "tested"]);
  return rest;
}

describe("log()", () => {
  test.each([
    { given: { tenant: "acme", count: 3 }, expected: { tenant: "acme", count: 3 } },
    { given: { event: "evt_1", level: 5, count: 3 }, expected: { count: 3 } },
    {
      given: { secret: "x", apiToken: "x", Authorization: "x" },
      expected: ["secret", "apiToken", "Authorization"],
    },
    {
      given: { body: { a: 1 }, display_name: "Ann", email: "x", data_key: "x" },
      expected: ["body", "display_name", "email", "data_key"],
    },
    { given: { note: "mail ann@acme.example now" }, expected: { note: "mail [redacted] now" } },
    {
      given: { note: `key upl_ABCDEFGH_${"a".repeat(40)}.` },
      expected: { note: "key [redacted]." },
    },
    {
      given: { note: "sent Bearer abc.def whsec_MfKQ" },
      expected: { note: "sent [redacted] [redacted]" },
    },
    {
      given: { deep: { list: [{ password: "x", at: 1 }] } },
      expected: { deep: { list: [{ password: "[redacted]", at: 1 }] } },
    },
    { given: { sum: 12n }, expected: { sum: "12" } },
  ])("writes $given without what is private", ({ given, expected }) => {
    const redacted = Array.isArray(expected)
      ? Object.fromEntries(expected.map((name) => [name, "[redacted]"]))
      : expected;
    expect(written(given)).toEqual(redacted);
  });

  test("writes an error and its causes, one line, without parameters", () => {
    const cause = new Error("Cause of ann@acme.example");
    const error = new Error("Failed query: insert into x\nparams: hunter22", { cause });
    const line = written({ error });
    expect(line).toMatchObject({
      error: {
        error: "Error",
        message: "Failed query: insert into x",
        cause: { message: "Cause of [redacted]" },
      },
    });
    expect(JSON.stringify(line)).not.toContain("hunter22");
  });
});
