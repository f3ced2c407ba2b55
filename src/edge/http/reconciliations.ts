import * as z from "zod";
import { formatInstant } from "../../core/contracts/instant.ts";
import type { Tenant } from "../control/directory.ts";
import type {
  Marked,
  Part,
  Reader,
  Reading,
  ReconciliationRow,
  ReconciliationSearch,
  ReconciliationsFound,
} from "../reading.ts";
import { notAcceptable, preferred } from "./accept.ts";
import { readJson } from "./body.ts";
import { answerMirrorList } from "./listing.ts";
import { problem } from "./problem.ts";
import { readQuery } from "./query.ts";
import { answerRead, mirrorBookmark, readerOf } from "./reader.ts";
import { refuseStart, type StartAsked, StartBody, startOf } from "./reconciliation-asked.ts";
import { reconciliationPage, reconciliationPageHeaders } from "./reconciliation-page.ts";
import { showReconciliation, type ShownReconciliation } from "./reconciliation-shown.ts";
import { actOf, type ApiContext, param, type RecordDeed, type Route } from "./route.ts";

/** `running`: none is started while another one of the tenant's is on its way. */
export type Start =
  | ({ readonly kind: "started" | "running"; readonly run: ReconciliationRow } & Marked)
  | { readonly kind: "no_core" | "not_mirror" };

export interface ReconciliationPorts {
  readonly reconciliations: {
    /** Newest first. */
    list(
      reader: Reader,
      search: ReconciliationSearch,
      part: Part<string>,
    ): Promise<Reading<ReconciliationsFound>>;
    one(reader: Reader, runId: string): Promise<Reading<ReconciliationRow | undefined>>;
    start(tenant: Tenant, asked: StartAsked): Promise<Start>;
  };
  readonly record: RecordDeed;
  readonly nowMs: () => number;
}

export const RECONCILIATION_KINDS = [
  "window",
  "balances",
  "lines",
  "objects",
  "gap",
  "poll",
] as const satisfies readonly ReconciliationRow["kind"][];

export const RECONCILIATION_STATES = [
  "running",
  "done",
  "failed",
] as const satisfies readonly ReconciliationRow["state"][];

export const ReconciliationsQuery = z.object({
  kind: z.enum(RECONCILIATION_KINDS).describe("What was compared").exactOptional(),
  state: z.enum(RECONCILIATION_STATES).exactOptional(),
});

/** `GET POST …/reconciliations`, `GET …/reconciliations/{id}` */
export function reconciliationRoutes(ports: ReconciliationPorts): readonly Route[] {
  const path = "/v1/tenants/:tenant/reconciliations";
  const read = { method: "GET", permission: "run:read" } as const;
  return [
    { method: "POST", permission: "run:write", path, handle: (c) => start(ports, c) },
    { ...read, path, handle: (c) => list(ports, c) },
    { ...read, path: `${path}/:reconciliation`, handle: (c) => getOne(ports, c) },
  ];
}

async function start(ports: ReconciliationPorts, c: ApiContext): Promise<Response> {
  const body = await readJson(c, StartBody);
  if (!body.ok) return body.refusal;
  const { tenant, mode } = c.get("tenant");
  const nowMs = ports.nowMs();
  const refusal = refuseStart(body.value, nowMs);
  if (refusal !== undefined) return refusal;
  if (mode !== "mirror") return notMirror();

  const act = actOf(c, nowMs);
  const { asked, detail } = startOf(body.value, nowMs);
  const deed = { action: "reconciliation.start", target: `reconciliation:${asked.kind}` };
  await ports.record({ tenant, ...deed, detail }, act);
  return answerStart(
    await ports.reconciliations.start(c.get("tenant"), { ...asked, cause: act.actor }),
  );
}

function answerStart(started: Start): Response {
  switch (started.kind) {
    case "started": {
      const headers = mirrorBookmark(started);
      return Response.json(showReconciliation(started.run), { status: 202, headers });
    }
    case "running":
      return problem("conflict", { detail: isRunning(started.run) });
    case "no_core":
      return problem("conflict", {
        detail: "The tenant has no core.url: there is no core to compare with",
      });
    case "not_mirror":
      return notMirror();
  }
}

const notMirror = (): Response =>
  problem("conflict", {
    detail: "In gateway_final the ledger here is the truth: there is no core to compare with",
  });

const isRunning = ({ runId, kind, startedMs }: ReconciliationRow): string =>
  `Reconciliation "${runId}" (${kind}), started at ${formatInstant(startedMs)}, is on its way: a tenant has one at a time`;

const list = ({ reconciliations }: ReconciliationPorts, c: ApiContext): Promise<Response> =>
  answerMirrorList(c, {
    query: ReconciliationsQuery,
    place: z.string(),
    at: ({ runId }: ReconciliationRow) => runId,
    read: (reader, query, part) => reconciliations.list(reader, query, part),
    show: showReconciliation,
  });

const OFFERED = ["application/json", "text/html"] as const;

async function getOne({ reconciliations }: ReconciliationPorts, c: ApiContext): Promise<Response> {
  const query = readQuery(c, z.object({}));
  if (!query.ok) return query.refusal;
  const media = preferred(c.req.header("Accept"), OFFERED);
  if (media === undefined) return notAcceptable(OFFERED);
  const reader = readerOf(c);
  if (!reader.ok) return reader.refusal;
  const read = await reconciliations.one(reader.value, param(c, "reconciliation"));
  if (read.value === undefined) return problem("not_found");
  const shown = showReconciliation(read.value);
  const response = media === "text/html" ? pageOfRun(shown, read) : answerRead(shown, read);
  response.headers.set("Vary", "Accept");
  return response;
}

function pageOfRun(shown: ShownReconciliation, read: Marked): Response {
  const headers = { ...reconciliationPageHeaders(), "Cache-Control": "private, no-cache" };
  return new Response(reconciliationPage(shown), {
    headers: { ...headers, ...mirrorBookmark(read) },
  });
}
