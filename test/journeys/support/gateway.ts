import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createClient, type GatewayClient } from "../../../scripts/local/client.ts";
import { type Gateway, startGateway } from "../../../scripts/local/gateway.ts";

export interface LocalGateway extends Gateway {
  readonly client: GatewayClient;
}

/** A directory of its own, and what removes it. */
export function makeStateDir(): { readonly stateDir: string; readonly remove: () => void } {
  const stateDir = mkdtempSync(path.join(tmpdir(), "upline-state-"));
  return {
    stateDir,
    remove: () => {
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}

/** The real bundle on a free port. Batches do not wait to fill: journeys would only wait longer. */
export async function startLocal(
  stateDir: string,
  vars: Readonly<Record<string, string>> = {},
): Promise<LocalGateway> {
  const queue = { maxBatchTimeout: 0.05 };
  const gateway = await startGateway({ port: 0, stateDir, quiet: true, queue, vars });
  return { ...gateway, client: createClient(gateway.url, gateway.adminToken) };
}
