import { readJoinedRecords, RECORDS_MAX } from "./read/records.ts";
import { tableOptions } from "./read/rows.ts";
import { CONNECTOR_BODY_BYTES_MAX, type Sender } from "./sender.ts";
import { SHOWN_SCHEMES } from "./verify/shown-schemes.ts";
import { API_KEY_OPTIONS } from "./verify/token.ts";

const ADVICE = `use JsonConverter, and set batch.max.size to at most ${RECORDS_MAX}`;

/**
 * Aiven's HTTP connector for Apache Kafka, by its source:
 * https://github.com/Aiven-Open/http-connector-for-apache-kafka
 * It sends no content type, and neither topic, partition nor offset: a record is known by what it
 * holds. Batches are lines of JSON, with a newline behind the last (PROVIDERS 10b).
 */
export const aivenHttpSink: Sender = {
  name: "aiven-http-sink",
  family: "connector",
  // What `http.authorization.type=static` is for.
  defaultScheme: "bearer-token",
  schemes: SHOWN_SCHEMES,
  bodyBytesMax: CONNECTOR_BODY_BYTES_MAX,
  readHeaders: [],
  checkOptions: tableOptions(API_KEY_OPTIONS),
  read: (delivery, context) => readJoinedRecords(delivery, context, ADVICE),
};
