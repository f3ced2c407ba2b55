import * as z from "zod";
import { count, ID_CHARS_MAX, instant, printable } from "./fields.ts";
import { KEY_CHARS_MAX } from "./key.ts";

/** Members of the envelope that every type shares (DOMAIN §2.1); others are ignored. */
export const Header = z.object({
  id: printable("The sender's id of the event, unique per source", ID_CHARS_MAX),
  source: z.string().optional().describe("The source in the path, or absent"),
  tenant: z.string().optional().describe("The tenant in the path, or absent"),
  type: z.string().max(ID_CHARS_MAX).describe("The type of the catalogue"),
  version: z.int().min(1).describe("Version of the type's contract"),
  occurred_at: instant("When it took effect, UTC to the millisecond"),
  key: printable(
    "The subject it is serialised by; absent: derived from data",
    KEY_CHARS_MAX,
  ).optional(),
  epoch: count("Raised when the sender's system was restored; 0 if absent").optional(),
  correlation_id: printable("What the event belongs to", ID_CHARS_MAX).optional(),
  causation_id: printable("The event or command that caused it", ID_CHARS_MAX).optional(),
});

export type Header = z.output<typeof Header>;

/** Place in the stream of a strict type. */
export const Sequence = z
  .int()
  .min(1)
  .describe("Position in the subject's stream: 1, 2, 3… without gaps per source, key and epoch");
