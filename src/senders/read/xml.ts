import { XMLParser } from "fast-xml-parser";
import type { Violation } from "../../core/contracts/event.ts";
import { ok, refuse, type Result } from "../../core/result.ts";
import { parseText } from "./json.ts";
import { isLoose, itemsOf, type Loose } from "./loose.ts";

/** Elements inside elements, the root counted: SOAP messages need eight. */
export const XML_DEPTH_MAX = 32;
/** Each element costs a few objects: 100 records of 800 fields, and room for what is around them. */
export const XML_ELEMENTS_MAX = 100_000;
/** One tag with all of its attributes. */
const TAG_CHARS_MAX = 16_384;

const XSI = "http://www.w3.org/2001/XMLSchema-instance";

/** An element with its prefixes resolved (https://www.w3.org/TR/xml-names/). */
export interface XmlElement {
  /** Without its prefix. */
  readonly name: string;
  /** URI of its namespace; empty where it is in none. */
  readonly namespace: string;
  /** Those that declare namespaces are left out. */
  readonly attributes: readonly XmlAttribute[];
  /** In the order of the document, repeated ones too. */
  readonly children: readonly XmlElement[];
  /** Text and CDATA directly inside, joined and not trimmed. */
  readonly text: string;
  /** `xsi:nil` says that there is no value: not the same as an empty one. */
  readonly isNil: boolean;
}

export interface XmlAttribute {
  readonly name: string;
  readonly namespace: string;
  readonly value: string;
}

/** The first child of a name in the namespace of its parent, or another. */
export const childOf = (
  { children, namespace: own }: XmlElement,
  name: string,
  namespace = own,
): XmlElement | undefined =>
  children.find((child) => child.name === name && child.namespace === namespace);

/** The value of an attribute of some namespace. */
export const attributeOf = (
  { attributes }: XmlElement,
  name: string,
  namespace = "",
): string | undefined =>
  attributes.find((one) => one.name === name && one.namespace === namespace)?.value;

/** `xsi:type`, without its prefix: `sf:Contact` is `Contact`. */
export const typeOf = (element: XmlElement): string | undefined =>
  attributeOf(element, "type", XSI)?.trim().replace(/^.*:/, "");

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: "@",
  cdataPropName: "#cdata",
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  processEntities: false,
  jPath: false,
});

/**
 * Reads a body as XML 1.0, and as SOAP 1.1 §3 wants it: no DOCTYPE, so that nothing can be defined,
 * fetched or expanded, and no processing instructions. Our own pass over the markup comes before
 * the library's, so that what is deep, huge or declared never gets there.
 */
export function parseXml(body: Uint8Array): Result<XmlElement, readonly Violation[]> {
  const text = parseText(body);
  if (!text.ok) return text;
  const content = withoutDeclaration(text.value);
  if (typeof content !== "string") return refuse([content]);
  const fault = markupFault(content);
  if (fault !== undefined) return refuse([fault]);

  const faults: Violation[] = [];
  const root = rootOf(content);
  if (root === undefined) return refuse([xml("The body is not well-formed XML")]);
  const element = elementOf(root, PREDECLARED, faults);
  const [first] = faults;
  return first === undefined ? ok(element) : refuse([first]);
}

const violation = (rule: string, message: string): Violation => ({ path: "", rule, message });
const xml = (message: string) => violation("xml", message);

const DECLARATION = /^<\?xml[ \t\r\n][^<>?]*\?>/;
const ENCODING = /[ \t\r\n]encoding[ \t\r\n]*=[ \t\r\n]*["']([^"']*)["']/;

/** The bytes were read as UTF-8: where the declaration says otherwise, one of the two is wrong. */
function withoutDeclaration(text: string): string | Violation {
  const [declaration = ""] = DECLARATION.exec(text) ?? [];
  const [, encoding = "utf-8"] = ENCODING.exec(declaration) ?? [];
  if (!["utf-8", "us-ascii"].includes(encoding.toLowerCase())) {
    return violation("encoding", "Must be declared as UTF-8, or not at all");
  }
  return text.slice(declaration.length);
}

interface Place {
  depth: number;
  elements: number;
}

