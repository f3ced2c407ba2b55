import * as z from "zod";
import { amountOf } from "../../core/amount.ts";
import { toDecimal } from "../../core/money.ts";
import type { Proposal } from "../../core/runs/proposal.ts";
import { type Cell, csvOf } from "../../core/statement/csv.ts";
import type { ControlReader, Marked, Part, Reading } from "../reading.ts";
import { within } from "../within.ts";
import { notAcceptable, preferred } from "./accept.ts";
import { pageOf, readPage } from "./cursor.ts";
import type { RunPorts } from "./runs.ts";
import { READ_MS_MAX } from "./patient.ts";
import { problem } from "./problem.ts";
import { readQuery } from "./query.ts";
import { answerControl, controlBookmark, controlReaderOf } from "./reader.ts";
import { type ApiContext, param, type Route } from "./route.ts";

interface ProposalPlace {
  readonly distributorId: string;
  readonly currency: string;
}

type RunAsked = ControlReader & { readonly runId: string };

export interface PayoutPorts extends Pick<RunPorts, "runs"> {
  readonly proposals: {
    /** By distributor and currency. */
    list(run: RunAsked, part: Part<ProposalPlace>): Promise<Reading<readonly Proposal[]>>;
  };
}

const OFFERED = ["application/json", "text/csv"] as const;
/** Read together while a file is written. */
const PART = 1000;

const Place = z.object({ distributorId: z.string(), currency: z.string() });

/** `GET …/runs/{run}/proposals`: payouts for a person to approve; the gateway moves no money. */
export const payoutRoutes = (ports: PayoutPorts): readonly Route[] => [
  {
    method: "GET",
    path: "/v1/tenants/:tenant/runs/:run/proposals",
    permission: "payout:read",
    isInParts: true,
    handle: (c) => listProposals(ports, c),
  },
];

async function listProposals(ports: PayoutPorts, c: ApiContext): Promise<Response> {
  const query = readQuery(c, z.object({}), { isList: true });
  if (!query.ok) return query.refusal;
  const media = preferred(c.req.header("Accept"), OFFERED);
  if (media === undefined) return notAcceptable(OFFERED);
  const page = readPage(c, Place, query.value);
  if (!page.ok) return page.refusal;
  const reader = controlReaderOf(c);
  if (!reader.ok) return reader.refusal;
  const { value: run, ...seen } = await within(READ_MS_MAX, () =>
    ports.runs.read(reader.value, param(c, "run")),
  );
  if (run?.kind !== "payouts") return problem("not_found");
  // No older than the run: what it has proposed by then is there.
  const asked: RunAsked = { ...reader.value, ...seen, runId: run.runId };
  if (media === "text/csv") return fileOf(ports, c, { asked, state: run.state });
  const part = { ...page.value, limit: page.value.limit + 1 };
  const read = await within(READ_MS_MAX, () => ports.proposals.list(asked, part));
  const answer = answerControl(c, pageOf(read.value, page.value, { show, at: placeOf }), read);
  answer.headers.set("Vary", "Accept");
  return answer;
}

const placeOf = ({ distributor_id, currency }: Proposal): ProposalPlace => ({
  distributorId: distributor_id,
  currency,
});

const show = ({ distributor_id, currency, ...amounts }: Proposal) => ({
  distributor_id,
  gross: amountOf(BigInt(amounts.gross_minor), currency),
  fee: amountOf(BigInt(amounts.fee_minor), currency),
  withholding: amountOf(BigInt(amounts.withholding_minor), currency),
  net: amountOf(BigInt(amounts.net_minor), currency),
});

const COLUMNS = [
  "run_id",
  "distributor_id",
  "currency",
  "gross",
  "fee",
  "withholding",
  "net",
  "net_minor",
];

/** All of them in one file. Half a list is none to pay by: a run on its way has no file yet. */
async function fileOf(
  { proposals }: PayoutPorts,
  c: ApiContext,
  { asked, state }: { readonly asked: RunAsked; readonly state: string },
): Promise<Response> {
  if (state !== "done") return problem("conflict", { detail: `The run is ${state}` });
  const rows: (readonly Cell[])[] = [];
  let after: ProposalPlace | undefined;
  let seen: Marked = {};
  for (;;) {
    const part = { limit: PART, ...(after ? { after } : {}) };
    const of = { ...asked, ...seen };
    const { value, ...mark } = await within(READ_MS_MAX, () => proposals.list(of, part));
    seen = mark;
    rows.push(...value.map((proposal) => rowOf(asked, proposal)));
    const last = value.at(-1);
    if (last === undefined || value.length < PART) break;
    after = placeOf(last);
  }
  const name = asked.runId.replaceAll(/[^\w.-]/g, "-");
  return new Response(csvOf(COLUMNS, rows), {
    headers: {
      "Content-Type": "text/csv; charset=utf-8; header=present",
      "Content-Disposition": `attachment; filename="${name}.csv"`,
      "Cache-Control": "private, no-cache",
      Vary: "Accept",
      ...controlBookmark(c.get("tenant"), seen),
    },
  });
}

function rowOf({ runId }: RunAsked, proposal: Proposal): readonly Cell[] {
  const { distributor_id, currency, gross_minor, fee_minor, withholding_minor, net_minor } =
    proposal;
  const amounts = [gross_minor, fee_minor, withholding_minor, net_minor];
  return [
    { text: runId },
    { text: distributor_id },
    { text: currency },
    ...amounts.map((minor): Cell => ({ number: toDecimal(minor, currency) })),
    { number: String(net_minor) },
  ];
}
