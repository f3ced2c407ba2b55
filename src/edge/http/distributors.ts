import * as z from "zod";
import { seesPersonalData } from "../../core/access.ts";
import { type Running, runningAt } from "../../core/distributor/estimate.ts";
import { fullName, statusOf } from "../../core/distributor/status.ts";
import { readView } from "../../core/distributor/view.ts";
import type { JsonObject } from "../../core/json.ts";
import type { Plan } from "../../core/plans/plan.ts";
import type { Caller, Tenant } from "../control/directory.ts";
import type { DistributorRead, Marked, Reader, Reading } from "../reading.ts";
import { within } from "../within.ts";
import { bookmarkHeaders, objectName } from "./bookmarks.ts";
import { tagOfRest } from "./etag.ts";
import { readPatiently } from "./patient.ts";
import { problem } from "./problem.ts";
import { readQuery } from "./query.ts";
import { answerRead, bookmarksOf, readerOf } from "./reader.ts";
import { type ApiContext, param, type Route } from "./route.ts";
import { sightOf } from "./sight.ts";

/** D1 has been seen to stall for a minute: from here on the object is asked instead. */
const MIRROR_MS_MAX = 2000;

/** A distributor as its own object knows it. */
export interface CurrentDistributor {
  readonly view?: string;
  readonly displayName?: string;
  readonly profile?: { readonly sealed: string };
  readonly position: number;
}

export interface StatusPorts {
  readonly statuses: {
    read(
      reader: Reader,
      asked: { readonly distributorId: string; readonly periodId: string | undefined },
    ): Promise<Reading<DistributorRead>>;
  };
  /** Every version of the tenant's plans, as it was a moment ago: a status asks for it each time. */
  readonly knownPlans: (tenant: string) => Promise<readonly Plan[]>;
  readonly current: (tenant: Tenant, distributorId: string) => Promise<CurrentDistributor>;
  /** Opens a subject's profile. Throws where its key is gone. */
  readonly openProfile: (tenant: Tenant, subject: string, sealed: string) => Promise<Uint8Array>;
  readonly nowMs: () => number;
}

export const StatusQuery = z.object({ consistency: z.enum(["strong"]).exactOptional() });

/** `GET /v1/tenants/{t}/distributors/{id}` */
export function statusRoutes(ports: StatusPorts): readonly Route[] {
  async function get(c: ApiContext): Promise<Response> {
    const query = readQuery(c, StatusQuery);
    if (!query.ok) return query.refusal;
    const reader = readerOf(c);
    if (!reader.ok) return reader.refusal;
    const asked = { c, distributorId: param(c, "distributor") };
    const mirror = readMirror(ports, reader.value, asked.distributorId);
    if (query.value.consistency === "strong") {
      const isNamed = seesNames(c.get("caller"));
      return answerCurrent(ports, asked, { mirrored: await mirror, isNamed });
    }
    const mirrored = await mirror;
    return mirrored === undefined || isBehind(c, asked.distributorId, mirrored)
      ? answerCurrent(ports, asked, { mirrored, isNamed: false })
      : answerMirrored(ports, asked, mirrored);
  }

  return [
    {
      method: "GET",
      path: "/v1/tenants/:tenant/distributors/:distributor",
      permission: "status:read",
      // The mirror has its own time, and the object that of any read.
      isInParts: true,
      handle: get,
    },
  ];
}

// An auditor reads every number; who the people are is not among what is audited.
export const seesNames = (caller: Caller): boolean =>
  caller.role !== "auditor" && seesPersonalData(caller);

/** Volumes of legs name who is below, whom a distributor may not see by itself. */
export const seesBelow = (c: ApiContext): boolean =>
  sightOf(c.get("caller"), c.get("tenant").access).depth > 0;

/** Whether the caller has seen the object further on: once mirrored, it asks for no more than that. */
function isBehind(c: ApiContext, distributorId: string, { read }: Mirrored): boolean {
  const brought = bookmarksOf(c);
  if (!brought.ok || brought.value.positions === undefined) return false;
  const seen = brought.value.positions.get(objectName(distributorId)) ?? 0;
  return (read.value.row?.position ?? 0) < seen;
}

interface Asked {
  readonly c: ApiContext;
  readonly distributorId: string;
}

interface Mirrored {
  readonly read: Reading<DistributorRead>;
  readonly running: Running | undefined;
}