/** What is wrong with the markup, tag by tag. Names, attributes and pairs are the library's part. */
function markupFault(text: string): Violation | undefined {
  if (text.includes("\0")) return xml("Must hold no NUL");
  const place: Place = { depth: 0, elements: 0 };
  let at = 0;
  while (at < text.length) {
    const from = text.indexOf("<", at);
    const end = from === -1 ? text.length : from;
    if (place.depth === 0 && /[^ \t\r\n]/.test(text.slice(at, end))) {
      return xml("Must hold no text outside of its root element");
    }
    if (from === -1) break;
    const next = readMarkup(text, from, place);
    if (typeof next !== "number") return next;
    at = next;
  }
  return place.elements === 0 ? xml("Must have a root element") : undefined;
}

/** Where a tag, comment or section that begins here ends, or why it must not be there. */
function readMarkup(text: string, from: number, place: Place): number | Violation {
  if (text.startsWith("<!--", from)) return after(text, "-->", from + 4);
  if (text.startsWith("<![CDATA[", from)) {
    if (place.depth === 0) return xml("Must hold no text outside of its root element");
    return after(text, "]]>", from + 9);
  }
  if (text.startsWith("<!", from)) return violation("doctype", "Must hold no DOCTYPE");
  if (text.startsWith("<?", from)) {
    return violation("instruction", "Must hold no processing instruction");
  }
  if (!text.startsWith("</", from)) return readOpening(text, from, place);
  place.depth -= 1;
  if (place.depth < 0) return xml("Must close no element that is not open");
  return after(text, ">", from + 2);
}

function after(text: string, mark: string, from: number): number | Violation {
  const at = text.indexOf(mark, from);
  return at === -1 ? xml(`Must close everything with "${mark}"`) : at + mark.length;
}

function readOpening(text: string, from: number, place: Place): number | Violation {
  const end = tagEnd(text, from + 1);
  if (end === undefined) return xml(`Must have tags of at most ${TAG_CHARS_MAX} characters`);
  if (place.depth === 0 && place.elements > 0) return xml("Must have one root element");
  if (place.depth >= XML_DEPTH_MAX) {
    return violation("depth", `Must be at most ${XML_DEPTH_MAX} levels deep`);
  }
  place.elements += 1;
  if (place.elements > XML_ELEMENTS_MAX) {
    return violation("length", `Must hold at most ${XML_ELEMENTS_MAX} elements`);
  }
  if (text.charAt(end - 1) !== "/") place.depth += 1;
  return end + 1;
}

const [QUOTE, APOSTROPHE, LESS, GREATER] = [34, 39, 60, 62];

/** Where the `>` of a tag stands, outside of quotes; nothing where another tag begins before. */
function tagEnd(text: string, from: number): number | undefined {
  const last = Math.min(text.length, from + TAG_CHARS_MAX);
  let quote = 0;
  for (let at = from; at < last; at += 1) {
    const character = text.charCodeAt(at);
    if (character === LESS) return undefined;
    if (quote !== 0) {
      if (character === quote) quote = 0;
    } else if (character === GREATER) {
      return at;
    } else if (character === QUOTE || character === APOSTROPHE) {
      quote = character;
    }
  }
  return undefined;
}

/** Its errors are not told: they quote what was sent. */
function rootOf(text: string): Loose | undefined {
  try {
    // oxlint-disable-next-line typescript/no-deprecated -- its successor is a package of its own
    const parsed: unknown = parser.parse(text, true);
    return itemsOf(parsed).filter(isLoose).find(isElement);
  } catch {
    return undefined;
  }
}

const ATTRIBUTES = ":@";
const isElement = (node: Loose): boolean => !nameIn(node).startsWith("#");

/** The library gives each node as an object of one member, and one more for its attributes. */
const nameIn = (node: Loose): string => Object.keys(node).find((key) => key !== ATTRIBUTES) ?? "#";

/**
 * What an element declares: URIs by prefix, the default namespace by "". All else is looked up
 * outside of it, level by level: copied, what is declared around many elements would cost as many
 * times.
 */
interface Scope {
  readonly own: ReadonlyMap<string, string>;
  readonly outer?: Scope;
}

