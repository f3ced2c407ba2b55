import { expect, test } from "vitest";
import { type FailingPoll, pollAlerts } from "#src/core/operation/poll-alerts.ts";

const MINUTE_MS = 60_000;
const NOW_MS = 10_000 * MINUTE_MS;

const failing = (
  stream: string,
  { failures = 1, minutes = 1, kind = "failed", code, source = "crm" }: Partial<Given> = {},
): FailingPoll => ({
  source,
  stream,
  failures,
  error: {
    at_ms: NOW_MS,
    since_ms: NOW_MS - minutes * MINUTE_MS,
    kind,
    ...(code === undefined ? {} : { code }),
  },
});

interface Given {
  readonly failures: number;
  readonly minutes: number;
  readonly kind: string;
  readonly code: string;
  readonly source: string;
}

const severityOf = (...rows: readonly FailingPoll[]) =>
  pollAlerts(rows, NOW_MS).map(({ severity }) => severity);

test.each([
  { failures: 4, minutes: 59, severity: [] },
  { failures: 5, minutes: 15, severity: ["ticket"] },
  { failures: 1, minutes: 60, severity: ["ticket"] },
  { failures: 30, minutes: 24 * 60 - 1, severity: ["ticket"] },
  { failures: 30, minutes: 24 * 60, severity: ["page"] },
])("$failures failures in $minutes minutes: $severity", ({ severity, ...of }) => {
  expect(severityOf(failing("a", of))).toEqual(severity);
});

test("a source is one alert, since its first stream failed", () => {
  const rows = [
    failing("leads", { minutes: 90, kind: "unauthorized" }),
    failing("deals", { minutes: 3, kind: "unauthorized" }),
    failing("volumes", { code: "too_large" }),
    failing("all", { source: "other" }),
  ];
  expect(pollAlerts(rows, NOW_MS)).toEqual([
    {
      kind: "poll_failing",
      key: "crm",
      severity: "ticket",
      since_ms: NOW_MS - 90 * MINUTE_MS,
      detail:
        "Source crm cannot be polled (leads, deals: its credential is refused; volumes: an answer has more than 8 MB, and no smaller page can be asked for)",
      place: ["sources", "crm", "polls"],
    },
  ]);
});

test("of many streams some are named", () => {
  const rows = Array.from({ length: 8 }, (_, n) => failing(`s${n}`, { minutes: 60 }));
  expect(pollAlerts(rows, NOW_MS)[0]?.detail).toContain("s0, s1, s2, s3, s4 and 3 more: there is");
});

test("an error of before its beginning was kept began when it was last; none is no alert", () => {
  const old = { at_ms: NOW_MS - 61 * MINUTE_MS, kind: "refused" };
  expect(severityOf({ source: "crm", stream: "a", failures: 1, error: old })).toEqual(["ticket"]);
  expect(severityOf({ source: "crm", stream: "a", failures: 9, error: null })).toEqual([]);
});
