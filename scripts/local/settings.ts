/** The environment of the local scripts (DESIGN «Local run»), with what stands in its place. */
export interface LocalSettings {
  readonly port: number;
  readonly stateDir: string;
  readonly adminToken?: string;
}

const PORT_DEFAULT = 8787;
const PORT_MAX = 65_535;

export function readSettings(env: NodeJS.ProcessEnv): LocalSettings {
  const { PORT, STATE_DIR, ADMIN_TOKEN } = env;
  const port = PORT === undefined || PORT === "" ? PORT_DEFAULT : Number(PORT);
  if (!Number.isInteger(port) || port < 0 || port > PORT_MAX) {
    throw new Error(`Cannot use PORT "${String(PORT)}": it is no number from 0 to ${PORT_MAX}`);
  }
  return {
    port,
    stateDir: STATE_DIR === undefined || STATE_DIR === "" ? ".wrangler/state" : STATE_DIR,
    ...(ADMIN_TOKEN === undefined || ADMIN_TOKEN === "" ? {} : { adminToken: ADMIN_TOKEN }),
  };
}

/** Runs a script: what goes wrong is one line for a person, not a stack. */
export async function runScript(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
