import { readJoinedRecords, RECORDS_MAX } from "./read/records.ts";
import { tableOptions } from "./read/rows.ts";
import { CONNECTOR_BODY_BYTES_MAX, type Reading, type Sender } from "./sender.ts";
import { SHOWN_SCHEMES } from "./verify/shown-schemes.ts";
import { API_KEY_OPTIONS } from "./verify/token.ts";

const ADVICE = `set request.body.format=json and batch.max.size to at most ${RECORDS_MAX}`;

/** What a struct looks like where the connector prints it as text: no JSON (PROVIDERS 10a). */
const STRUCT = /^[\s,["]*Struct\{/;
const STRUCT_LOOKED_AT = 64;

/**
 * Confluent's HTTP Sink connector: https://docs.confluent.io/kafka-connectors/http/current/overview.html
 * It sends neither topic, partition nor offset, so that a record is known by what it holds.
 */
export const confluentHttpSink: Sender = {
  name: "confluent-http-sink",
  family: "connector",
  defaultScheme: "basic",
  schemes: SHOWN_SCHEMES,
  methods: ["POST", "PUT", "PATCH", "DELETE"],
  bodyBytesMax: CONNECTOR_BODY_BYTES_MAX,
  readHeaders: [],
  checkOptions: tableOptions(API_KEY_OPTIONS),

  read(delivery, context): Reading {
    const { method, body } = delivery;
    if (method === "DELETE") return DELETED;
    if (isStruct(body)) {
      const message = `The body is a struct printed as text: ${ADVICE}`;
      return { kind: "malformed", errors: [{ path: "", rule: "json", message }] };
    }
    return readJoinedRecords(delivery, context, ADVICE);
  },
};

const isStruct = (body: Uint8Array): boolean =>
  STRUCT.test(String.fromCharCode(...body.subarray(0, STRUCT_LOOKED_AT)));

/**
 * A record without a value (`behavior.on.null.values=delete`): its key stands in the URL at best,
 * which is not kept. Each is one more deletion that nobody knows of, so that nothing but the
 * delivery itself can name it.
 */
const DELETED: Reading = {
  kind: "malformed",
  errors: [
    {
      path: "",
      rule: "method",
      message:
        "A DELETE does not say what was deleted: set behavior.on.null.values=ignore, and send deletions as records with a value",
    },
  ],
};