/** Nothing where D1 fails or takes too long. */
async function readMirror(
  ports: StatusPorts,
  reader: Reader,
  distributorId: string,
): Promise<Mirrored | undefined> {
  try {
    return await within(MIRROR_MS_MAX, async () => {
      const running = await runningOf(ports, reader);
      const periodId = running?.period.period_id;
      return { read: await ports.statuses.read(reader, { distributorId, periodId }), running };
    });
  } catch {
    return undefined;
  }
}

/** Without plans there is no estimate, and all else is shown. */
async function runningOf(
  { knownPlans, nowMs }: StatusPorts,
  { tenant }: Reader,
): Promise<Running | undefined> {
  try {
    return runningAt(await knownPlans(tenant), nowMs());
  } catch {
    return undefined;
  }
}

function answerMirrored(
  { nowMs }: StatusPorts,
  { c, distributorId }: Asked,
  { read: { value, bookmark }, running }: Mirrored,
): Response {
  const { row, frontline, counted } = value;
  if (row === undefined) return problem("not_found");
  const { position, asOfMs, displayName } = row;
  const status = statusOf({
    distributorId,
    view: readView(row.view),
    name: displayName ?? undefined,
    frontline,
    running,
    counted,
    position,
    asOfMs,
    nowMs: nowMs(),
    seesBelow: seesBelow(c),
  });
  return answerRead(status, bookmark === undefined ? {} : { bookmark });
}

async function answerCurrent(ports: StatusPorts, asked: Asked, how: How): Promise<Response> {
  const status = await currentStatus(ports, asked, how);
  if (status === undefined) return problem("not_found");
  const { as_of: _now, ...rest } = status;
  const headers = { ...currentBookmark({ ...how.mirrored?.read, status }), ...tagOfRest(rest) };
  return Response.json(status, { headers });
}

/** The header of what an object has shown: the mirror may not be as far, so it names the position too. */
export const currentBookmark = ({ bookmark, status }: Marked & { status: Shown }) =>
  bookmarkHeaders({
    ...(bookmark === undefined ? {} : { mirror: bookmark }),
    positions: new Map([[objectName(status.distributor_id), status.position]]),
  });

type Shown = Pick<ReturnType<typeof statusOf>, "distributor_id" | "position">;

interface How {
  readonly mirrored: Mirrored | undefined;
  readonly isNamed: boolean;
}

/** What `?consistency=strong` answers, and in which periods it counts; nothing of nobody. */
export async function strongStatus(
  ports: StatusPorts,
  { c, distributorId }: Asked,
  reader: Reader,
) {
  const mirrored = await readMirror(ports, reader, distributorId);
  const isNamed = seesNames(c.get("caller"));
  const status = await currentStatus(ports, { c, distributorId }, { mirrored, isNamed });
  const { bookmark } = mirrored?.read ?? {};
  return (
    status && {
      status,
      isNamed,
      rule: mirrored?.running?.rule,
      ...(bookmark === undefined ? {} : { bookmark }),
    }
  );
}

/** From the object itself. Only the mirror counts frontline and volumes, so those come from there. */
async function currentStatus(ports: StatusPorts, { c, distributorId }: Asked, how: How) {
  const tenant = c.get("tenant");
  const current = await readPatiently(() => ports.current(tenant, distributorId));
  const { position, view, displayName } = current;
  // As the mirror has it: of whom only something is known that still waits, nothing is to be shown.
  if (view === undefined) return undefined;
  const full = how.isNamed ? await nameIn(ports, current, { tenant, distributorId }) : undefined;
  const nowMs = ports.nowMs();
  return statusOf({
    distributorId,
    view: readView(view),
    name: full ?? displayName,
    frontline: how.mirrored?.read.value.frontline,
    running: how.mirrored?.running,
    counted: how.mirrored?.read.value.counted,
    position,
    asOfMs: nowMs,
    nowMs,
    seesBelow: seesBelow(c),
  });
}

async function nameIn(
  { openProfile }: StatusPorts,
  { profile }: CurrentDistributor,
  { tenant, distributorId }: { readonly tenant: Tenant; readonly distributorId: string },
): Promise<string | undefined> {
  if (profile === undefined) return undefined;
  const plain = await openProfile(tenant, `dist:${distributorId}`, profile.sealed);
  const personal: JsonObject = JSON.parse(new TextDecoder().decode(plain));
  return fullName(personal);
}
