import { expect, test } from "vitest";
import { POLL_METRICS } from "#src/core/operation/poll-metrics.ts";

const NOW_MS = 1_000_000;
const POLLS = [
  { source: "crm", failing: 2, last_ms: NOW_MS - 7000, since_ms: NOW_MS - 6000 },
  { source: "shop", failing: 0, last_ms: null, since_ms: null },
  { source: "ahead", failing: 0, last_ms: NOW_MS + 5, since_ms: null },
];

test.each([
  ["upline_poll_age_seconds", { crm: 7, ahead: 0 }],
  ["upline_poll_failing", { crm: 2, shop: 0, ahead: 0 }],
  ["upline_poll_failing_age_seconds", { crm: 6 }],
])("%s is told of each source that has one", (name, values) => {
  const metric = POLL_METRICS.find((one) => one.name === name);
  const samples = metric?.samples({ tenant: "acme", polls: POLLS }, NOW_MS) ?? [];
  const told = samples.map(({ labels, value }) => [labels["source"], value]);
  expect(Object.fromEntries(told)).toEqual(values);
  expect(new Set(samples.map(({ labels }) => labels["tenant"]))).toEqual(new Set(["acme"]));
});
