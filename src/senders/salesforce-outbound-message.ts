import * as z from "zod";
import type { Violation } from "../core/contracts/event.ts";
import { missing } from "../core/contracts/violation.ts";
import type { JsonObject } from "../core/json.ts";
import { readTelling } from "./read/facts.ts";
import { idOf, unreadableId } from "./read/ids.ts";
import { productOptions } from "./read/options.ts";
import { childOf, parseXml, typeOf, type XmlElement } from "./read/xml.ts";
import {
  changedAtMs,
  type SObject,
  translateSObject,
} from "./salesforce-outbound-message-facts.ts";
import type { Item, Outcome, Reading, ReadingContext, Reply, Sender } from "./sender.ts";
import { mtlsPin } from "./verify/certificate.ts";
import { urlToken } from "./verify/token.ts";

const SOAP = "http://schemas.xmlsoap.org/soap/envelope/";
const OUTBOUND = "http://soap.sforce.com/2005/09/outbound";

/** As many as Salesforce documents: whoever sends more is somebody else. */
const NOTIFICATIONS_MAX = 100;

/** Setup shows ids of 15 characters; messages carry 18, of which the last 3 are a check of case. */
const OWN_CHARS = 15;

const idsOf = (prefix: string) => {
  const Id = z.string().regex(new RegExp(`^${prefix}[\\dA-Za-z]{12}(?:[\\dA-Za-z]{3})?$`), {
    message: `Must be an id of 15 or 18 characters that begins with ${prefix}`,
  });
  return z.union([Id, z.array(Id).min(1).max(100)]);
};

const checkOwn = productOptions({
  organization_id: idsOf("00D").exactOptional(),
  action_ids: idsOf("04k").exactOptional(),
});

/**
 * Salesforce's outbound messages: SOAP 1.1, at most 100 notifications, and no signature.
 * https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_om_outboundmessaging.htm
 */
export const salesforceOutboundMessage: Sender = {
  name: "salesforce-outbound-message",
  family: "product",
  defaultScheme: "url-token",
  schemes: { "url-token": urlToken, "mtls-pin": mtlsPin },
  bodyBytesMax: 4 * 1024 * 1024,
  readHeaders: [],

  checkOptions(options, scheme) {
    const faults = checkOwn(options);
    if (scheme !== "mtls-pin" || options["organization_id"] !== undefined) return faults;
    // Every organisation of Salesforce shows the same certificate, a free one of anybody too.
    return [...faults, missing("options.organization_id", "Is required: mTLS proves no tenant")];
  },

  read({ body }, context): Reading {
    const parsed = parseXml(body);
    if (!parsed.ok) return { kind: "malformed", errors: parsed.refusal };

    const message = messageIn(parsed.value);
    const notifications = message?.children.filter(isNotification) ?? [];
    if (message === undefined || notifications.length === 0) {
      const errors = [missing("Envelope.Body.notifications.Notification")];
      const id = unreadableId(outlineOf(parsed.value));
      return { kind: "items", items: [{ kind: "broken", id, code: "contract_violated", errors }] };
    }
    if (notifications.length > NOTIFICATIONS_MAX) {
      const text = `Must have at most ${NOTIFICATIONS_MAX} notifications`;
      return { kind: "malformed", errors: [{ path: "", rule: "length", message: text }] };
    }
    const origin = originOf(message);
    const items = notifications.map((one) => readNotification(one, origin, context));
    return { kind: "items", items };
  },

  reply: answer,
};

function messageIn(envelope: XmlElement): XmlElement | undefined {
  if (envelope.name !== "Envelope" || envelope.namespace !== SOAP) return undefined;
  const body = childOf(envelope, "Body");
  return body === undefined ? undefined : childOf(body, "notifications", OUTBOUND);
}

const isNotification = ({ name, namespace }: XmlElement): boolean =>
  name === "Notification" && namespace === OUTBOUND;

/** Names alone: the session id of a message is a live session, and nobody needs a trace of it. */
const outlineOf = ({ name, children }: XmlElement): string =>
  `${name}(${children.map(outlineOf).join()})`;

/** What is told of all notifications of a message. Its session and its URLs are not read. */
interface Origin {
  readonly organizationId: string;
  readonly actionId: string;
}

const originOf = (message: XmlElement): Origin => ({
  organizationId: textOf(message, "OrganizationId"),
  actionId: textOf(message, "ActionId"),
});

