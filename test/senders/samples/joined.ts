import type { Sample } from "../sample.ts";

/** Bodies of Kafka sinks that cannot be read: two texts in one body can. */
export const malformedJoined: NonNullable<Sample["malformed"]> = [
  ["no bytes", ""],
  ["blanks alone", "\n\n"],
  ["text that is not JSON", "{"],
  ["a second text cut short", '{"id":1}\n{"id":'],
  ["a comma without a record behind it", '{"id":1},'],
  ["bytes that are not UTF-8", Uint8Array.of(0x22, 0xff, 0x22)],
  ["65 levels", "[".repeat(65) + "]".repeat(65)],
  ["a struct as text", "Struct{id=1,name=a}"],
  ["1001 records", '{"id":1}\n'.repeat(1001)],
];
