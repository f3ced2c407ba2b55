import { writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { availableParallelism, cpus, loadavg } from "node:os";
import path from "node:path";
import { type Figure, type Findings, isMet } from "./figure.ts";

const FILE = path.join(import.meta.dirname, "results.json");
const require = createRequire(import.meta.url);

/** The table that `npm run bench` ends with. */
export function tableOf(figures: readonly Figure[]): string {
  const head = ["figure", "unit", "ours", "bare", "ratio", "budget", "met"];
  const rows = figures.map((figure) => [
    `${figure.group}: ${figure.name}`,
    figure.unit,
    show(figure.ours),
    show(figure.bare),
    show(figure.ratio),
    showBudget(figure.budget),
    showMet(isMet(figure)),
  ]);
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)),
  );
  const lay = (row: readonly string[]) =>
    row
      .map((cell, i) =>
        i < 2 || i > 4 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0),
      )
      .join("  ")
      .trimEnd();
  return [lay(head), lay(widths.map((width) => "-".repeat(width))), ...rows.map(lay)].join("\n");
}

function show(value: number | undefined): string {
  if (value === undefined) return "";
  if (Number.isInteger(value)) return String(value);
  return value >= 100 ? value.toFixed(0) : value.toFixed(2);
}

function showBudget(budget: Figure["budget"]): string {
  if (budget === undefined) return "";
  const { of, atLeast, atMost } = budget;
  const what = of === "ratio" ? "× bare" : "";
  const bound = atLeast === undefined ? `≤ ${String(atMost)}` : `≥ ${atLeast}`;
  return `${bound} ${what}`.trim();
}

function showMet(met: boolean | undefined): string {
  if (met === undefined) return "";
  return met ? "yes" : "NO";
}

/** Everything that was measured, each round of it, and on what. */
export async function writeResults(findings: Readonly<Record<string, Findings>>): Promise<string> {
  const versions = {
    node: process.version,
    wrangler: versionOf("wrangler"),
    miniflare: versionOf("miniflare"),
    workerd: versionOf("workerd"),
  };
  const machine = {
    cpus: availableParallelism(),
    model: cpus()[0]?.model ?? "unknown",
    loadBefore: loadavg(),
  };
  const results = Object.fromEntries(
    Object.entries(findings).map(([part, { figures, notes, rounds }]) => [
      part,
      { figures: figures.map((figure) => ({ ...figure, met: isMet(figure) })), notes, rounds },
    ]),
  );
  const date = new Date().toISOString();
  await writeFile(
    FILE,
    `${JSON.stringify({ date, versions, machine, ...results }, undefined, 2)}\n`,
  );
  return FILE;
}

function versionOf(name: string): string {
  const manifest: { readonly version: string } = require(`${name}/package.json`);
  return manifest.version;
}
