import * as z from "zod";
import { type DataverseChange, dateMs, plainOf, translateDataverse } from "./dataverse-facts.ts";
import { readTelling } from "./read/facts.ts";
import { fingerprint } from "./read/fingerprint.ts";
import { idOf } from "./read/ids.ts";
import { parseJson } from "./read/json.ts";
import { itemsOf, type Loose, looseOf } from "./read/loose.ts";
import { productOptions } from "./read/options.ts";
import { unreadable } from "./read/unreadable.ts";
import type { Delivery, Reading, ReadingContext, Scheme, Sender } from "./sender.ts";
import { API_KEY_OPTIONS, apiKey, sharedToken, urlToken } from "./verify/token.ts";
import { doubt, found } from "./verify/trail.ts";

const TOO_LONG = "x-ms-dynamics-msg-size-exceeded";
const NO_GUID = "00000000-0000-0000-0000-000000000000";
const KEY_CHARS_MIN = 20;

const Guid = z.string().min(1).max(64);
const Word = z.string().min(1).max(128);
const Pairs = z.array(z.unknown()).nullish();

/** https://learn.microsoft.com/power-apps/developer/data-platform/use-webhooks */
const RemoteExecutionContext = z.looseObject({
  MessageName: Word,
  PrimaryEntityName: Word,
  PrimaryEntityId: Guid,
  OrganizationName: z.string().min(1).max(50),
  OperationCreatedOn: z.string(),
  OperationId: Guid.nullish(),
  RequestId: Guid.nullish(),
  InitiatingUserId: Guid.nullish(),
  Depth: z.int().nullish(),
  InputParameters: Pairs,
  PostEntityImages: Pairs,
});
type RemoteExecutionContext = z.output<typeof RemoteExecutionContext>;

/** The authentication kind `WebhookKey`: `?code=…`, which whoever logs URLs on the way sees. */
const webhookKey: Scheme = sharedToken({
  step: "webhook key",
  read(delivery) {
    const [code, ...others] = new URL(delivery.url).searchParams.getAll("code");
    if (others.length > 0) return doubt("token_invalid", "The URL holds more than one ?code=");
    if (code === undefined || code === "") return doubt("token_missing", "No ?code= in the URL");
    return found(code, "Read ?code=");
  },
  checkSecret(secret) {
    if (secret.length < KEY_CHARS_MIN) return `A key in a URL needs ${KEY_CHARS_MIN} characters`;
    return /^[\w.~=-]+$/.test(secret) ? undefined : "Use letters, digits, and - . _ ~ = only";
  },
});

/** Webhooks of Microsoft Dataverse and Dynamics 365, which sign nothing. */
export const dataverse: Sender = {
  name: "dataverse",
  family: "product",
  defaultScheme: "api-key",
  schemes: { "api-key": apiKey, "webhook-key": webhookKey, "url-token": urlToken },
  readHeaders: [TOO_LONG],
  checkOptions: productOptions(API_KEY_OPTIONS),

  read(delivery, context): Reading {
    const parsed = parseJson(delivery.body);
    if (!parsed.ok) return { kind: "malformed", errors: parsed.refusal };

    const { value } = parsed;
    const execution = RemoteExecutionContext.safeParse(value);
    if (execution.success) return readExecution(execution.data, { delivery, value }, context);
    return unreadable(value, execution.error);
  },
};

interface Read {
  readonly delivery: Delivery;
  readonly value: unknown;
}

function readExecution(
  execution: RemoteExecutionContext,
  { delivery, value }: Read,
  context: ReadingContext,
): Reading {
  const { MessageName: message, PrimaryEntityName: entity } = execution;
  const target = valueNamed(execution.InputParameters, "Target");
  const change: DataverseChange = {
    message,
    entity,
    entityId: execution.PrimaryEntityId,
    crm: `dataverse:${execution.OrganizationName}`,
    occurredAtMs: dateMs(execution.OperationCreatedOn) ?? -1,
    actor: execution.InitiatingUserId ?? "unknown",
    isDirect: (execution.Depth ?? 1) <= 1,
    isCut: delivery.header(TOO_LONG) !== undefined || target === undefined,
    target: attributesOf(target),
    image: attributesOf(looseOf(itemsOf(execution.PostEntityImages)[0])["value"]),
  };
  const id = idOfExecution(execution, value);
  const told = translateDataverse(change);
  if (!Array.isArray(told)) {
    const ignored = "Only who updated the record and when was changed";
    return { kind: "items", items: [], ignored };
  }
  // Mappings would have to look attributes up in lists of pairs, and could not read dates.
  const payload = {
    ...execution,
    Target: plainOf(change.target),
    PostImage: plainOf(change.image),
  };
  const items = told.map(({ field, fact, occurredAtMs }) => {
    const telling = { type: `${message} ${entity}`, occurredAtMs, payload, fact };
    if (field === undefined) return readTelling({ ...telling, id }, context);
    return readTelling({ ...telling, id: idOf(id, field), about: { field } }, context);
  });
  return { kind: "items", items };
}

/**
 * Asynchronous steps have an operation of their own; synchronous ones write zeros, and one request
 * may change one record several times.
 */
function idOfExecution(execution: RemoteExecutionContext, value: unknown): string {
  const { OperationId: operation, RequestId: request } = execution;
  if (isGuid(operation)) return idOf(operation);
  const said = fingerprint(JSON.stringify(value));
  if (!isGuid(request)) return idOf(execution.PrimaryEntityId, said);
  return idOf(request, execution.MessageName, execution.PrimaryEntityId, said);
}

const isGuid = (guid: string | null | undefined): guid is string =>
  guid !== undefined && guid !== null && guid !== NO_GUID;

const valueNamed = (pairs: unknown, name: string): unknown =>
  itemsOf(pairs)
    .map(looseOf)
    .find(({ key }) => key === name)?.["value"];

/** An entity's attributes come as a list of key and value. */
function attributesOf(entity: unknown): Loose {
  const pairs = itemsOf(looseOf(entity)["Attributes"]).map(looseOf);
  return Object.fromEntries(
    pairs.flatMap(({ key, value }) => (typeof key === "string" ? [[key, value]] : [])),
  );
}
