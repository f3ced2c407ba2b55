import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { createClient, type GatewayClient, member } from "./local/client.ts";
import { DEMO_TENANT } from "./local/sample.ts";
import { readSettings, runScript } from "./local/settings.ts";
import { readSecrets } from "./local/state.ts";

/** How often it is asked how far it is. */
const POLL_MS = 2000;

interface Options {
  readonly url: string;
  readonly tenant: string;
  readonly token: string;
  readonly body: object;
}

/** `npm run rebuild`: has a tenant's mirror rebuilt from its objects, and tells how that went. */
async function rebuild(): Promise<void> {
  const { url, tenant, token, body } = readOptions();
  const client = createClient(url, token);
  const path = `/v1/tenants/${encodeURIComponent(tenant)}/rebuilds`;
  const started = await client.must(`POST ${path}`, body);
  const id = String(member(started, "rebuild_id"));
  process.stderr.write(`${id} is on its way\n`);
  const ended = await endOf(client, `${path}/${id}`);
  process.stdout.write(summaryOf(tenant, ended));
  process.exitCode = isWhole(ended) ? 0 : 1;
}

function readOptions(): Options {
  const settings = readSettings(process.env);
  const { values } = parseArgs({
    options: {
      url: { type: "string", default: `http://127.0.0.1:${settings.port}` },
      tenant: { type: "string", default: DEMO_TENANT },
      token: { type: "string" },
      reason: { type: "string" },
      thaw: { type: "string", multiple: true },
      "archive-from": { type: "string" },
      "reprice-from": { type: "string" },
    },
  });
  const known = settings.adminToken ?? readSecrets(settings.stateDir)?.adminToken;
  const token = values.token ?? known;
  if (token === undefined) {
    throw new Error("Cannot rebuild: give the --token of an admin, or set ADMIN_TOKEN");
  }
  const { reason, thaw, "archive-from": archive_from, "reprice-from": reprice_from } = values;
  if (reason === undefined) throw new Error("Cannot rebuild: give a --reason, for the audit trail");
  const body = { reason, thaw, archive_from, reprice_from };
  return { url: values.url.replace(/\/$/, ""), tenant: values.tenant, token, body };
}

/** The rebuild, once it has ended; tells on the way where it is. */
async function endOf(client: GatewayClient, path: string): Promise<unknown> {
  let told = "";
  for (;;) {
    const shown = await client.must(`GET ${path}`);
    if (member(shown, "state") !== "running") return shown;
    const report = member(shown, "report");
    const now = `${text(shown, "phase")}: ${text(report, "looked_at")} of ${text(report, "named")} subjects`;
    if (now !== told) process.stderr.write(`${now}\n`);
    told = now;
    await pause(POLL_MS);
  }
}

const text = (of: unknown, name: string): string => String(member(of, name));

const entriesOf = (of: unknown): readonly (readonly [string, unknown])[] =>
  typeof of === "object" && of !== null ? Object.entries(of) : [];

const namesOf = (of: unknown, name: string): readonly unknown[] => {
  const names = member(of, name);
  return Array.isArray(names) ? names : [];
};

const LISTS = ["frozen", "not_found", "failed"] as const;

/** Whether the mirror is what the objects tell, and nobody has to look. */
function isWhole(rebuilt: unknown): boolean {
  const report = member(rebuilt, "report");
  return (
    member(rebuilt, "state") === "done" &&
    LISTS.every((name) => namesOf(report, name).length === 0) &&
    member(report, "behind") === 0 &&
    member(report, "sums_left") === false
  );
}

const listed = (of: unknown): string =>
  entriesOf(of)
    .map(([name, n]) => `${String(n)} ${name}`)
    .join(", ");

function summaryOf(tenant: string, rebuilt: unknown): string {
  const report = member(rebuilt, "report");
  const results = listed(member(report, "results"));
  const rows = listed(member(report, "rows")) || "none";
  const error = member(rebuilt, "error");
  return [
    `${tenant}: ${text(rebuilt, "state")} in ${text(rebuilt, "seconds")} s, ${text(report, "named")} subjects named: ${results}`,
    `Rows that were wrong: ${rows}`,
    ...LISTS.flatMap((name) => {
      const names = namesOf(report, name);
      return names.length === 0 ? [] : [`${name.replace("_", " ")}: ${names.join(", ")}`];
    }),
    ...(member(report, "behind") === 0 ? [] : [`Not mirrored yet: ${text(report, "behind")}`]),
    ...(member(report, "sums_left") === true
      ? ["Volumes and digests of transfers were left as they were"]
      : []),
    ...(typeof error === "string" ? [error] : []),
    "",
  ].join("\n");
}

await runScript(rebuild);
