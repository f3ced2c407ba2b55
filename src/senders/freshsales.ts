import * as z from "zod";
import { parseInstant } from "../core/contracts/instant.ts";
import { type Fact, readTelling } from "./read/facts.ts";
import { fingerprint } from "./read/fingerprint.ts";
import { idOf } from "./read/ids.ts";
import { parseJson } from "./read/json.ts";
import { type Loose, textOf, told } from "./read/loose.ts";
import { productOptions } from "./read/options.ts";
import { unreadable } from "./read/unreadable.ts";
import type { Reading, ReadingContext, Sender } from "./sender.ts";
import { API_KEY_OPTIONS, apiKey, basic, urlToken } from "./verify/token.ts";

/** What our template composes: names that begin with the kind of record they are about. */
const Composed = z.looseObject({}).refine((body) => kindOf(body) !== undefined, {
  params: { rule: "required" },
  error: "Must hold contact_id, lead_id, deal_id or account_id: use the template of the documents",
});

/** A deal's or an account's workflow may name the contact as well: they come first. */
const KINDS = ["deal", "account", "lead", "contact"] as const;
type Kind = (typeof KINDS)[number];

const kindOf = (body: Loose): Kind | undefined =>
  KINDS.find((kind) => textOf(body[`${kind}_id`]) !== undefined);

/**
 * The webhook of a workflow, whose body its author composes: we read the shape of our template.
 * https://developers.freshworks.com/crm/api/
 */
export const freshsales: Sender = {
  name: "freshsales",
  family: "product",
  defaultScheme: "basic",
  schemes: { basic, "api-key": apiKey, "url-token": urlToken },
  readHeaders: [],
  checkOptions: productOptions({
    ...API_KEY_OPTIONS,
    crm: z.string().min(1).max(64).exactOptional(),
  }),

  read({ body }, context): Reading {
    const parsed = parseJson(body);
    if (!parsed.ok) return { kind: "malformed", errors: parsed.refusal };

    const { value } = parsed;
    const composed = Composed.safeParse(value);
    if (composed.success) return readComposed(composed.data, context);
    return unreadable(value, composed.error);
  },
};

/** A workflow numbers nothing, so that all it says names it: a retry says the same. */
function readComposed(body: Loose, context: ReadingContext): Reading {
  const kind = kindOf(body) ?? "contact";
  const updatedAt = textOf(body[`${kind}_updated_at`]) ?? "";
  const id = idOf(kind, textOf(body[`${kind}_id`]), updatedAt, fingerprint(JSON.stringify(body)));
  const telling = {
    id,
    type: `${kind} workflow`,
    occurredAtMs: parseInstant(updatedAt) ?? -1,
    payload: body,
    about: { kind },
    fact: translate(kind, body, context),
  };
  return { kind: "items", items: [readTelling(telling, context)] };
}

function translate(kind: Kind, body: Loose, { options }: ReadingContext): Fact | string {
  if (kind === "deal" || kind === "account") {
    return `No event of ours says what became of a ${kind}: say in options.rules what it is`;
  }
  const prefix = `${kind}_`;
  const fields = Object.fromEntries(
    Object.entries(body)
      .filter(([name]) => name.startsWith(prefix) && name !== `${prefix}id`)
      .map(([name, value]) => [name.slice(prefix.length), value]),
  );
  return {
    type: "lead.upserted",
    data: told({
      crm: options["crm"] ?? "freshsales",
      object_id: textOf(body[`${prefix}id`]),
      owner_id: textOf(body[`${prefix}owner_id`]),
      fields,
    }),
  };
}
