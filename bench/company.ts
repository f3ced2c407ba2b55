import { signStandard } from "../scripts/signing.ts";
import { layRequest } from "./load.ts";
import type { Rig } from "./rig.ts";

export const TENANT = "acme";
export const SOURCE = "core";
const SECRET = `whsec_${Buffer.from("0123456789abcdef0123456789abcdef").toString("base64")}`;
const PATH = `/in/${TENANT}/${SOURCE}`;

/** A delivery signed and ready, once as bytes and once for `fetch`. */
export interface Signed {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Founds the tenant and its one source, over the API. */
export async function found({ call }: Rig): Promise<void> {
  await call(`PUT /v1/tenants/${TENANT}`, { name: "Acme", mode: "mirror", currency: "USD" });
  await call(`PUT /v1/tenants/${TENANT}/sources/${SOURCE}`, {
    sender: "standard",
    auth: { secrets: [SECRET] },
  });
}

/** Signs a body as the source's sender does: Standard Webhooks v1, HMAC-SHA256. */
export async function sign(event: object): Promise<Signed> {
  const body = JSON.stringify(event);
  const id = `msg_${crypto.randomUUID()}`;
  const timestampS = Math.floor(Date.now() / 1000);
  const headers = await signStandard({ secret: SECRET, id, timestampS, body });
  return { path: PATH, headers: { ...headers, "Content-Type": "application/json" }, body };
}

export const layDelivery = ({ path, headers, body }: Signed): Buffer =>
  layRequest(`POST ${path}`, headers, body);

interface About {
  readonly distributor: string;
  /** Unique among the events of its type and distributor. */
  readonly n: number;
}

/** An event of a distributor, as a core tells it. */
export const envelope = (type: string, { distributor, n }: About, data: object) => ({
  id: `${type}-${distributor}-${n}`,
  type,
  version: 1,
  occurred_at: new Date(Date.now() - 60_000).toISOString(),
  key: `dist:${distributor}`,
  data,
});

/** A commission line as a core posts it: its `n` is its place in the distributor's stream. */
export const commissionPosted = (about: About) => ({
  ...envelope("commission.posted", about, {
    line_id: `L-${about.distributor}-${about.n}`,
    distributor_id: about.distributor,
    order_id: `O-${about.distributor}-${about.n}`,
    component: "unilevel",
    level: 1,
    paid_level: 1,
    cv_x100: 20_000,
    rate_ppm: 50_000,
    currency: "USD",
    amount_minor: 400,
    period_id: "2026-11",
    run_id: "RUN-1",
    available_at: "2026-12-24T00:00:00Z",
  }),
  seq: about.n,
});

export const enrolled = (about: About) =>
  envelope("distributor.enrolled", about, {
    distributor_id: about.distributor,
    sponsor_id: "ROOT",
    placement_id: "ROOT",
    leg: "L",
    status: "active",
    joined_at: "2026-01-31",
    country: "US",
    pii: { name: "Ann Example", email: "ann@example.com" },
  });

export const statusChanged = (about: About) => ({
  ...envelope("distributor.status_changed", about, {
    status: about.n % 2 === 0 ? "active" : "grace",
    effective_at: "2026-07-01T00:00:00Z",
  }),
  rev: about.n,
});

export const rankChanged = (about: About) => ({
  ...envelope("rank.changed", about, {
    period_id: "2026-11",
    pay_rank: "Silver",
    career_rank: "Gold",
    reason: "volume",
  }),
  rev: about.n,
});

export const volumeSnapshot = (about: About) => ({
  ...envelope("volume.snapshot", about, {
    distributor_id: about.distributor,
    period_id: "2026-11",
    pv_x100: 10_000 + about.n,
    gv_x100: 50_000,
    legs: [
      { leg: "L", gv_x100: 20_000 },
      { leg: "R", gv_x100: 30_000 },
    ],
  }),
  rev: about.n,
});

/** Another event of the distributor's stream, behind its line. */
export const moneyEvent = (type: string, about: About, data: object) => ({
  ...envelope(type, about, data),
  seq: about.n,
});
