import { createClient } from "./local/client.ts";
import { type Gateway, startGateway } from "./local/gateway.ts";
import { DEMO_SOURCE, DEMO_TENANT, signSample, statusCurl } from "./local/sample.ts";
import { readSettings, runScript } from "./local/settings.ts";
import { keepSourceSecret } from "./local/state.ts";

/** `npm start`: the gateway on this machine, with a tenant to try it on. */
async function start(): Promise<void> {
  const settings = readSettings(process.env);
  const stopping = stopOnSignal();
  const gateway = await startGateway({ ...settings, quiet: process.env["QUIET"] === "1" });
  stopping.gateway = gateway;
  const secret = keepSourceSecret(settings.stateDir, `${DEMO_TENANT}/${DEMO_SOURCE}`);
  await prepareDemo(gateway, secret);
  await greet(gateway, secret);
}

/** Putting the same again changes nothing. */
async function prepareDemo({ url, adminToken }: Gateway, secret: string): Promise<void> {
  const { must } = createClient(url, adminToken);
  const tenant = `/v1/tenants/${DEMO_TENANT}`;
  await must(`PUT ${tenant}`, { name: "Demo", mode: "mirror", currency: "USD" });
  await must(`PUT ${tenant}/sources/${DEMO_SOURCE}`, {
    sender: "standard",
    auth: { secrets: [secret] },
  });
}

async function greet({ url, adminToken }: Gateway, secret: string): Promise<void> {
  const sample = await signSample({ url, secret }, Date.now());
  process.stdout.write(`
Upline is up.

  API          ${url}/v1
  Described    ${url}/docs, ${url}/openapi.json
  Console      ${url}/console#demo (with the admin token)
  Admin token  ${adminToken}

Post a signed event (good for five minutes, then ask for another: npm run -s sign):

${sample.post}

See what it did:

${statusCurl(sample.status, adminToken)}

Ctrl-C ends it.
`);
}

/**
 * The first signal lets what was accepted be consumed; a second one does not wait. Before the
 * gateway is up there is nothing to wait for: leaving runs the hooks that end its children.
 */
function stopOnSignal(): { gateway?: Gateway } {
  const stopping: { gateway?: Gateway; isStopping?: boolean } = {};
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      if (stopping.gateway === undefined || stopping.isStopping) process.exit(1);
      stopping.isStopping = true;
      process.stderr.write("Stopping: what was accepted is worked off first\n");
      stopping.gateway.stop().then(
        () => process.exit(0),
        (error: unknown) => {
          process.stderr.write(`Cannot stop cleanly: ${String(error)}\n`);
          process.exit(1);
        },
      );
    });
  }
  return stopping;
}

await runScript(start);
