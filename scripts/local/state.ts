import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import * as z from "zod";

/** The length that src/config.ts asks of it. */
const ADMIN_TOKEN_CHARS_MIN = 16;

const Stored = z.object({
  masterKey: z.string(),
  adminToken: z.string(),
  /** Secrets of the sources that scripts made, by `{tenant}/{source}`. */
  sourceSecrets: z.record(z.string(), z.string()),
});

/** What a local gateway has to find again after a restart. */
export type LocalSecrets = Readonly<z.infer<typeof Stored>>;

const fileIn = (stateDir: string): string => path.join(stateDir, "secrets.json");

/** What earlier runs kept, or nothing where there was none. */
export function readSecrets(stateDir: string): LocalSecrets | undefined {
  let text: string;
  try {
    text = readFileSync(fileIn(stateDir), "utf8");
  } catch {
    return undefined;
  }
  return Stored.parse(JSON.parse(text));
}

/** Keys are made once: without its MASTER_KEY nothing in the state directory opens again. */
export function keepSecrets(stateDir: string, adminToken?: string): LocalSecrets {
  if (adminToken !== undefined && adminToken.length < ADMIN_TOKEN_CHARS_MIN) {
    throw new Error(
      `Cannot use ADMIN_TOKEN: it has fewer than ${ADMIN_TOKEN_CHARS_MIN} characters`,
    );
  }
  const kept = readSecrets(stateDir);
  const secrets: LocalSecrets = {
    masterKey: kept?.masterKey ?? randomBytes(32).toString("base64"),
    adminToken: adminToken ?? kept?.adminToken ?? randomBytes(24).toString("base64url"),
    sourceSecrets: kept?.sourceSecrets ?? {},
  };
  write(stateDir, secrets);
  return secrets;
}

/** The `whsec_…` of a source: the same one every time it is asked for. */
export function keepSourceSecret(stateDir: string, source: string): string {
  const secrets = keepSecrets(stateDir);
  const known = secrets.sourceSecrets[source];
  if (known !== undefined) return known;
  const secret = `whsec_${randomBytes(32).toString("base64")}`;
  write(stateDir, { ...secrets, sourceSecrets: { ...secrets.sourceSecrets, [source]: secret } });
  return secret;
}

/** Whole or not at all: a MASTER_KEY cut off half-way would lose everything sealed with it. */
function write(stateDir: string, secrets: LocalSecrets): void {
  mkdirSync(stateDir, { recursive: true });
  const file = fileIn(stateDir);
  const draft = `${file}.${process.pid}.tmp`;
  writeFileSync(draft, `${JSON.stringify(secrets, undefined, 2)}\n`, { mode: 0o600 });
  chmodSync(draft, 0o600);
  renameSync(draft, file);
}
