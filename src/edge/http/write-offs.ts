import * as z from "zod";
import { amountOf } from "../../core/amount.ts";
import { readView, statusAt } from "../../core/distributor/view.ts";
import {
  judgeWriteOff,
  readWriteOff,
  type WriteOffJudged,
  writeOffEssence,
  writeOffKey,
} from "../../core/distributor/write-off.ts";
import { exponentOf } from "../../core/money.ts";
import type { Fact } from "../../core/subject/state.ts";
import type { Tenant } from "../control/directory.ts";
import type { Message } from "../message.ts";
import { readJson } from "./body.ts";
import type { StatusPorts } from "./distributors.ts";
import { problem } from "./problem.ts";
import { readQuery } from "./query.ts";
import { actOf, type ApiContext, param, type RecordDeed, type Route } from "./route.ts";

export const WriteOffBody = z.strictObject({
  id: z
    .string()
    .regex(
      /^(?!\.{1,2}$)[\w.:-]{1,64}$/,
      "Must have 1 to 64 letters, digits, dots, colons or hyphens",
    )
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

export interface WriteOffPorts extends Pick<StatusPorts, "current"> {
  /** What the distributor's own object keeps under this key. */
  readonly factOf: (
    tenant: Tenant,
    distributorId: string,
    key: string,
  ) => Promise<Fact | undefined>;
  readonly send: (tenant: Tenant, message: Message) => Promise<void>;
  readonly record: RecordDeed;
  readonly nowMs: () => number;
}

/** `…/distributors/{id}/write-offs`: P14, for somebody who left and owes (DOMAIN §3.2). */
export function writeOffRoutes(ports: WriteOffPorts): readonly Route[] {
  const path = "/v1/tenants/:tenant/distributors/:distributor/write-offs";
  return [
    { method: "POST", path, permission: "writeoff:write", handle: (c) => writeOff(ports, c) },
    {
      method: "GET",
      path: `${path}/:writeoff`,
      permission: "ledger:read",
      handle: (c) => getWriteOff(ports, c),
    },
  ];
}

async function writeOff(ports: WriteOffPorts, c: ApiContext): Promise<Response> {
  const body = await readJson(c, WriteOffBody);
  if (!body.ok) return body.refusal;
  const { id, ...asked }: WriteOff = body.value;
  const tenant = c.get("tenant");
  const distributor_id = param(c, "distributor");
  const known = await ports.factOf(tenant, distributor_id, writeOffKey(id));
  if (known !== undefined) return answerKnown(id, known, asked);
  const current = await ports.current(tenant, distributor_id);
  if (current.position === 0) return problem("not_found");
  const view = readView(current.view);
  const nowMs = ports.nowMs();
  const judged = judgeWriteOff(view, { distributor_id, ...asked }, nowMs);
  const detail = refusalOf(judged, { distributor_id, status: statusAt(view, nowMs), asked });
  if (detail !== undefined) return problem("conflict", { detail });

  const subject = `dist:${distributor_id}`;
  const deed = { tenant: tenant.tenant, action: "write_off", target: subject };
  await ports.record({ ...deed, detail: { id, ...asked } }, actOf(c, nowMs));
  const move = { kind: "write_off", act_id: id, distributor_id, ...asked } as const;
  await ports.send(tenant, { kind: "subject", tenant: tenant.tenant, subject, moves: [move] });
  const owed = amountOf(judged.owed_minor, asked.currency);
  return Response.json({ id, state: "accepted", owed }, { status: 202 });
}

type Asked = Omit<WriteOff, "id">;

/** The same act once more, and after it took effect: nothing else happens. */
function answerKnown(id: string, fact: Fact, asked: Asked): Response {
  if (fact.essence === writeOffEssence(asked)) {
    return Response.json(show(id, fact), { status: 202 });
  }
  const detail = `Write-off "${id}" was asked for before with other particulars: the first stands`;
  return problem("conflict", { detail });
}

function refusalOf(
  { refusal, owed_minor }: WriteOffJudged,
  {
    distributor_id,
    status,
    asked: { step, currency },
  }: {
    readonly distributor_id: string;
    readonly status: string | undefined;
    readonly asked: Asked;
  },
): string | undefined {
  if (refusal === undefined) return undefined;
  const who = `Distributor "${distributor_id}"`;
  if (refusal === "not_terminated") {
    return `${who} is ${status ?? "of no status"}, and owes ${owed_minor} ${currency}: only where one is terminated a debt is moved out`;
  }
  return step === "receivable"
    ? `${who} owes nothing in ${currency}`
    : `${who} owes nothing in ${currency} that was moved out for collection and is still to be lost`;
}

async function getWriteOff({ factOf }: WriteOffPorts, c: ApiContext): Promise<Response> {
  const query = readQuery(c, z.object({}));
  if (!query.ok) return query.refusal;
  const id = param(c, "writeoff");
  const fact = await factOf(c.get("tenant"), param(c, "distributor"), writeOffKey(id));
  return fact === undefined ? problem("not_found") : Response.json(show(id, fact));
}

function show(id: string, fact: Fact) {
  const [step, currency]: readonly ["receivable" | "bad_debt", string, number] = JSON.parse(
    fact.essence,
  );
  const { amount_minor, refusal } = readWriteOff(fact);
  return {
    id,
    state: refusal === undefined ? "done" : "refused",
    step,
    moved: amountOf(BigInt(amount_minor), currency),
    reason: refusal ?? null,
  };
}
