import { findChromium, INSTALL } from "./chromium.ts";

/** Says what the run leaves out: a skipped test alone does not tell why. */
export function setup(): void {
  if (findChromium() !== undefined) return;
  process.stderr.write(
    `No Chromium: test/pages (the pages in a browser) is left out; ${INSTALL}.\n`,
  );
}
