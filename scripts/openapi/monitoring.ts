import * as z from "zod";
import { ALERT_KINDS, SEVERITIES } from "../../src/core/operation/alerts.ts";
import { AlertsQuery } from "../../src/edge/http/alerts.ts";
import { MetricsQuery } from "../../src/edge/http/metrics.ts";
import type { Operation } from "./operation.ts";
import { Instant } from "./parts.ts";

const AT = "2026-07-01T10:00:00.000Z";

export const MONITORING_ANSWERS = {
  Alert: z.strictObject({
    alert_id: z.string().describe("The same as long as it lasts: `{kind}:{what it is about}`"),
    kind: z.enum(ALERT_KINDS).describe("What is the matter: docs/operations.md"),
    severity: z
      .enum(SEVERITIES)
      .describe("info: to be known; ticket: for somebody to look at; page: now"),
    subject: z.string().nullable().describe("The object that it is about, `dist:1001`"),
    since: Instant.describe("Since when, as far as it is known"),
    detail: z.string().describe("What is the matter: ids and counts, no amounts"),
    href: z.string().describe("Where to look"),
  }),
};

const ALERTS = [
  "Made of what is kept anyway: an alert is there as long as its cause, under the same `alert_id`, and nobody has to close it. By kind, in the order of the kinds, and within a kind by what they are about. A search for what is rare may answer with few items, or none, and a `next_cursor`: it goes on from there.",
  "What each kind says and how urgent it is: docs/operations.md. `href` is where to look; some callers may see the alert and not that.",
].join("\n\n");

const METRICS = [
  "For ADMIN_TOKEN of all tenants, by name, and of all shards; for a tenant's API key of that tenant alone, without parameters. No JWT is taken, as the path names no tenant. What there is and how to scrape it: docs/operations.md.",
  "`Accept` chooses the format, as Prometheus sends it; without it OpenMetrics. ADMIN_TOKEN's answer has a bookmark of the control tables alone.",
].join("\n\n");

/** What monitoring reads. */
export const MONITORING: Readonly<Record<string, Operation>> = {
  "GET /v1/tenants/{tenant}/alerts": {
    id: "listAlerts",
    tag: "Operation",
    summary: "What somebody has to look at now",
    description: ALERTS,
    permission: "alert:read",
    query: AlertsQuery,
    answer: {
      status: 200,
      isList: true,
      isMirrored: true,
      name: "Alert",
      example: {
        alert_id: "break:AMOUNT:1001:L-77:9f86d081884c7d65",
        kind: "break",
        severity: "page",
        subject: "dist:1001",
        since: AT,
        detail: "AMOUNT of L-77 (above_limit)",
        href: "/v1/tenants/acme/breaks/AMOUNT%3A1001%3AL-77%3A9f86d081884c7d65",
      },
    },
  },
  "GET /metrics": {
    id: "getMetrics",
    tag: "Operation",
    summary: "Figures for a monitoring system: OpenMetrics 1.0, or Prometheus' text format",
    description: METRICS,
    permission: "metrics:read",
    query: MetricsQuery,
    answer: {
      status: 200,
      isMirrored: true,
      media: "application/openmetrics-text",
      alsoAs: {
        "text/plain": `# HELP upline_held_events Events that wait\n# TYPE upline_held_events gauge\n`,
      },
      example: `# TYPE upline_held_events gauge\n# HELP upline_held_events Events that wait\nupline_held_events{tenant="acme",state="dead"} 0\n# EOF\n`,
    },
    problems: ["not_acceptable"],
  },
};
