import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LocalGateway, makeStateDir, startLocal } from "./support/gateway.ts";

const GUIDE = join(import.meta.dirname, "../../docs/api.md");
const MARK = "--- end of block ---";

const { stateDir, remove } = makeStateDir();
let gateway: LocalGateway;
let outputs: readonly string[] = [];

interface Step {
  readonly line: number;
  readonly script: string;
  /** What it prints, `…` for whatever stands there. */
  readonly shown: string;
}

/** Each block of bash with the block of text that follows it. */
function stepsOf(markdown: string): readonly Step[] {
  const blocks = [...markdown.matchAll(/^```bash\n(.*?)^```\n(?:\n```text\n(.*?)^```)?/gms)];
  return blocks.map(({ index, 1: script = "", 2: shown = "" }) => ({
    line: markdown.slice(0, index).split("\n").length,
    script,
    shown: shown.trimEnd(),
  }));
}

const steps = stepsOf(readFileSync(GUIDE, "utf8"));

/** All of them in one shell: later ones use what earlier ones have set. */
async function run(environment: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const bash = spawn("bash", ["-s"], {
    env: { ...process.env, ...environment },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const script = steps.map((step) => `${step.script}\necho; echo '${MARK}'\n`).join("");
  bash.stdin.end(`set -euo pipefail\n${script}`);
  let text = "";
  bash.stdout.on("data", (piece: Buffer) => {
    text += piece.toString();
  });
  const [code] = await once(bash, "close");
  return [...text.split(`${MARK}\n`).map((part) => part.trim()), `exit ${String(code)}`];
}

const patternOf = (shown: string): RegExp => {
  const parts = shown
    .split("…")
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join("[^]*")}$`, "i");
};

beforeAll(async () => {
  gateway = await startLocal(stateDir);
  outputs = await run({ UPLINE: gateway.url, ADMIN_TOKEN: gateway.adminToken });
}, 120_000);

afterAll(async () => {
  await gateway.stop();
  remove();
});

describe("docs/api.md", () => {
  test("has commands, which all ran", () => {
    expect(steps.length).toBeGreaterThan(12);
    expect(outputs.at(-1)).toBe("exit 0");
  });

  test.each(steps.map((step, i) => ({ ...step, i })))(
    "shows in line $line what is answered",
    ({ i, shown }) => {
      expect(shown).not.toBe("");
      expect(outputs[i]).toMatch(patternOf(shown));
    },
  );
});
