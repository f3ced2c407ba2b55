import { readdirSync, readFileSync } from "node:fs";
import { SENDERS } from "#src/senders/index.ts";
import type { Sender } from "#src/senders/sender.ts";

const DOCS = new URL("../../docs/senders/", import.meta.url);
const INDEX = "README.md";

/** A page of `docs/senders`, taken apart. */
interface Page {
  /** The name of its file without `.md`: its sender's. */
  readonly name: string;
  readonly title: string;
  readonly headings: readonly string[];
  /** What stands below a heading of level 2; empty where there is none. */
  readonly section: (heading: string) => string;
}

/** A table's row: its cells by what heads their columns, in lower case. */
export type Row = Readonly<Record<string, string>>;

/** Every sender under its own name: an alias has no page. */
export const senders: readonly Sender[] = [...SENDERS]
  .filter(([name, sender]) => name === sender.name)
  .map(([, sender]) => sender);

export const pageNames: readonly string[] = readdirSync(DOCS)
  .filter((file) => file.endsWith(".md") && file !== INDEX)
  .map((file) => file.slice(0, -".md".length))
  .toSorted();

export const readIndex = (): string => readFileSync(new URL(INDEX, DOCS), "utf8");

/** The page of a sender. Throws with its name where it has none. */
export function readPage(name: string): Page {
  if (!pageNames.includes(name)) throw new Error(`docs/senders/${name}.md is missing`);
  const text = readFileSync(new URL(`${name}.md`, DOCS), "utf8").replaceAll("\r\n", "\n");
  const parts = partsOf(text);
  return {
    name,
    title: /^# (.+)\n/.exec(text)?.[1] ?? "",
    headings: parts.map(({ heading }) => heading),
    section: (wanted) => parts.find(({ heading }) => heading === wanted)?.text ?? "",
  };
}

/** A `##` inside of a fence heads nothing. */
function partsOf(text: string): readonly { readonly heading: string; readonly text: string }[] {
  const parts: { heading: string; text: string }[] = [];
  let isFenced = false;
  for (const line of text.split("\n")) {
    if (line.startsWith("```")) isFenced = !isFenced;
    const heading = isFenced ? undefined : /^## (.+)$/.exec(line)?.[1];
    const last = parts.at(-1);
    if (heading !== undefined) parts.push({ heading: heading.trim(), text: "" });
    else if (last !== undefined) last.text += `${line}\n`;
  }
  return parts;
}

/** The rows of all tables in a text. A `|` inside of a cell is written `\|`. */
export function rowsOf(text: string): readonly Row[] {
  const rows: Row[] = [];
  let heads: readonly string[] | undefined;
  for (const line of text.split("\n")) {
    if (!line.trimStart().startsWith("|")) {
      heads = undefined;
    } else if (heads === undefined) {
      heads = cellsOf(line).map((cell) => cell.toLowerCase());
    } else if (!/^[\s|:-]+$/.test(line)) {
      const cells = cellsOf(line);
      rows.push(Object.fromEntries(heads.map((head, at) => [head, cells[at] ?? ""])));
    }
  }
  return rows;
}

const cellsOf = (line: string): readonly string[] =>
  line
    .trim()
    .replace(/^\|/, "")
    .replace(/(?<!\\)\|$/, "")
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll("\\|", "|"));

/** What stands in backticks. */
export const codesIn = (text: string): readonly string[] =>
  [...text.matchAll(/`([^`\n]+)`/g)].map(([, code = ""]) => code);

/** The JSON of every fence that is marked as such. Throws where one is none. */
export const examplesIn = (text: string): readonly unknown[] =>
  [...text.matchAll(/^```json\n([\s\S]*?)^```/gm)].map(([, json = ""]): unknown =>
    JSON.parse(json),
  );
