import { spawnSync } from "node:child_process";
import { copyAssets } from "./local/assets.ts";

/*
 * `npm run deploy -- staging|production`: migrations first (additive, as the old code runs on for
 * minutes), then the Worker, then what no wrangler setting says: read replication of the mirror.
 */

const [environment] = process.argv.slice(2);
if (environment !== "staging" && environment !== "production") {
  console.error("Usage: npm run deploy -- staging|production");
  process.exit(2);
}

function run(...words: readonly string[]): string {
  const done = spawnSync("wrangler", [...words, "--env", environment ?? ""], {
    encoding: "utf8",
    stdio: ["inherit", "pipe", "inherit"],
  });
  process.stdout.write(done.stdout);
  if (done.status !== 0) process.exit(done.status ?? 1);
  return done.stdout;
}

const database = `upline-${environment}-mirror-0`;
run("d1", "migrations", "apply", database, "--remote");
copyAssets();
run("deploy");
await switchOnReplication(run("d1", "info", database, "--json"));

/** D1's read replicas: https://developers.cloudflare.com/d1/best-practices/read-replication/ */
async function switchOnReplication(info: string): Promise<void> {
  const { CLOUDFLARE_ACCOUNT_ID: account, CLOUDFLARE_API_TOKEN: token } = process.env;
  if (account === undefined || token === undefined) {
    console.error(
      "Read replication was not switched on: set CLOUDFLARE_ACCOUNT_ID and CLOUDFLARE_API_TOKEN",
    );
    process.exit(1);
  }
  const { uuid }: { uuid: string } = JSON.parse(info);
  const response = await fetch(
    `https://api.cloudflare.com/client/v4/accounts/${account}/d1/database/${uuid}`,
    {
      method: "PUT",
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
      body: JSON.stringify({ read_replication: { mode: "auto" } }),
    },
  );
  if (!response.ok) throw new Error(`Cannot switch on read replication: ${response.status}`);
  console.log(`Read replication of ${database} is on`);
}
