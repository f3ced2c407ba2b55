import { type AlertPorts, alertRoutes } from "./alerts.ts";
import { type BreakPorts, breakRoutes } from "./breaks.ts";
import { type ContractPorts, contractRoutes } from "./contracts.ts";
import { type DeliveryPorts, deliveryRoutes } from "./deliveries.ts";
import { type EventPorts, eventRoutes } from "./events.ts";
import { type HeldPorts, heldRoutes } from "./held.ts";
import { type LedgerPorts, ledgerRoutes } from "./ledger.ts";
import { type LinePorts, lineRoutes } from "./lines.ts";
import { type LinkPorts, linkRoutes } from "./links.ts";
import { type LivePorts, liveRoutes } from "./live.ts";
import { type PipelinePorts, pipelineRoutes } from "./pipeline.ts";
import { type ChainPorts, chainRoutes } from "./chains.ts";
import { consoleRoutes } from "./console-page.ts";
import { type EarningsPorts, earningsRoutes } from "./earnings.ts";
import { type MetricsPorts, metricsRoutes } from "./metrics.ts";
import { meRoutes } from "./me.ts";
import { type MessagePorts, messageRoutes } from "./messages.ts";
import { type PlanPorts, planRoutes } from "./plans.ts";
import { type PollPorts, pollRoutes } from "./polls.ts";
import { type ProgressPorts, progressRoutes } from "./progress.ts";
import { type RebuildHttpPorts, rebuildRoutes } from "./rebuilds.ts";
import { type ReconciliationPorts, reconciliationRoutes } from "./reconciliations.ts";
import { type RecordPorts, recordRoutes } from "./records.ts";
import { type ReplayHttpPorts, replayRoutes } from "./replays.ts";
import { type ReportPorts, reportRoutes } from "./reports.ts";
import type { PagePorts } from "./page-files.ts";
import { type PayoutPorts, payoutRoutes } from "./payouts.ts";
import { type RunPorts, runRoutes } from "./runs.ts";
import type { Route } from "./route.ts";
import { type SlaReadPorts, slaRoutes } from "./sla.ts";
import { type TreePorts, treeRoutes } from "./trees.ts";
import { type UsagePorts, usageRoutes } from "./usage.ts";
import { type WriteOffPorts, writeOffRoutes } from "./write-offs.ts";
import { type StatusPorts, statusRoutes } from "./distributors.ts";

/** Everything that the reads need of the rest. */
export interface ReadPorts
  extends
    StatusPorts,
    LivePorts,
    PagePorts,
    LinkPorts,
    LedgerPorts,
    LinePorts,
    EventPorts,
    HeldPorts,
    PipelinePorts,
    MetricsPorts,
    AlertPorts,
    BreakPorts,
    ReconciliationPorts,
    RebuildHttpPorts,
    ReplayHttpPorts,
    PlanPorts,
    TreePorts,
    RecordPorts,
    EarningsPorts,
    ReportPorts,
    PollPorts,
    ProgressPorts,
    MessagePorts,
    DeliveryPorts,
    WriteOffPorts,
    RunPorts,
    PayoutPorts,
    ChainPorts,
    UsagePorts,
    SlaReadPorts,
    ContractPorts {}

/** What the API shows of the mirror and the objects, and what a person may do with held events. */
export const readRoutes = (ports: ReadPorts): readonly Route[] => [
  ...statusRoutes(ports),
  ...liveRoutes(ports),
  ...meRoutes(ports),
  ...consoleRoutes(ports),
  ...linkRoutes(ports),
  ...ledgerRoutes(ports),
  ...lineRoutes(ports),
  ...eventRoutes(ports),
  ...heldRoutes(ports),
  ...pipelineRoutes(ports),
  ...metricsRoutes(ports),
  ...alertRoutes(ports),
  ...breakRoutes(ports),
  ...reconciliationRoutes(ports),
  ...rebuildRoutes(ports),
  ...replayRoutes(ports),
  ...planRoutes(ports),
  ...treeRoutes(ports),
  ...recordRoutes(ports),
  ...earningsRoutes(ports),
  ...reportRoutes(ports),
  ...pollRoutes(ports),
  ...progressRoutes(ports),
  ...messageRoutes(ports),
  ...deliveryRoutes(ports),
  ...writeOffRoutes(ports),
  ...runRoutes(ports),
  ...payoutRoutes(ports),
  ...chainRoutes(ports),
  ...usageRoutes(ports),
  ...slaRoutes(ports),
  ...contractRoutes(ports),
];
