import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test, vi } from "vitest";
import { member, pause } from "../../scripts/local/client.ts";
import { makeStateDir } from "./support/gateway.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");
const VISIBLE_MS_MAX = 5000;

const bash = async (line: string): Promise<string> =>
  (await promisify(execFile)("bash", ["-c", line])).stdout;

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => {
        resolve(typeof address === "object" && address !== null ? address.port : 0);
      });
    });
  });
}

/** Reads what it prints until it is up. */
async function readGreeting(child: ChildProcess): Promise<string> {
  let text = "";
  for await (const chunk of child.stdout ?? []) {
    text += String(chunk);
    if (text.includes("Ctrl-C ends it")) return text;
  }
  throw new Error(`It ended early: ${text}`);
}

function childrenOf(pid: number | undefined): readonly number[] {
  const processes = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return processes.map(Number).filter((child) => {
    try {
      const stat = readFileSync(`/proc/${child}/stat`, "utf8");
      const [, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return Number(parent) === pid;
    } catch {
      return false;
    }
  });
}

/** A zombie is dead: it only waits for somebody to take note. */
const isAlive = (pid: number): boolean => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return !stat.slice(stat.lastIndexOf(")") + 2).startsWith("Z");
  } catch {
    return false;
  }
};

const curlIn = (greeting: string, place: string): string => {
  const line = greeting.split("\n").find((text) => text.startsWith("curl") && text.includes(place));
  if (line === undefined) throw new Error(`It printed no curl for ${place}`);
  return line;
};

test("prints a curl that is accepted and shows in the status, and leaves nothing behind", async () => {
  const { stateDir, remove } = makeStateDir();
  const port = await freePort();
  const child = spawn(process.execPath, ["scripts/start.ts"], {
    cwd: ROOT,
    env: { ...process.env, PORT: String(port), STATE_DIR: stateDir },
    stdio: ["ignore", "pipe", "ignore"],
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
    remove();
  });
  const greeting = await readGreeting(child);
  const children = childrenOf(child.pid);
  expect(children.length).toBeGreaterThan(0);

  const post = curlIn(greeting, "/in/");
  expect(await bash(post)).toContain("202 Accepted");
  const sentMs = performance.now();
  const status = await visibleStatus(curlIn(greeting, "/v1/"));
  expect(performance.now() - sentMs).toBeLessThan(VISIBLE_MS_MAX);
  expect(member(status, "balances", "USD", "held", "amount_minor")).toBe(2500);
  expect(await bash(post)).toContain("202 Accepted");
  const { stdout: sample } = await promisify(execFile)(process.execPath, ["scripts/sign.ts"], {
    cwd: ROOT,
    env: { ...process.env, PORT: String(port), STATE_DIR: stateDir },
  });
  expect(await bash(sample)).toContain("202 Accepted");

  child.kill("SIGINT");
  const [code] = await once(child, "exit");
  expect(code).toBe(0);
  await vi.waitUntil(() => children.every((pid) => !isAlive(pid)), { timeout: 2000 });
});

async function visibleStatus(curl: string): Promise<unknown> {
  const untilMs = performance.now() + VISIBLE_MS_MAX;
  for (;;) {
    const status: unknown = JSON.parse(await bash(curl));
    if (member(status, "distributor_id") !== undefined) return status;
    if (performance.now() > untilMs) throw new Error("It does not show in the status");
    await pause(100);
  }
}

test("says in one line that its port is taken", async () => {
  const { stateDir, remove } = makeStateDir();
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const run = promisify(execFile)(process.execPath, ["scripts/start.ts"], {
    cwd: ROOT,
    env: { ...process.env, PORT: String(port), STATE_DIR: stateDir },
  });
  await expect(run).rejects.toMatchObject({
    code: 1,
    stderr: `Cannot listen on port ${port}: it is taken; set PORT to another one\n`,
  });
  server.close();
  remove();
});
