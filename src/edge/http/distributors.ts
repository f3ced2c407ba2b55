import * as z from "zod";
import { seesPersonalData } from "../../core/access.ts";
import { fullName, statusOf } from "../../core/distributor/status.ts";
import { readView } from "../../core/distributor/view.ts";
import type { JsonObject } from "../../core/json.ts";
import type { Role, Tenant } from "../control/directory.ts";
import type { DistributorRead, Reader, Reading } from "../reading.ts";
import { within } from "../within.ts";
import { problem } from "./problem.ts";
import { readQuery } from "./query.ts";
import { answerRead, readerOf } from "./reader.ts";
import { type ApiContext, param, type Route } from "./route.ts";

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
    read(reader: Reader, distributorId: string): Promise<Reading<DistributorRead>>;
  };
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
      const isNamed = seesNames(c.get("caller").role);
      return answerCurrent(ports, asked, { mirrored: await mirror, isNamed });
    }
    const mirrored = await mirror;
    return mirrored === undefined
      ? answerCurrent(ports, asked, { mirrored, isNamed: false })
      : answerMirrored(ports, asked, mirrored);
  }

  return [
    {
      method: "GET",
      path: "/v1/tenants/:tenant/distributors/:distributor",
      permission: "status:read",
      handle: get,
    },
  ];
}

// An auditor reads every number; who the people are is not among what is audited.
const seesNames = (role: Role): boolean => role !== "auditor" && seesPersonalData(role);

interface Asked {
  readonly c: ApiContext;
  readonly distributorId: string;
}

/** Nothing where D1 fails or takes too long. */
async function readMirror(
  { statuses }: StatusPorts,
  reader: Reader,
  distributorId: string,
): Promise<Reading<DistributorRead> | undefined> {
  try {
    return await within(MIRROR_MS_MAX, () => statuses.read(reader, distributorId));
  } catch {
    return undefined;
  }
}

function answerMirrored(
  { nowMs }: StatusPorts,
  { distributorId }: Asked,
  { value: { row, frontline }, bookmark }: Reading<DistributorRead>,
): Response {
  if (row === undefined) return problem("not_found");
  const { position, asOfMs, displayName } = row;
  const status = statusOf({
    distributorId,
    view: readView(row.view),
    name: displayName ?? undefined,
    frontline,
    position,
    asOfMs,
    nowMs: nowMs(),
  });
  return answerRead(status, bookmark === undefined ? {} : { bookmark });
}

/** From the object itself. Only the mirror counts the frontline, so that comes from there. */
async function answerCurrent(
  ports: StatusPorts,
  { c, distributorId }: Asked,
  how: { readonly mirrored: Reading<DistributorRead> | undefined; readonly isNamed: boolean },
): Promise<Response> {
  const tenant = c.get("tenant");
  const current = await ports.current(tenant, distributorId);
  const { position, view, displayName } = current;
  if (position === 0 && view === undefined) return problem("not_found");
  const full = how.isNamed ? await nameIn(ports, current, { tenant, distributorId }) : undefined;
  const nowMs = ports.nowMs();
  const status = statusOf({
    distributorId,
    view: readView(view),
    name: full ?? displayName,
    frontline: how.mirrored?.value.frontline,
    position,
    asOfMs: nowMs,
    nowMs,
  });
  return answerRead(status, how.mirrored ?? {});
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