const PREDECLARED: Scope = { own: new Map([["xml", "http://www.w3.org/XML/1998/namespace"]]) };

/** The URI that is nearest; empty where there is none, or where it was undeclared. */
function uriOf(prefix: string, scope: Scope): string {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.outer) {
    const uri = at.own.get(prefix);
    if (uri !== undefined) return uri;
  }
  return "";
}

function elementOf(node: Loose, outer: Scope, faults: Violation[]): XmlElement {
  const name = nameIn(node);
  const written = isLoose(node[ATTRIBUTES]) ? Object.entries(node[ATTRIBUTES]) : [];
  const values = written.map(
    ([key, value]) => [key.slice(1), decoded(String(value), faults)] as const,
  );
  const own = values.flatMap(declared);
  const scope = own.length === 0 ? outer : { own: new Map(own), outer };
  const attributes = values
    .filter((pair) => declared(pair).length === 0)
    .map(([key, value]) => ({ ...resolved(key, scope, { faults, isAttribute: true }), value }));
  const nodes = itemsOf(node[name]).filter(isLoose);
  return {
    ...resolved(name, scope, { faults, isAttribute: false }),
    attributes,
    children: nodes.filter(isElement).map((child) => elementOf(child, scope, faults)),
    text: nodes.map((child) => textIn(child, faults)).join(""),
    isNil: attributes.some(saysNil),
  };
}

function declared([key, uri]: readonly [string, string]): [string, string][] {
  if (key === "xmlns") return [["", uri]];
  return key.startsWith("xmlns:") ? [[key.slice("xmlns:".length), uri]] : [];
}

const saysNil = ({ name, namespace, value }: XmlAttribute): boolean =>
  name === "nil" && namespace === XSI && ["true", "1"].includes(value.trim());

const QUALIFIED = /^(?:([^:]+):)?([^:]+)$/;

/** An attribute without a prefix is in no namespace, whatever the default one is. */
function resolved(
  written: string,
  scope: Scope,
  { faults, isAttribute }: { faults: Violation[]; isAttribute: boolean },
) {
  const [, prefix, name = ""] = QUALIFIED.exec(written) ?? [];
  const namespace = prefix === undefined && isAttribute ? "" : uriOf(prefix ?? "", scope);
  if (name === "" || (prefix !== undefined && namespace === "")) {
    faults.push(violation("namespace", "Must declare the prefixes of its names"));
  }
  return { name, namespace };
}

function textIn(node: Loose, faults: Violation[]): string {
  const text = node["#text"];
  if (typeof text === "string") return decoded(text, faults);
  // What stands in CDATA is itself: `&lt;` there is four characters.
  return itemsOf(node["#cdata"])
    .map((part) => (isLoose(part) ? part["#text"] : undefined))
    .filter((part) => typeof part === "string")
    .join("");
}

const PREDEFINED: Readonly<Record<string, string>> = {
  lt: "<",
  gt: ">",
  amp: "&",
  apos: "'",
  quot: '"',
};

const REFERENCE = /&(?:#(\d{1,8})|#x([\da-fA-F]{1,8})|(lt|gt|amp|apos|quot));|&/g;

/** Each reference is read once: what comes out of one is never read again. */
function decoded(text: string, faults: Violation[]): string {
  if (!text.includes("&")) return text;
  return text.replaceAll(REFERENCE, (_all, decimal?: string, hex?: string, name?: string) => {
    const character = name === undefined ? characterOf(decimal, hex) : PREDEFINED[name];
    if (character === undefined) {
      faults.push(violation("entity", "Must refer to predefined entities and characters only"));
    }
    return character ?? "";
  });
}

/**
 * Characters that Unicode has, but NUL and halves of pairs. Control characters are let through,
 * which XML 1.0 forbids: people paste them into records, and a refusal would lose the message.
 */
function characterOf(decimal?: string, hex?: string): string | undefined {
  const code = decimal === undefined ? Number.parseInt(hex ?? "", 16) : Number(decimal);
  const isCharacter = code > 0 && code <= 0x10_ffff && !(code >= 0xd800 && code <= 0xdfff);
  return isCharacter ? String.fromCodePoint(code) : undefined;
}
