import { signStandard } from "../signing.ts";

export const DEMO_TENANT = "demo";
export const DEMO_SOURCE = "core";

export interface Sample {
  /** One line for bash. Good for five minutes, and as often as one likes. */
  readonly post: string;
  /** Shows what it did. */
  readonly status: string;
}

/**
 * A delivery as a core sends it: a distributor enrols and earns a first commission. Each has a
 * distributor of its own, whose stream begins here, so that any of them is accepted at any time.
 */
export async function signSample(
  { url, secret }: { readonly url: string; readonly secret: string },
  nowMs: number,
): Promise<Sample> {
  const distributor = `D-${nowMs.toString(36).toUpperCase()}`;
  const body = JSON.stringify(eventsOf(distributor, nowMs));
  const id = `msg_${distributor}`;
  const timestampS = Math.floor(nowMs / 1000);
  const headers = await signStandard({ secret, id, timestampS, body });
  const signed = Object.entries(headers).map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`);
  const ingest = `${url}/in/${DEMO_TENANT}/${DEMO_SOURCE}`;
  return {
    post: `curl -sS -i ${ingest} -H 'content-type: application/json' ${signed.join(" ")} -d ${quote(body)}`,
    status: `${url}/v1/tenants/${DEMO_TENANT}/distributors/${distributor}`,
  };
}

export const statusCurl = (status: string, adminToken: string): string =>
  `curl -sS ${status} -H ${quote(`Authorization: Bearer ${adminToken}`)}`;

/** For a shell: nothing inside single quotes means anything to it but the next one. */
const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

function eventsOf(distributor: string, nowMs: number): readonly object[] {
  const occurredAt = new Date(nowMs).toISOString();
  const period = occurredAt.slice(0, "yyyy-mm".length);
  const common = { version: 1, occurred_at: occurredAt, key: `dist:${distributor}` };
  return [
    {
      ...common,
      id: `${distributor}-enrolled`,
      type: "distributor.enrolled",
      rev: 1,
      data: {
        distributor_id: distributor,
        status: "active",
        joined_at: occurredAt,
        country: "US",
        pii: { name: "Ada Example", email: "ada@example.com" },
      },
    },
    {
      ...common,
      id: `${distributor}-commission-1`,
      type: "commission.posted",
      seq: 1,
      data: {
        line_id: `${distributor}-L1`,
        distributor_id: distributor,
        component: "unilevel",
        level: 1,
        currency: "USD",
        amount_minor: 2500,
        period_id: period,
        run_id: `${period}-live`,
      },
    },
  ];
}
