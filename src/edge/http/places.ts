import type * as z from "zod";
import type { Violation } from "../../core/contracts/event.ts";
import * as f from "../../core/contracts/fields.ts";
import { KEY_CHARS_MAX } from "../../core/contracts/key.ts";
import { violationsOf } from "../../core/contracts/violation.ts";

/** Our own ids are shorter: what is longer names nothing. */
const NAME_CHARS_MAX = 160;

/** Of ids that others gave, several of them in one. */
const BREAK_CHARS_MAX = 2048;

/**
 * What the parameters of paths can be, whichever route they stand in: an id that no event could have
 * brought is no object's name. Those that are not here are judged by their routes.
 */
const PLACES = {
  distributor: f.id("The core's id of a distributor"),
  period: f.id("A period's id"),
  event: f.code("Our id of an event"),
  plan: f.printable("A plan's id", NAME_CHARS_MAX),
  run: f.printable("A run's id", NAME_CHARS_MAX),
  reconciliation: f.code("The id of a run of reconciliation"),
  rebuild: f.code("The id of a rebuild"),
  replay: f.code("The id of a replay"),
  break: f.printable("The id of a break", BREAK_CHARS_MAX),
  subject: f.printable("What an object keeps", KEY_CHARS_MAX),
  month: f.code("A month"),
  key: f.printable("The id of an API key", NAME_CHARS_MAX),
  source: f.code("A source's name"),
  delivery: f.code("Our id of a delivery"),
  writeoff: f.code("A write-off's id"),
} as const satisfies Readonly<Record<string, z.ZodType<string>>>;

const UTF_8 = "Must be UTF-8, percent-encoded";

/**
 * What is wrong with the parameters of a path, by the pattern of its route. Of the address as it
 * came: half a percent-encoding would otherwise be taken for the text that it is written with.
 */
export function faultsOfPath(pattern: string, { pathname }: URL): readonly Violation[] {
  const given = pathname.split("/");
  return pattern.split("/").flatMap((segment, i) => {
    const name = segment.slice(1);
    if (!segment.startsWith(":") || !isPlace(name)) return [];
    const value = decoded(given[i] ?? "");
    if (value === undefined) return [{ path: name, rule: "encoding", message: UTF_8 }];
    const parsed = PLACES[name].safeParse(value);
    return parsed.success ? [] : violationsOf(parsed.error.issues, { root: [name], value });
  });
}

const isPlace = (name: string): name is keyof typeof PLACES => Object.hasOwn(PLACES, name);

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
