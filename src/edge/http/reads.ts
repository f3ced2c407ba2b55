import { type BreakPorts, breakRoutes } from "./breaks.ts";
import { type ContractPorts, contractRoutes } from "./contracts.ts";
import { type EventPorts, eventRoutes } from "./events.ts";
import { type HeldPorts, heldRoutes } from "./held.ts";
import { type LedgerPorts, ledgerRoutes } from "./ledger.ts";
import { type LinePorts, lineRoutes } from "./lines.ts";
import { type PipelinePorts, pipelineRoutes } from "./pipeline.ts";
import type { Route } from "./route.ts";
import { type StatusPorts, statusRoutes } from "./distributors.ts";

/** Everything that the reads need of the rest. */
export interface ReadPorts
  extends
    StatusPorts,
    LedgerPorts,
    LinePorts,
    EventPorts,
    HeldPorts,
    PipelinePorts,
    BreakPorts,
    ContractPorts {}

/** What the API shows of the mirror and the objects, and what a person may do with held events. */
export const readRoutes = (ports: ReadPorts): readonly Route[] => [
  ...statusRoutes(ports),
  ...ledgerRoutes(ports),
  ...lineRoutes(ports),
  ...eventRoutes(ports),
  ...heldRoutes(ports),
  ...pipelineRoutes(ports),
  ...breakRoutes(ports),
  ...contractRoutes(ports),
];
