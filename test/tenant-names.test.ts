import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { TENANT_COPIES } from "#src/edge/control/published.ts";
import { TENANT_JOBS, WALKS } from "#src/edge/d1/purge-rows.ts";

const FILES = execFileSync(
  "git",
  ["ls-files", "--cached", "--others", "--exclude-standard", "src/edge", "src/compose"],
  { encoding: "utf8" },
)
  .split("\n")
  .filter((path) => path.endsWith(".ts") && existsSync(path));
const TEXTS = FILES.map((path) => readFileSync(path, "utf8"));

const found = (pattern: RegExp): ReadonlySet<string> =>
  new Set(TEXTS.flatMap((text) => [...text.matchAll(pattern)].map(([, kind = ""]) => kind)));

/** What begins so and goes on with a tenant's name, and is neither a job of its own nor a copy in KV. */
const OTHERS = {
  "a subject, an event or a target in the audit trail": [
    "destination",
    "dist",
    "held",
    "order",
    "subscription",
    "tree",
  ],
  "what a sealed text is bound to": ["delivery", "idempotency", "oversized", "poll", "profile"],
  "what a hash is made of": ["certificate"],
};

test("a name that a tenant's stands in is known to the purge, or is stored nowhere by itself", () => {
  const inTexts = found(/`([a-z_]+):\$\{[^}]*tenant[^}]*\}/gi);
  const inSql = found(/'([a-z_]+):' \|\| (?:\w+\.)?(?:tenant|value|\?1|\(value)/g);
  const jobs = Object.values(TENANT_JOBS).flat();
  const copies = TENANT_COPIES.map((copyOf) => copyOf("acme").replace(/:acme$/, ""));
  const known = new Set([...jobs, ...copies, "source", ...Object.values(OTHERS).flat()]);
  expect([...inTexts, ...inSql].filter((kind) => !known.has(kind))).toEqual([]);
  expect(inTexts.size).toBeGreaterThan(10);
  expect(inSql.size).toBeGreaterThan(3);
  // Lists of runs are named by their kind.
  expect([...found(/\blistOf<\w+>\(parts, "(\w+)"\)/g)].filter((kind) => !known.has(kind))).toEqual(
    [],
  );
});

test("a job of a shard that is saved as it goes is one that forgets where it stood", () => {
  const jobs = found(/`([a-z_]+):\$\{(?:shard\.)?index\}`/g);
  const saved = new Set([...WALKS, "sweep", "lines_due", "lines_void"]);
  /** Steps of cron that save nothing under that name, or a lease alone. */
  const PLACELESS = ["closes", "objects_lease", "polls", "quotas", "rebuild", "recompute"].concat([
    "reconcile",
    "replays",
    "runs",
    "sla",
    "wake",
  ]);
  const known = new Set([...saved, ...PLACELESS]);
  expect([...jobs].filter((kind) => !known.has(kind))).toEqual([]);
  expect([...saved].filter((kind) => !jobs.has(kind))).toEqual([]);
});
