import { accessSync, constants } from "node:fs";
import type { Browser } from "playwright-core";

/** Where Debian, its children and Google's own packages put it. */
const PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/snap/bin/chromium",
];

export const INSTALL = "apt-get install chromium, or CHROMIUM=/path/to/it";

/**
 * The Chromium of this machine; nothing where it has none. `CHROMIUM` names another one, and an
 * empty `CHROMIUM` leaves these tests out.
 */
export function findChromium(): string | undefined {
  const named = process.env["CHROMIUM"];
  if (named === undefined) return PLACES.find(isExecutable);
  if (named === "" || isExecutable(named)) return named || undefined;
  throw new Error(`Cannot run CHROMIUM=${named}: it is no executable file`);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Without a window, and without any other host: what a page asks of one fails as it would offline. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error(`Cannot find Chromium: ${INSTALL}`);
  // Nobody waits for it where there is no Chromium.
  const { chromium } = await import("playwright-core");
  const isRoot = process.getuid?.() === 0;
  return chromium.launch({
    executablePath,
    // Chromium's own sandbox refuses to work for root, as in most containers.
    chromiumSandbox: !isRoot,
    args: ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--disable-dev-shm-usage"],
  });
}
