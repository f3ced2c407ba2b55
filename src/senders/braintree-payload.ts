import { parseInstant } from "../core/contracts/instant.ts";
import type { Violation } from "../core/contracts/event.ts";
import { ok, refuse, type Result } from "../core/result.ts";
import { parseForm } from "./read/form.ts";
import { isLoose, type Loose } from "./read/loose.ts";
import { attributeOf, parseXml, type XmlElement } from "./read/xml.ts";
import { fromBase64 } from "./verify/bytes.ts";

/** The two fields of the form that Braintree posts. */
export interface Form {
  readonly signature: string;
  /** Base64 with its line breaks, as it was signed. */
  readonly payload: string;
}

/** A challenge, which anybody may have answered: its answer must never pass for a signature. */
const CHALLENGE = /^[\da-f]{20,32}$/;
const BASE64 = /^[\dA-Za-z+/=\n]+$/;

export const isChallenge = (text: string): boolean => CHALLENGE.test(text);

/** Takes the form apart; a field that is repeated, or missing, is nobody's form. */
export function formOf(body: Uint8Array): Result<Form, readonly Violation[]> {
  const form = parseForm(body);
  if (!form.ok) return form;
  const { bt_signature: signature, bt_payload: payload } = form.value;
  if (typeof payload !== "string" || !BASE64.test(payload) || isChallenge(payload)) {
    return fault("bt_payload", "Must be there once, as base64");
  }
  if (typeof signature !== "string") return fault("bt_signature", "Must be there once");
  return ok({ signature, payload });
}

const fault = (path: string, message: string) => refuse([{ path, rule: "form", message }]);

/** What a notification says: https://developer.paypal.com/braintree/docs/reference/general/webhooks */
export interface Notification {
  readonly kind: string;
  /** When it was made; several of one subject are told apart by it. */
  readonly timestamp: string;
  readonly occurredAtMs: number | undefined;
  /** What it is about: `subscription`, `dispute`, …. */
  readonly subject: Loose;
}

/** The notification in a payload; nothing, where the XML is something else. */
export function notificationOf(
  payload: string,
): Result<Notification | undefined, readonly Violation[]> {
  const bytes = fromBase64(payload.replaceAll("\n", ""));
  if (bytes === undefined) return fault("bt_payload", "Must be base64");
  const root = parseXml(bytes);
  if (!root.ok) return root;
  const { kind, timestamp, subject } = membersOf(root.value);
  if (root.value.name !== "notification" || !isLoose(subject)) return ok(undefined);
  if (typeof kind !== "string" || typeof timestamp !== "string") return ok(undefined);
  return ok({ kind, timestamp, occurredAtMs: parseInstant(timestamp), subject });
}

/**
 * An element as an object: names with `_` for `-`, `type="array"` as a list, `nil="true"` as null,
 * and all else as text: amounts are decimals, and no number may round them.
 */
const membersOf = (element: XmlElement): Loose =>
  Object.fromEntries(
    element.children.map((child) => [child.name.replaceAll("-", "_"), valueOf(child)]),
  );

function valueOf(element: XmlElement): unknown {
  if (attributeOf(element, "nil") === "true") return null;
  if (attributeOf(element, "type") === "array") return element.children.map(valueOf);
  return element.children.length === 0 ? element.text.trim() : membersOf(element);
}
