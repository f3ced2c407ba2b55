import { readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import type { Sender } from "#src/senders/sender.ts";
import { deliver } from "./deliver.ts";
import { parseHttpFile } from "./http-file.ts";
import { pageNames, readPage, type Row, rowsOf, senders } from "./page.ts";

const PAYLOADS = new URL("fixtures/payloads/", import.meta.url);
const NOT_INBOUND = "not inbound";

const files: readonly string[] = readdirSync(PAYLOADS).toSorted();

/** One row of a page's table of payloads. */
interface Told {
  readonly page: string;
  readonly file: string;
  readonly outcome: string;
  readonly options: z.output<typeof Options>;
  readonly headers: z.output<typeof Headers>;
}

const Options = z.record(z.string(), z.json());
const Headers = z.record(z.string(), z.string());

const plain = (cell = ""): string => cell.replaceAll("`", "").trim();

function toldBy(page: string, row: Row): Told {
  const file = plain(row["file"]);
  const read = <Schema extends z.ZodType>(column: string, schema: Schema): z.output<Schema> => {
    const cell = plain(row[column]);
    try {
      return schema.parse(JSON.parse(cell === "" ? "{}" : cell));
    } catch {
      throw new Error(
        `docs/senders/${page}.md, row ${file}: ${column} is not the JSON it should be`,
      );
    }
  };
  const outcome = plain(row["outcome"]);
  return {
    page,
    file,
    outcome,
    options: read("options", Options),
    headers: read("headers", Headers),
  };
}

const told: readonly Told[] = pageNames.flatMap((page) =>
  rowsOf(readPage(page).section("Payloads")).map((row) => toldBy(page, row)),
);

/** A payload as its sender brings it. */
function deliveryOf({ file, headers }: Told) {
  const bytes = readFileSync(new URL(file, PAYLOADS));
  if (file.endsWith(".http")) {
    const request = parseHttpFile(bytes.toString("utf8"));
    return deliver({ ...request, headers: { ...request.headers, ...headers } });
  }
  return deliver({ headers, body: file.endsWith(".gz") ? gunzipSync(bytes) : bytes });
}

/** What became of a payload, in the words of the pages. */
function outcomeOf(sender: Sender, row: Told): readonly string[] {
  const context = { tenant: "acme", source: "source", options: row.options };
  const reading = sender.read(deliveryOf(row), context);
  if (reading.kind === "malformed") return ["unreadable"];
  if (reading.items.length === 0) return ["acknowledged"];
  // Our own contract is judged whole, and answered (DESIGN §6).
  const isBroken = reading.items.some(({ kind }) => kind === "broken");
  if (sender.family === "contract" && isBroken) return ["refused: contract_violated"];
  return reading.items.map((item) =>
    item.kind === "event" ? item.event.type : `quarantined: ${item.code}`,
  );
}

/** Several items set aside for one reason may be told in one. */
function isAsTold(outcome: readonly string[], toldOutcome: string): boolean {
  const words = toldOutcome.split(",").map((word) => word.trim());
  if (words.join() === outcome.join()) return true;
  const [word = ""] = words;
  return (
    words.length === 1 && word.startsWith("quarantined: ") && outcome.every((one) => one === word)
  );
}

/** Every payload a vendor publishes, or of which we know the form, is read as its page says. */
describe("payloads", () => {
  test.each(files)("%s is told by one page", (file) => {
    const pages = told
      .filter((row) => row.file === file)
      .map(({ page }) => `docs/senders/${page}.md`);
    expect(pages, `${file} has to stand in exactly one table of "## Payloads"`).toHaveLength(1);
  });

  test.each(pageNames)("docs/senders/%s.md tells no payload that is not there", (page) => {
    const unknown = told.filter((row) => row.page === page && !files.includes(row.file));
    expect(unknown.map(({ file }) => file)).toEqual([]);
  });

  const inbound = told.filter(({ outcome }) => outcome !== NOT_INBOUND);
  test.each(inbound.map((row) => [row.page, row.file, row.outcome, row] as const))(
    "docs/senders/%s.md: %s is %s",
    (_page, _file, _outcome, row) => {
      const sender = senders.find(({ name }) => name === row.page);
      if (sender === undefined) throw new Error(`No sender "${row.page}" in SENDERS`);
      const where = `docs/senders/${row.page}.md, row ${row.file}`;
      expect(sender.checkOptions(row.options, sender.defaultScheme), `${where}: options`).toEqual(
        [],
      );
      const outcome = outcomeOf(sender, row);
      const read = isAsTold(outcome, row.outcome) ? row.outcome : outcome.join(", ");
      expect({ where, outcome: read }).toEqual({ where, outcome: row.outcome });
    },
  );

  test("reads no answer and nothing outbound", () => {
    const outward = told.filter(({ outcome }) => outcome === NOT_INBOUND).map(({ file }) => file);
    expect(outward.toSorted()).toEqual([
      "firehose-response-error.json",
      "firehose-response-ok.json",
      "kafka-rest-v2-produce-request.json",
      "kafka-rest-v2-produce-response.json",
      "kafka-rest-v3-produce-request.json",
      "kafka-rest-v3-produce-response.json",
      "salesforce-outbound-message-ack.xml",
    ]);
  });
});
