import { env, exports } from "cloudflare:workers";
import { signStandard } from "../../../scripts/signing.ts";
import { vi } from "vitest";
import { asDocumented } from "./contract.ts";

export const ORIGIN = "https://gateway.example";
export const SECRET = `whsec_${btoa("0123456789abcdef0123456789abcdef")}`;

export interface Company {
  readonly tenant: string;
  readonly api: (line: string, body?: unknown) => Promise<Response>;
  /** Posts events through the source `core`, signed now. */
  readonly post: (events: object | readonly object[], source?: string) => Promise<Response>;
  /** Resolves when each of these sender's ids has an outcome other than none. */
  readonly settled: (ids: readonly string[], source?: string) => Promise<Map<string, string>>;
  /** Posts enrolments and waits for them: nobody's money is applied before his. */
  readonly enrol: (...distributors: readonly string[]) => Promise<void>;
}

let deliveries = 0;

/** A tenant of its own with two `standard` sources, over the real Worker. */
export async function foundCompany(more: object = {}): Promise<Company> {
  const tenant = `t${crypto.randomUUID()}`;
  const api = async (line: string, body?: unknown) => {
    const [method = "GET", path = "/"] = line.split(" ");
    const url = `${ORIGIN}${path}`;
    const response = await exports.default.fetch(url, {
      method,
      headers: {
        Authorization: `Bearer ${env.ADMIN_TOKEN}`,
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return asDocumented({ method, url }, response);
  };
  const must = async (line: string, body: unknown) => {
    const response = await api(line, body);
    if (!response.ok) throw new Error(`${line}: ${response.status} ${await response.text()}`);
  };
  await must(`PUT /v1/tenants/${tenant}`, {
    name: "Acme",
    mode: "mirror",
    currency: "USD",
    ...more,
  });
  for (const source of ["core", "bank"]) {
    const auth = { secrets: [SECRET] };
    await must(`PUT /v1/tenants/${tenant}/sources/${source}`, { sender: "standard", auth });
  }
  const post = async (events: object | readonly object[], source = "core") => {
    const body = JSON.stringify(events);
    deliveries += 1;
    const timestampS = Math.floor(Date.now() / 1000);
    const headers = await signStandard({
      secret: SECRET,
      id: `msg_${deliveries}`,
      timestampS,
      body,
    });
    const url = `${ORIGIN}/in/${tenant}/${source}`;
    const sent = { method: "POST", headers: { ...headers }, body };
    return asDocumented({ ...sent, url }, await exports.default.fetch(url, sent));
  };
  const settled = async (ids: readonly string[], source = "core") => {
    const query =
      "SELECT sender_id, outcome FROM events WHERE tenant = ? AND source = ? AND repeated = 0";
    return vi.waitUntil(
      async () => {
        const { results } = await env.MIRROR_0.prepare(query)
          .bind(tenant, source)
          .all<{ sender_id: string; outcome: string }>();
        const outcomes = new Map(results.map((row) => [row.sender_id, row.outcome]));
        return ids.every((id) => outcomes.has(id)) ? outcomes : undefined;
      },
      { timeout: 10_000, interval: 25 },
    );
  };
  const enrol = async (...distributors: readonly string[]) => {
    const events = distributors.map(enrolment);
    const { status } = await post(events);
    if (status !== 202) throw new Error(`Not accepted: ${status}`);
    await settled(events.map(({ id }) => id));
  };
  return { tenant, api, post, settled, enrol };
}

/** What the ids of {@link enrolment} begin with. */
export const ENROLMENT_ID = "enrolment-of-";

/** Enrols somebody below nobody. */
export const enrolment = (distributor: string) => ({
  id: `${ENROLMENT_ID}${distributor}`,
  type: "distributor.enrolled",
  version: 1,
  occurred_at: "2026-01-01T10:00:00.000Z",
  key: `dist:${distributor}`,
  rev: 1,
  data: {
    distributor_id: distributor,
    status: "active",
    joined_at: "2026-01-01",
    country: "SI",
  },
});

/** An envelope as a core posts it. */
export interface Told {
  readonly id: string;
  readonly seq: number;
  readonly data: Readonly<Record<string, unknown>>;
}

/** The five events of W2 (DOMAIN «Worked examples») for one distributor, who is enrolled already. */
export function w2(distributor: string): readonly Told[] {
  const base = (seq: number, type: string, data: object) => ({
    id: `${distributor}-${seq}`,
    type,
    version: 1,
    occurred_at: `2026-07-0${seq}T10:00:00.000Z`,
    key: `dist:${distributor}`,
    seq,
    data: { currency: "USD", ...data },
  });
  return [
    base(1, "commission.posted", {
      line_id: `${distributor}-L1`,
      distributor_id: distributor,
      order_id: `${distributor}-O1`,
      component: "unilevel",
      level: 1,
      amount_minor: 400,
      period_id: "2026-07",
      run_id: "r1",
    }),
    base(2, "commission.released", { line_id: `${distributor}-L1` }),
    base(3, "adjustment.posted", {
      line_id: `${distributor}-A1`,
      amount_minor: 12_100,
      reason_code: "bonus",
      effective_at: "2026-07-03T10:00:00.000Z",
      approved_by: "cfo",
    }),
    base(4, "payout.initiated", {
      payout_id: `${distributor}-P1`,
      gross_minor: 12_500,
      net_minor: 12_350,
      fee_minor: 150,
      method: "bank",
    }),
    base(5, "payout.settled", { payout_id: `${distributor}-P1` }),
  ];
}
