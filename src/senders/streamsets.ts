import { fingerprint } from "./read/fingerprint.ts";
import { idOf } from "./read/ids.ts";
import { parseText } from "./read/json.ts";
import { JSON_TEXTS_MAX, splitJsonTexts } from "./read/json-texts.ts";
import { readRecords, malformedWith } from "./read/records.ts";
import { tableOptions } from "./read/rows.ts";
import { CONNECTOR_BODY_BYTES_MAX, type Reading, type Sender } from "./sender.ts";
import { SHOWN_SCHEMES } from "./verify/shown-schemes.ts";
import { API_KEY_OPTIONS } from "./verify/token.ts";

const ADVICE = `use data format JSON, and batches of at most ${JSON_TEXTS_MAX} records`;
const ID_HEADER = "x-record-id";

/**
 * StreamSets' HTTP Client destination, data format JSON. It signs nothing and names no record: both
 * have to be set up as headers.
 * https://docs.streamsets.com/platform-datacollector/latest/datacollector/UserGuide/Destinations/HTTPClient.html
 */
export const streamsets: Sender = {
  name: "streamsets",
  family: "connector",
  defaultScheme: "api-key",
  schemes: SHOWN_SCHEMES,
  methods: ["POST", "PUT", "PATCH"],
  bodyBytesMax: CONNECTOR_BODY_BYTES_MAX,
  readHeaders: [ID_HEADER],
  checkOptions: tableOptions(API_KEY_OPTIONS),

  read({ body, header, receivedAtMs }, context): Reading {
    const text = parseText(body);
    if (!text.ok) return malformedWith(text.refusal, ADVICE);
    const values = splitJsonTexts(text.value);
    if (!values.ok) return malformedWith(values.refusal, ADVICE);
    // One object behind the other, or an array of them: the destination's property «JSON content».
    const records = values.value.flatMap((value): readonly unknown[] =>
      Array.isArray(value) ? value : [value],
    );
    if (records.length > JSON_TEXTS_MAX) {
      const message = `Must have at most ${JSON_TEXTS_MAX} items`;
      return malformedWith([{ path: "", rule: "length", message }], ADVICE);
    }
    const given = header(ID_HEADER) ?? "";
    const occurredAtMs = receivedAtMs;
    // A batch has one header for all of its records.
    if (records.length !== 1 || given === "")
      return readRecords(records, context, { occurredAtMs });
    // With what it holds: the header may name the row, and another change of it is no repetition.
    const idHint = idOf("record", given, fingerprint(JSON.stringify(records[0])));
    return readRecords(records, context, { occurredAtMs, idHint });
  },
};
