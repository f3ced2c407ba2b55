import { keepBooks, type Books } from "./demo/company.ts";
import { packDeliveries } from "./demo/deliveries.ts";
import { drive, type Traffic } from "./demo/drive.ts";
import { type DemoOptions, readOptions } from "./demo/options.ts";
import { createProgress, printReport } from "./demo/report.ts";
import { makeSources } from "./demo/sources.ts";
import { tellStory } from "./demo/story.ts";
import { compareBooks, readOutcomes, waitForOutcomes } from "./demo/verify.ts";
import { createClient, type GatewayClient } from "./local/client.ts";
import { startGateway } from "./local/gateway.ts";
import { answers } from "./local/hold.ts";
import { waitUntilIdle } from "./local/idle.ts";
import { readSettings, runScript } from "./local/settings.ts";
import { readSecrets } from "./local/state.ts";

const SETTLE_MS_MAX = 300_000;
const COMPANIES_MAX = 10_000;

/** `npm run demo`: a company at work, and at the end its books against the gateway's. */
async function demo(): Promise<void> {
  const options = readOptions(process.argv.slice(2), process.env);
  const { client, stop } = await reachGateway();
  try {
    const mismatches = await run(client, options);
    process.exitCode = mismatches === 0 ? 0 : 1;
  } finally {
    await stop();
  }
}

/** The gateway that runs already, or one for this run. */
async function reachGateway(): Promise<{ client: GatewayClient; stop: () => Promise<void> }> {
  const settings = readSettings(process.env);
  const url = `http://127.0.0.1:${settings.port}`;
  if (settings.port !== 0 && (await answers(url))) {
    const token = settings.adminToken ?? readSecrets(settings.stateDir)?.adminToken;
    if (token === undefined) {
      throw new Error(`Cannot use the gateway at ${url}: set its ADMIN_TOKEN or its STATE_DIR`);
    }
    return { client: createClient(url, token), stop: async () => {} };
  }
  process.stdout.write("Starting a gateway\n");
  const gateway = await startGateway({ ...settings, quiet: true });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
  return { client: createClient(gateway.url, gateway.adminToken), stop: gateway.stop };
}

async function run(client: GatewayClient, options: DemoOptions): Promise<number> {
  const tenant = await foundCompany(client);
  const ingestUrl = `${client.url}/in/${tenant}`;
  const sources = await makeSources(ingestUrl);
  for (const { name, setup } of sources) {
    await client.must(`PUT /v1/tenants/${tenant}/sources/${name}`, setup);
  }
  const events = tellStory(options);
  const deliveries = packDeliveries(events, options.seed);
  process.stdout.write(
    `${tenant}: ${options.distributors} distributors, ${events.length} events in ` +
      `${deliveries.length} deliveries, ${options.rate} a second, seed ${options.seed}\n`,
  );

  const progress = createProgress();
  const onProgress = ({ sent, accepted, refused }: Traffic) => {
    progress.show(`${sent} of ${deliveries.length}: ${accepted} accepted, ${refused} refused`);
  };
  const traffic = await drive({ ingestUrl, sources, deliveries, rate: options.rate, onProgress });
  progress.end(`Sent all ${traffic.sent}; waiting for every event's outcome`);

  const isIdle = await waitUntilIdle(client, [tenant], SETTLE_MS_MAX);
  const tookMs = performance.now() - traffic.startedMs;
  const read = () => readOutcomes(client, tenant);
  const outcomes = await waitForOutcomes(read, traffic.promised, isIdle ? 30_000 : 0);
  const books = keepBooks(events);
  const mismatches = [
    ...(isIdle ? [] : ["The pipeline never was idle"]),
    ...traffic.surprises,
    ...compareOutcomes(traffic, outcomes, books),
    ...(await compareBooks({ client, tenant }, books)),
  ];
  printReport({ traffic, outcomes, mismatches, tookMs });
  return mismatches.length;
}

/** The first `demo-company-<n>` that is not there yet. */
async function foundCompany({ call, must }: GatewayClient): Promise<string> {
  for (let n = 1; n <= COMPANIES_MAX; n += 1) {
    const tenant = `demo-company-${n}`;
    const { status } = await call(`GET /v1/tenants/${tenant}`);
    if (status !== 404) continue;
    await must(`PUT /v1/tenants/${tenant}`, { name: tenant, mode: "mirror", currency: "USD" });
    return tenant;
  }
  throw new Error(`Cannot found another company: there are ${COMPANIES_MAX}`);
}

/** Each promised event needs an outcome, and those of the cores the one our books gave them. */
function compareOutcomes(
  { promised }: Traffic,
  outcomes: ReadonlyMap<string, string>,
  books: Books,
): readonly string[] {
  return [...promised].flatMap((name) => {
    const outcome = outcomes.get(name);
    const ours = books.outcomes.get(name.slice(name.indexOf(" ") + 1));
    const isAsBooked = outcome !== undefined && (ours === undefined || ours === outcome);
    return isAsBooked ? [] : [`${name}: ${outcome ?? "no outcome"}, not ${ours ?? "any"}`];
  });
}

await runScript(demo);
