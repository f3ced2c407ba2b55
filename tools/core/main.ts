import { parseArgs } from "node:util";
import { type CoreOptions, PARTS, startCore } from "./core.ts";

const USAGE = `npm run core -- [options]

  --port <n>          8790 where absent; 0: any that is free
  --host <address>    127.0.0.1 where absent
  --file <path>       where the books are kept; in memory where absent
  --auth <text>       what a gateway has to show (CORE_AUTH); made up where absent
  --admin-token <t>   what an administrator has to show (CORE_ADMIN_TOKEN); made up where absent
  --gateway <url>     {gateway}/in/{tenant}/{source}: where events go
  --source <name>     said in each event; needed where the tenant has several sources that speak our contract
  --secret <whsec_…>  what signs them (CORE_GATEWAY_SECRET)
  --tell-ms <n>       how often waiting events are sent; 1000 where absent
  --lines <n>         sells so many lines of the last 72 hours first
  --distributors <n>  to so many distributors; 100 where absent
  --seed <n>          1 where absent
  --without <list>    what it does not offer, of digests,within,buckets,payouts
`;

const PORT_MAX = 65_535;

const text = { type: "string" } as const;
const OPTIONS = {
  port: text,
  host: text,
  file: text,
  auth: text,
  "admin-token": text,
  gateway: text,
  source: text,
  secret: text,
  "tell-ms": text,
  lines: text,
  distributors: text,
  seed: text,
  without: text,
  help: { type: "boolean", short: "h" },
} as const;

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>["values"];

/** `npm run core`: the reference core, until it is interrupted. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: OPTIONS });
  if (values.help === true) {
    process.stdout.write(USAGE);
    return;
  }
  const core = await startCore(settingsOf(values, process.env));
  const lines = numberOf(values, "lines", 0, 10_000_000);
  if (lines > 0) sellFirst(core, values, lines);
  process.stdout.write(
    [
      `Core       ${core.url}`,
      `auth       ${core.auth}`,
      `admin      ${core.url}/admin  Authorization: Bearer ${core.adminToken}`,
      `lines      ${core.state().lines}\n`,
    ].join("\n"),
  );
  const timer = values.gateway === undefined ? undefined : tellOften(core, values);
  const stop = (): void => {
    clearInterval(timer);
    void core.close();
  };
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
}

function settingsOf(values: Values, env: NodeJS.ProcessEnv): CoreOptions {
  const given = {
    host: values.host,
    file: values.file,
    source: values.source,
    auth: values.auth ?? env["CORE_AUTH"],
    adminToken: values["admin-token"] ?? env["CORE_ADMIN_TOKEN"],
  };
  const named = Object.entries(given).filter(([, value]) => value !== undefined);
  return {
    port: numberOf(values, "port", 8790, PORT_MAX),
    ...Object.fromEntries(named),
    ...gatewayOf(values.gateway, values.secret ?? env["CORE_GATEWAY_SECRET"]),
    without: withoutOf(values.without),
  };
}

function withoutOf(list: string | undefined): (typeof PARTS)[number][] {
  return (list ?? "").split(",").flatMap((name) => {
    const part = PARTS.find((one) => one === name);
    if (part !== undefined) return [part];
    if (name === "") return [];
    throw new Error(`Cannot use --without "${name}": it is none of ${PARTS.join(", ")}`);
  });
}

function gatewayOf(url: string | undefined, secret: string | undefined): CoreOptions {
  if (url === undefined) return {};
  if (secret === undefined) throw new Error("Cannot tell a gateway anything: --secret is missing");
  return { gateway: { url, secret } };
}

type Core = Awaited<ReturnType<typeof startCore>>;

function sellFirst(core: Core, values: Values, lines: number): void {
  const nowMs = core.nowMs();
  core.sell({
    lines,
    distributors: numberOf(values, "distributors", 100, 10_000_000),
    seed: numberOf(values, "seed", 1, 2 ** 32 - 1),
    fromMs: nowMs - 72 * 3_600_000,
    toMs: nowMs,
    currency: "USD",
    events: "waiting",
  });
}

/** One after the other: events of a stream are sent in their order. */
function tellOften(core: Core, values: Values): NodeJS.Timeout {
  let isTelling = false;
  const tell = async (): Promise<void> => {
    if (isTelling) return;
    isTelling = true;
    try {
      await core.tell();
    } catch (error) {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    } finally {
      isTelling = false;
    }
  };
  return setInterval(() => void tell(), numberOf(values, "tell-ms", 1000, 3_600_000));
}

function numberOf(
  values: Values,
  name: "port" | "tell-ms" | "lines" | "distributors" | "seed",
  usual: number,
  max: number,
): number {
  const given = values[name];
  if (given === undefined) return usual;
  const value = /^\d{1,10}$/.test(given) ? Number(given) : Number.NaN;
  if (value <= max) return value;
  throw new Error(`Cannot use --${name} "${given}": it is no whole number from 0 to ${max}`);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
