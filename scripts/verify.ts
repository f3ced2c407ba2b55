import { parseArgs } from "node:util";
import { DEMO_TENANT } from "./local/sample.ts";
import { readSettings, runScript } from "./local/settings.ts";
import { readSecrets } from "./local/state.ts";
import { openSource } from "./verify/source.ts";
import { type Verdict, verifyTenant } from "./verify/tenant.ts";

/** Differences written out; the first of them is what to look at. */
const SHOWN_MAX = 20;

/** `npm run verify`: computes a tenant's books again from its objects' logs, apart from the gateway. */
async function verify(): Promise<void> {
  const { url, tenant, token } = readOptions();
  const source = openSource({ url, tenant, token, fetch });
  const verdict = await verifyTenant(source);
  process.stdout.write(summaryOf(tenant, verdict));
  process.exitCode = verdict.findings.length === 0 ? 0 : 1;
}

function readOptions() {
  const settings = readSettings(process.env);
  const { values } = parseArgs({
    options: {
      url: { type: "string", default: `http://127.0.0.1:${settings.port}` },
      tenant: { type: "string", default: DEMO_TENANT },
      token: { type: "string" },
    },
  });
  const known = settings.adminToken ?? readSecrets(settings.stateDir)?.adminToken;
  const token = values.token ?? known;
  if (token === undefined) {
    throw new Error("Cannot verify: give a --token that may read the audit, or set ADMIN_TOKEN");
  }
  return { url: values.url.replace(/\/$/, ""), tenant: values.tenant, token };
}

function summaryOf(tenant: string, verdict: Verdict): string {
  const { chains, rows, transfers, lines, orders, anchors, findings } = verdict;
  const looked = `${tenant}: ${chains} chains of ${rows} rows, ${anchors} anchors, ${transfers} transfers, ${lines} lines, ${orders} orders`;
  const [first] = findings;
  if (first === undefined) return `${looked}: everything holds\n`;
  const shown = findings.slice(1, SHOWN_MAX).map((finding) => `  ${sentenceOf(finding)}\n`);
  const rest = findings.length > SHOWN_MAX ? `  and ${findings.length - SHOWN_MAX} more\n` : "";
  return `${looked}: ${findings.length} things do not hold
First bad entry: ${sentenceOf(first)}
${shown.join("")}${rest}`;
}

const sentenceOf = ({ subject, position, what }: Verdict["findings"][number]): string =>
  position === null ? `${subject}: ${what}` : `${subject}, position ${position}: ${what}`;

await runScript(verify);
