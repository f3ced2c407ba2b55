import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { measureBilled } from "./billed.ts";
import type { Findings, Options } from "./figure.ts";
import { measureIngest } from "./ingest.ts";
import { measureLive } from "./live.ts";
import { measurePayments } from "./payments.ts";
import { measurePipeline } from "./pipeline.ts";
import { measureReconciliation } from "./reconciliation.ts";
import { tableOf, writeResults } from "./report.ts";
import { measureSenders } from "./senders.ts";
import { measureStatus } from "./status.ts";
import { measureUpline } from "./upline.ts";

const PARTS: Readonly<Record<string, (options: Options) => Promise<Findings>>> = {
  senders: measureSenders,
  ingest: measureIngest,
  pipeline: measurePipeline,
  payments: measurePayments,
  upline: measureUpline,
  status: measureStatus,
  live: measureLive,
  billed: measureBilled,
  reconciliation: measureReconciliation,
};

const { values } = parseArgs({
  options: {
    /** Parts by name, separated by commas. */
    only: { type: "string", default: Object.keys(PARTS).join(",") },
    rounds: { type: "string", default: "7" },
    /** How long a round of requests lasts; the pipeline's last as long as their events take. */
    seconds: { type: "string", default: "1.5" },
  },
});

const directory = await mkdtemp(path.join(tmpdir(), "upline-bench-"));
try {
  const options = { rounds: Number(values.rounds), seconds: Number(values.seconds), directory };
  const findings: Record<string, Findings> = {};
  for (const part of values.only.split(",")) {
    const measure = PARTS[part];
    if (measure === undefined) throw new Error(`Cannot measure "${part}": there is no such part`);
    process.stderr.write(`bench: ${part} …\n`);
    findings[part] = await measure(options);
  }
  const all = Object.values(findings);
  const notes = all.flatMap((found) => found.notes).map((note) => `  ${note}`);
  const file = await writeResults(findings);
  const table = tableOf(all.flatMap(({ figures }) => figures));
  process.stdout.write(`${[table, "", ...notes, `  Every round: ${file}`].join("\n")}\n`);
} finally {
  await rm(directory, { recursive: true, force: true });
}
