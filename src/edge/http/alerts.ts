import * as z from "zod";
import { formatInstant } from "../../core/contracts/instant.ts";
import {
  type Alert,
  ALERT_KINDS,
  type AlertKind,
  type AlertPlace,
  type AlertsFound,
  SEVERITIES,
} from "../../core/operation/alerts.ts";
import type { Severity } from "../../core/reconciliation/aging.ts";
import { ok, type Result } from "../../core/result.ts";
import type { Tenant } from "../control/directory.ts";
import type { ControlReader, Marked, Reader } from "../reading.ts";
import { answerList } from "./listing.ts";
import { bothBookmarks, controlReaderOf, readerOf } from "./reader.ts";
import type { ApiContext, Route } from "./route.ts";

export interface AlertSearch {
  readonly kind: AlertKind | undefined;
  readonly severity: Severity | undefined;
  readonly after: AlertPlace | undefined;
  readonly limit: number;
  /** As of when ages are judged. */
  readonly nowMs: number;
}

/** Who asks, of either database. */
export interface AlertReaders {
  readonly control: ControlReader;
  readonly mirror: Reader;
}

export interface AlertPorts {
  readonly alerts: (
    tenant: Tenant,
    readers: AlertReaders,
    search: AlertSearch,
  ) => Promise<{
    readonly value: AlertsFound;
    readonly control: Marked;
    readonly mirror: Marked;
  }>;
  readonly nowMs: () => number;
}

export const AlertsQuery = z.object({
  kind: z.enum(ALERT_KINDS).describe("What is the matter").exactOptional(),
  severity: z
    .enum(SEVERITIES)
    .describe("info: to be known; ticket: for somebody to look at; page: now")
    .exactOptional(),
});

const Place = z.object({ kind: z.enum(ALERT_KINDS), key: z.string() });

/** `GET …/alerts` */
export const alertRoutes = (ports: AlertPorts): readonly Route[] => [
  {
    method: "GET",
    path: "/v1/tenants/:tenant/alerts",
    permission: "alert:read",
    handle: (c) => listAlerts(ports, c),
  },
];

function listAlerts({ alerts, nowMs }: AlertPorts, c: ApiContext): Promise<Response> {
  const tenant = c.get("tenant");
  const marks: { control: Marked; mirror: Marked } = { control: {}, mirror: {} };
  return answerList(
    c,
    {
      query: AlertsQuery,
      place: Place,
      at: ({ kind, key }: Alert) => ({ kind, key }),
      read: async (readers, { kind, severity }, { after, limit }) => {
        const search = { kind, severity, after, limit, nowMs: nowMs() };
        const found = await alerts(tenant, readers, search);
        Object.assign(marks, { control: found.control, mirror: found.mirror });
        return { value: found.value };
      },
      show: (alert) => showAlert(tenant, alert),
    },
    {
      readerOf: readersOf,
      answer: (_c, body) => Response.json(body, { headers: bothBookmarks(tenant, marks) }),
    },
  );
}

function readersOf(c: ApiContext): Result<AlertReaders, Response> {
  const control = controlReaderOf(c);
  if (!control.ok) return control;
  const mirror = readerOf(c);
  return mirror.ok ? ok({ control: control.value, mirror: mirror.value }) : mirror;
}

function showAlert({ tenant }: Tenant, alert: Alert) {
  const { kind, key, severity, subject = null, since_ms, detail, place, query = {} } = alert;
  const path = ["v1", "tenants", tenant, ...place].map(encodeURIComponent).join("/");
  const narrowed = new URLSearchParams(query).toString();
  return {
    alert_id: `${kind}:${key}`,
    kind,
    severity,
    subject,
    since: formatInstant(since_ms),
    detail,
    href: `/${path}${narrowed === "" ? "" : `?${narrowed}`}`,
  };
}
