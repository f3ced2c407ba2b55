import * as z from "zod";
import { exponentOf } from "../../core/money.ts";
import type { Tenant } from "../control/directory.ts";
import type { Message } from "../message.ts";
import { readJson } from "./body.ts";
import { type Act, actOf, type ApiContext, param, type Route } from "./route.ts";

export const WriteOffBody = z.strictObject({
  id: z
    .string()
    .regex(/^[\w.:-]{1,64}$/, "Must have 1 to 64 letters, digits, dots, colons or hyphens")
    .describe("Names the write-off: the same one again changes nothing"),
  step: z
    .enum(["receivable", "bad_debt"])
    .describe(
      "First the debt is moved out for collection, then what cannot be collected is a loss",
    ),
  currency: z.string().refine((code) => exponentOf(code) !== undefined, {
    message: "Must be a currency of ISO 4217",
    params: { rule: "currency" },
  }),
  amount_minor: z
    .int()
    .min(1)
    .describe("At most this much in minor units; never more than is owed"),
});
type WriteOff = z.infer<typeof WriteOffBody>;

export interface WriteOffPorts {
  readonly send: (tenant: Tenant, message: Message) => Promise<void>;
  /** Leaves the act in the audit trail. */
  readonly record: (
    done: {
      readonly tenant: string;
      readonly action: string;
      readonly target: string;
      readonly detail: object;
    },
    act: Act,
  ) => Promise<void>;
  readonly nowMs: () => number;
}

/** `POST …/distributors/{id}/write-offs`: P14, for somebody who left and owes (DOMAIN §3.2). */
export const writeOffRoutes = (ports: WriteOffPorts): readonly Route[] => [
  {
    method: "POST",
    path: "/v1/tenants/:tenant/distributors/:distributor/write-offs",
    permission: "writeoff:write",
    handle: (c) => writeOff(ports, c),
  },
];

async function writeOff({ send, record, nowMs }: WriteOffPorts, c: ApiContext): Promise<Response> {
  const body = await readJson(c, WriteOffBody);
  if (!body.ok) return body.refusal;
  const distributor_id = param(c, "distributor");
  const tenant = c.get("tenant");
  const subject = `dist:${distributor_id}`;
  const { id, step, currency, amount_minor }: WriteOff = body.value;
  await record(
    {
      tenant: tenant.tenant,
      action: "write_off",
      target: subject,
      detail: { id, step, currency, amount_minor },
    },
    actOf(c, nowMs()),
  );
  const move = {
    kind: "write_off",
    act_id: id,
    distributor_id,
    step,
    currency,
    amount_minor,
  } as const;
  await send(tenant, { kind: "subject", tenant: tenant.tenant, subject, moves: [move] });
  return Response.json({ id, state: "accepted" }, { status: 202 });
}
