import { signSample, statusCurl, DEMO_SOURCE, DEMO_TENANT } from "./local/sample.ts";
import { readSettings, runScript } from "./local/settings.ts";
import { readSecrets } from "./local/state.ts";

/** `npm run -s sign`: one more signed delivery for the gateway that `npm start` runs. */
async function sign(): Promise<void> {
  const { port, stateDir, adminToken } = readSettings(process.env);
  const secrets = readSecrets(stateDir);
  const secret = secrets?.sourceSecrets[`${DEMO_TENANT}/${DEMO_SOURCE}`];
  if (secrets === undefined || secret === undefined) {
    throw new Error(`Cannot sign: "${stateDir}" holds no secret yet; run npm start first`);
  }
  const url = `http://127.0.0.1:${port}`;
  const sample = await signSample({ url, secret }, Date.now());
  process.stdout.write(`${sample.post}\n`);
  // Beside the command, not in it: `eval "$(npm run -s sign)"` posts.
  process.stderr.write(`${statusCurl(sample.status, adminToken ?? secrets.adminToken)}\n`);
}

await runScript(sign);