const textOf = (element: XmlElement, name: string): string =>
  childOf(element, name)?.text.trim() ?? "";

function readNotification(element: XmlElement, origin: Origin, context: ReadingContext): Item {
  const record = childOf(element, "sObject");
  const object = record === undefined ? undefined : typeOf(record);
  const notificationId = textOf(element, "Id");
  if (record === undefined || object === undefined || notificationId === "") {
    const errors = [missing("Notification", "Must have an Id, and an sObject with its xsi:type")];
    const id = unreadableId(fieldsOf(element));
    return { kind: "broken", id, code: "contract_violated", errors };
  }
  const fields = fieldsOf(record);
  const changedMs = changedAtMs(fields);
  // Sent again, a message holds the record as it is by then: newer content is another event.
  const id = changedMs === undefined ? idOf(notificationId) : idOf(notificationId, changedMs);
  const strangers = strangersOf(origin, context.options);
  if (strangers.length > 0) {
    return { kind: "broken", id, code: "contract_violated", type: object, errors: strangers };
  }
  const told: SObject = { object, organizationId: origin.organizationId, fields };
  return readTelling(
    {
      id,
      type: object,
      // Never the moment of arrival: a message sent again would be another event.
      occurredAtMs: changedMs ?? -1,
      payload: told.fields,
      about: { object, organization_id: origin.organizationId, action_id: origin.actionId },
      fact: translateSObject(told),
    },
    context,
  );
}

/** Kept for a person: what is acknowledged is forgotten by Salesforce, and a refusal is repeated. */
function strangersOf(
  { organizationId, actionId }: Origin,
  { organization_id: organizations, action_ids: actions }: JsonObject,
): readonly Violation[] {
  return [
    ...(allows(organizations, organizationId)
      ? []
      : [stranger("OrganizationId", "organization_id")]),
    ...(allows(actions, actionId) ? [] : [stranger("ActionId", "action_ids")]),
  ];
}

const stranger = (path: string, option: string): Violation => ({
  path,
  rule: "mismatch",
  message: `Must be one of options.${option}`,
});

function allows(allowed: unknown, given: string): boolean {
  if (allowed === undefined) return true;
  const list: readonly unknown[] = Array.isArray(allowed) ? allowed : [allowed];
  return list.some(
    (one) => typeof one === "string" && one.slice(0, OWN_CHARS) === given.slice(0, OWN_CHARS),
  );
}

/** Members by their local names; one that is repeated becomes a list. */
function fieldsOf(element: XmlElement): Readonly<Record<string, unknown>> {
  const values = new Map<string, unknown[]>();
  for (const child of element.children) {
    const known = values.get(child.name);
    if (known === undefined) values.set(child.name, [valueOf(child)]);
    else known.push(valueOf(child));
  }
  // fromEntries defines members, so that one named __proto__ stays a member.
  return Object.fromEntries(
    [...values].map(([name, list]) => [name, list.length === 1 ? list[0] : list]),
  );
}

function valueOf(element: XmlElement): unknown {
  if (element.isNil) return null;
  return element.children.length === 0 ? element.text : fieldsOf(element);
}

/** The Ack stands for the whole message; anything else brings it again, for 24 hours. */
function answer(outcome: Outcome): Reply {
  if (outcome.kind === "taken") {
    const ack = `<notificationsResponse xmlns="${OUTBOUND}"><Ack>true</Ack></notificationsResponse>`;
    return { status: 200, headers: XML, body: envelopeOf(ack) };
  }
  const { status, title, retryAfterS } = outcome;
  const code = status < 500 ? "Client" : "Server";
  const fault = `<faultcode>soapenv:${code}</faultcode><faultstring>${escaped(title)}</faultstring>`;
  const wait = retryAfterS === undefined ? {} : { "Retry-After": String(retryAfterS) };
  return {
    status,
    headers: { ...XML, ...wait },
    body: envelopeOf(`<soapenv:Fault>${fault}</soapenv:Fault>`),
  };
}

const XML = { "Content-Type": "text/xml; charset=utf-8" };

const envelopeOf = (content: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<soapenv:Envelope xmlns:soapenv="${SOAP}"><soapenv:Body>${content}</soapenv:Body></soapenv:Envelope>\n`;

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
