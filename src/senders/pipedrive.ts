import * as z from "zod";
import { parseInstant } from "../core/contracts/instant.ts";
import { changedFields, type PipedriveChange, translatePipedrive } from "./pipedrive-facts.ts";
import { type Fact, readTelling } from "./read/facts.ts";
import { idOf } from "./read/ids.ts";
import { parseJson } from "./read/json.ts";
import { productOptions } from "./read/options.ts";
import { unreadable } from "./read/unreadable.ts";
import type { Item, Reading, ReadingContext, Scheme, Sender } from "./sender.ts";
import { basic, urlToken } from "./verify/token.ts";

/** The fields of a deal that one change can tell; beyond it the deal is to be fetched. */
const FIELDS_MAX = 500;
const PASSWORD_CHARS_MIN = 5;

const Id = z.union([z.int(), z.string().min(1).max(64)]).transform(String);
const Word = z.string().min(1).max(64);
const Members = z.looseObject({}).nullish();

/** https://pipedrive.readme.io/docs/guide-for-webhooks-v2 */
const V2 = z
  .looseObject({
    meta: z.looseObject({
      id: z.string().min(1).max(100),
      action: Word,
      entity: Word,
      entity_id: Id,
      company_id: Id,
      timestamp: z.string(),
      change_source: Word.nullish(),
      user_id: Id.nullish(),
    }),
    data: Members,
    previous: Members,
  })
  .transform(({ meta, data, previous }): PipedriveChange => ({
    id: meta.id,
    action: meta.action,
    entity: meta.entity,
    entityId: meta.entity_id,
    company: meta.company_id,
    occurredAtMs: parseInstant(meta.timestamp) ?? -1,
    changeSource: meta.change_source ?? "unknown",
    actor: meta.user_id ?? meta.change_source ?? "unknown",
    data: data ?? undefined,
    previous: previous ?? undefined,
  }));

/** What v1 calls what v2 calls otherwise. */
const ACTIONS: ReadonlyMap<string, string> = new Map([
  ["added", "create"],
  ["updated", "change"],
  ["deleted", "delete"],
]);

/** https://pipedrive.readme.io/docs/guide-for-webhooks */
const V1 = z
  .looseObject({
    meta: z.looseObject({
      action: Word,
      object: Word,
      id: Id,
      company_id: Id,
      timestamp: z.int().min(0),
      timestamp_micro: z.int().min(0).nullish(),
      webhook_id: Id.nullish(),
      change_source: Word.nullish(),
      pipedrive_service_name: z.unknown(),
      user_id: Id.nullish(),
    }),
    current: Members,
    previous: Members,
  })
  .transform(({ meta, current, previous }): PipedriveChange => ({
    id: idOfV1(meta),
    action: ACTIONS.get(meta.action) ?? meta.action,
    entity: meta.object,
    entityId: meta.id,
    company: meta.company_id,
    occurredAtMs:
      typeof meta.timestamp_micro === "number"
        ? Math.floor(meta.timestamp_micro / 1000)
        : meta.timestamp * 1000,
    changeSource: meta.change_source ?? "unknown",
    actor: meta.user_id ?? meta.change_source ?? "unknown",
    data: current ?? undefined,
    previous: previous ?? undefined,
  }));

/**
 * v1 numbers nothing: its documents name webhook, second, source and service. Two objects changed
 * in one second would be one event then, so that object and microsecond stand beside them.
 */
const idOfV1 = (meta: {
  readonly webhook_id?: string | null | undefined;
  readonly timestamp: number;
  readonly timestamp_micro?: number | null | undefined;
  readonly change_source?: string | null | undefined;
  readonly pipedrive_service_name?: unknown;
  readonly action: string;
  readonly object: string;
  readonly id: string;
}): string =>
  idOf(
    meta.webhook_id ?? "",
    meta.timestamp_micro ?? meta.timestamp,
    meta.change_source ?? "",
    typeof meta.pipedrive_service_name === "string" ? meta.pipedrive_service_name : "",
    meta.action,
    meta.object,
    meta.id,
  );

/** RFC 7617; Pipedrive sets no rules for passwords, so that only a hopeless one is refused. */
const pipedriveBasic: Scheme = {
  ...basic,
  checkSecret(secret) {
    const colon = secret.indexOf(":");
    if (colon < 1) return "The secret is not user:password";
    const length = secret.length - colon - 1;
    if (length < PASSWORD_CHARS_MIN) {
      return `The password has ${length} characters, fewer than ${PASSWORD_CHARS_MIN}`;
    }
    return /\p{Cc}/u.test(secret) ? "The secret contains control characters" : undefined;
  },
};

/** Pipedrive's webhooks of both versions. It signs nothing: Basic, or a token in the URL. */
export const pipedrive: Sender = {
  name: "pipedrive",
  family: "product",
  defaultScheme: "pipedrive-basic",
  schemes: { "pipedrive-basic": pipedriveBasic, "url-token": urlToken },
  readHeaders: [],
  checkOptions: productOptions(),

  read({ body }, context): Reading {
    const parsed = parseJson(body);
    if (!parsed.ok) return { kind: "malformed", errors: parsed.refusal };

    const v1 = V1.safeParse(parsed.value);
    const change = v1.success ? v1 : V2.safeParse(parsed.value);
    if (change.success) return readChange(change.data, parsed.value, context);
    return unreadable(parsed.value, change.error);
  },
};

/** A deal's change is told field by field: as a whole it is no event of ours. */
function readChange(change: PipedriveChange, payload: unknown, context: ReadingContext): Reading {
  const { id, action, entity, occurredAtMs, previous } = change;
  const type = `${action}.${entity}`;
  const tell = (fact: Fact | string, field?: string): Item => {
    const telling = { type, occurredAtMs, payload, fact };
    if (field === undefined) return readTelling({ ...telling, id }, context);
    return readTelling({ ...telling, id: idOf(id, field), about: { field } }, context);
  };
  if (entity !== "deal" || action !== "change" || previous === undefined) {
    return { kind: "items", items: [tell(translatePipedrive(change))] };
  }

  const fields = changedFields(change);
  if (fields.length > FIELDS_MAX) {
    const gap = { table: "pipedrive:deal", pks: [change.entityId] };
    return { kind: "items", items: [tell({ type: "cdc.gap", data: gap })] };
  }
  const items = fields.map(({ field, fact }) => tell(fact, field));
  if (items.length > 0) return { kind: "items", items };
  return { kind: "items", items, ignored: "Of the deal only the time of its update changed" };
}
