import { type BareItem, type Parameters, serializeItem } from "structured-headers";
import type { Delivery, SourceAuth } from "../sender.ts";
import { publicUrl } from "./signature.ts";
import { doubt, found, type Found } from "./trail.ts";

/** A covered component as `Signature-Input` names it. */
export interface Component {
  readonly name: BareItem;
  readonly params: Parameters;
}

/** A field name in lower case: RFC 9110 §5.1, RFC 9421 §2.1. */
const FIELD = /^[!#$%&'*+.^_`|~\da-z-]+$/;

/** Components of the request that are no field: RFC 9421 §2.2. `@status` is of responses. */
const DERIVED: Readonly<Record<string, (url: URL, delivery: Delivery) => string>> = {
  "@method": (_url, { method }) => method,
  "@target-uri": (url) => url.href,
  "@authority": (url) => url.host,
  "@scheme": (url) => url.protocol.slice(0, -1),
  "@request-target": (url) => url.pathname + url.search,
  "@path": (url) => url.pathname,
  "@query": (url) => url.search || "?",
};

/** The text that is signed: RFC 9421 §2.5. */
export function signatureBase(
  signed: { readonly components: readonly Component[]; readonly params: string },
  delivery: Delivery,
  auth: SourceAuth,
): Found<string> {
  const text = publicUrl(delivery, auth);
  if (!URL.canParse(text)) return doubt("signature_malformed", "The source's URL is none");
  const url = new URL(text);
  const lines = new Map<string, string>();
  for (const component of signed.components) {
    const name = nameOf(component);
    if (name === undefined) {
      return doubt("signature_malformed", "A covered component is no name in lower case");
    }
    const identifier = serializeItem(name, component.params);
    if (lines.has(identifier)) return doubt("signature_malformed", `${identifier} is listed twice`);
    const value = valueOf(name, component, { url, delivery });
    if (!value.ok) return value;
    lines.set(identifier, value.value);
  }
  const base = [...lines, [`"@signature-params"`, signed.params]]
    .map(([identifier, value]) => `${identifier}: ${value}`)
    .join("\n");
  return found(base, `${[...lines.keys()].join(" ")}: ${base.length} characters`);
}

const nameOf = ({ name }: Component): string | undefined =>
  typeof name === "string" && (name.startsWith("@") || FIELD.test(name)) ? name : undefined;

interface Place {
  readonly url: URL;
  readonly delivery: Delivery;
}

function valueOf(name: string, { params }: Component, { url, delivery }: Place): Found<string> {
  if (name === "@query-param") return queryParam(url, params);
  const [param] = params.keys();
  if (param !== undefined) {
    const detail = `Component "${name}" has the parameter "${param}", which is not supported`;
    return doubt("signature_malformed", detail);
  }
  if (name.startsWith("@")) {
    const derive = Object.hasOwn(DERIVED, name) ? DERIVED[name] : undefined;
    if (derive !== undefined) return found(derive(url, delivery), name);
    return doubt("signature_malformed", `Component "${name}" is none of a request`);
  }
  const value = delivery.header(name);
  if (value === undefined)
    return doubt("signature_malformed", `No "${name}" header, and it is signed`);
  return found(value.trim(), name);
}

/** RFC 9421 §2.2.8: one parameter by its encoded name, and the value encoded anew. */
function queryParam(url: URL, params: Parameters): Found<string> {
  const wanted = params.get("name");
  if (typeof wanted !== "string" || params.size !== 1) {
    return doubt("signature_malformed", 'Component "@query-param" needs a name and nothing else');
  }
  const [value, ...others] = parametersOf(url).get(wanted) ?? [];
  if (value === undefined || others.length > 0) {
    return doubt("signature_malformed", "A signed query parameter is not in the URL once");
  }
  return found(percentEncode(value), "@query-param");
}

/** Of one request: each label and each component would encode all of them again. */
const parameters = new WeakMap<URL, ReadonlyMap<string, readonly string[]>>();

function parametersOf(url: URL): ReadonlyMap<string, readonly string[]> {
  const known = parameters.get(url);
  if (known !== undefined) return known;
  const byName = new Map<string, string[]>();
  for (const [name, value] of url.searchParams) {
    const encoded = percentEncode(name);
    const values = byName.get(encoded);
    if (values === undefined) byName.set(encoded, [value]);
    else values.push(value);
  }
  parameters.set(url, byName);
  return byName;
}

/** The URL standard's «application/x-www-form-urlencoded percent-encode set»; a space is %20. */
const percentEncode = (text: string): string =>
  encodeURIComponent(text).replaceAll(
    /[!'()~]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
