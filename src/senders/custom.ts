import * as z from "zod";
import { parseInstantOrDay } from "../core/contracts/instant.ts";
import type { Violation } from "../core/contracts/event.ts";
import type { JsonObject } from "../core/json.ts";
import { HeaderName, Recipe, schemeOf } from "./custom-recipe.ts";
import { readTelling } from "./read/facts.ts";
import { idOf, unreadableId } from "./read/ids.ts";
import { listOf, parseJson } from "./read/json.ts";
import { type Loose, textOf } from "./read/loose.ts";
import { checkedBy, MAPPING, RULES_MAX, rulesUpTo } from "./read/options.ts";
import { at, parsePath } from "./read/path.ts";
import { Pick, pickOne, type Told } from "./read/pick.ts";
import type { Delivery, Item, Reading, ReadingContext, Scheme, Sender } from "./sender.ts";
import { doubt, startTrail } from "./verify/trail.ts";

const EVENTS_MAX = 1000;
const SECRET_CHARS_MIN = 8;

/** They prove who sends, or belong to the connection: an event is never read from them. */
const UNREAD = new Set([
  "authorization",
  "proxy-authorization",
  "cookie",
  "signature",
  "signature-input",
  "host",
]);

const ReadHeader = HeaderName.refine((name) => !UNREAD.has(name), {
  params: { rule: "secret" },
  error: "Is not kept with a delivery",
});

const Options = z
  .strictObject({
    recipe: Recipe,
    ...MAPPING,
    rules: rulesUpTo(RULES_MAX),
    /** Where an event's id stands: what keeps a retry from being another event. */
    id: Pick,
    type: Pick.exactOptional(),
    /** Where its moment stands; that of its arrival where this is absent. */
    occurred_at: Pick.exactOptional(),
    /** Where the list of events stands in the body; the body itself where absent. */
    list: z
      .string()
      .refine((text) => parsePath(text) !== undefined, "Is no path")
      .exactOptional(),
    format: z.literal("json").exactOptional(),
    /** Headers that rules may ask for as `$header.name`. */
    headers: z.array(ReadHeader).max(8).exactOptional(),
  })
  .superRefine(({ recipe, headers = [] }, context) => {
    const shown = "header" in recipe ? [recipe.header].flat() : [];
    for (const [index, name] of headers.entries()) {
      if (!shown.includes(name)) continue;
      const path = ["headers", index];
      const message = "Proves who sends: it is not kept with a delivery";
      context.addIssue({ code: "custom", path, params: { rule: "secret" }, message });
    }
  });

interface Settings extends z.output<typeof Options> {
  readonly scheme: Scheme;
}

/** Parsed options, kept by identity: a source's are read for each of its deliveries. */
const known = new WeakMap<JsonObject, Settings | "none">();

function settingsOf(options: JsonObject): Settings | undefined {
  let settings = known.get(options);
  if (settings === undefined) {
    // What is polled is no business of whoever posts.
    const { poll: _poll, ...own } = options;
    const { data } = Options.safeParse(own);
    settings = data === undefined ? "none" : { ...data, scheme: schemeOf(data.recipe) };
    known.set(options, settings);
  }
  return settings === "none" ? undefined : settings;
}

/** By the recipe alone: a secret is judged whatever else is wrong with the options. */
function describedBy({ recipe }: JsonObject): Scheme | undefined {
  const { data } = Recipe.safeParse(recipe);
  return data === undefined ? undefined : schemeOf(data);
}

/** The scheme a source's own recipe describes. */
const byRecipe: Scheme = {
  // As far as anybody can say who has not seen the recipe.
  covers: "body",

  checkSecret(secret, options = {}) {
    const scheme = describedBy(options);
    if (scheme !== undefined) return scheme.checkSecret(secret);
    if (secret.length >= SECRET_CHARS_MIN) return undefined;
    return `The secret has ${secret.length} characters, fewer than ${SECRET_CHARS_MIN}`;
  },

  tryKey: async (secret, options = {}) => describedBy(options)?.tryKey?.(secret),

  verify(delivery, auth, means) {
    const settings = settingsOf(means.options);
    if (settings !== undefined) return settings.scheme.verify(delivery, auth, means);
    const trail = startTrail();
    trail.note("recipe", doubt("scheme_unknown", "The source has no recipe that can be used"));
    return Promise.resolve(trail.verdict());
  },
};

/**
 * A product we do not know: its source says how it proves itself, where its events stand and what
 * they are. So ids and list follow from the options here, and a source whose `id` or `list` is
 * changed tells its old events anew.
 */
export const custom: Sender = {
  name: "custom",
  family: "product",
  defaultScheme: "custom",
  schemes: { custom: byRecipe },
  readHeaders: [],
  readHeadersOf: (options) => settingsOf(options)?.headers ?? [],
  checkOptions: checkedBy(Options),

  read(delivery, context): Reading {
    const parsed = parseJson(delivery.body);
    if (!parsed.ok) return { kind: "malformed", errors: parsed.refusal };

    const settings = settingsOf(context.options);
    const { list } = settings ?? {};
    const listed = list === undefined ? parsed.value : at(parsed.value, list);
    if (list !== undefined && !Array.isArray(listed)) {
      const message = "options.list finds no list in the body";
      const item = broken(parsed.value, { path: list, rule: "type", message });
      return { kind: "items", items: [item] };
    }
    if (Array.isArray(listed) && listed.length === 0) {
      return { kind: "items", items: [], ignored: "The list of events is empty" };
    }
    const events = listOf(listed, EVENTS_MAX);
    if (!events.ok) return { kind: "malformed", errors: events.refusal };

    // `$body` is for what stands beside the list and holds for all of it.
    const about = { header: headersOf(settings, delivery), body: parsed.value };
    const read = (payload: unknown) => readEvent({ payload, about }, settings, delivery, context);
    return { kind: "items", items: events.value.map(read) };
  },
};

/** What rules ask for as `$header.name`: signed only where the recipe signs it. */
const headersOf = (settings: Settings | undefined, { header }: Delivery): Loose =>
  Object.fromEntries((settings?.headers ?? []).map((name) => [name, header(name)]));

function readEvent(
  told: Told,
  settings: Settings | undefined,
  { receivedAtMs }: Delivery,
  context: ReadingContext,
): Item {
  if (settings === undefined) {
    const message = "The source's options cannot be used: save them again";
    return broken(told.payload, { path: "", rule: "options", message });
  }
  const id = textOf(pickOne(settings.id, told));
  if (id === undefined) {
    const message = "options.id finds no id in this event";
    return broken(told.payload, { path: "", rule: "required", message });
  }
  const type = settings.type === undefined ? undefined : textOf(pickOne(settings.type, told));
  const { occurred_at: when } = settings;
  const occurredAtMs = when === undefined ? receivedAtMs : instantOf(pickOne(when, told));
  const name = type === undefined ? "this event" : `"${type}"`;
  const fact = `No rule of options.rules holds for ${name}: add one and send it through again`;
  return readTelling({ id: idOf(id), type: type ?? "event", occurredAtMs, ...told, fact }, context);
}

const instantOf = (found: unknown): number =>
  (typeof found === "string" ? parseInstantOrDay(found) : undefined) ?? -1;

const broken = (told: unknown, error: Violation): Item => ({
  kind: "broken",
  id: unreadableId(told),
  code: "contract_violated",
  errors: [error],
});
