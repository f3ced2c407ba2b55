import * as z from "zod";
import type { Violation } from "../core/contracts/event.ts";

export const ADDRESS_CHARS_MAX = 2048;

/**
 * What a parser of addresses takes out or replaces without a word, and what D1 gives back as another
 * text: half a character, control characters, white space around it.
 */
export const isPlainText = (text: string): boolean =>
  text.isWellFormed() && text === text.trim() && !/\p{Cc}/u.test(text);

/** Something before an `@` in front of the host: a parsed address does not tell an empty user from none. */
const USER_INFO = /^[a-z]+:[/\\]*[^/\\?#]*@/i;

/** Whether credentials stand in an address, or the place of some that are empty. */
export const hasUserInfo = (text: string): boolean => USER_INFO.test(text);

function isWebAddress(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || !["http:", "https:"].includes(url.protocol)) return false;
  // Credentials have a field of their own, where they are sealed; an address is shown.
  return !hasUserInfo(text);
}

/**
 * An http or https address without credentials in it, as it was typed: one that a signature covers has
 * to stay as it is, to the letter.
 */
export const WebAddress = z
  .string()
  .max(ADDRESS_CHARS_MAX)
  .refine(isPlainText, {
    abort: true,
    message: "Must have no control characters, halves of characters or white space around it",
    params: { rule: "url" },
  })
  .refine(isWebAddress, {
    abort: true,
    message: "Must be an http or https address without user and password",
    params: { rule: "url" },
  });

/** Where cores, products and receivers of one's own machine are asked, without TLS. */
const LOCAL = "local";

/** What is wrong with an address to which anything of ours goes: in the clear, or inside of a network. */
export function closedAddress(
  { path, url }: { readonly path: string; readonly url: string },
  environment: string,
): Violation | undefined {
  if (environment === LOCAL) return undefined;
  const isSecure = URL.parse(url)?.protocol === "https:";
  if (isSecure && isPublicHost(url)) return undefined;
  const what = isSecure ? "address that can be reached from outside" : "https address";
  return { path, rule: "url", message: `Must be an ${what}` };
}

/** First octets of networks that lead nowhere from outside: [address, bits of it]. RFC 6890, 6598. */
const CLOSED_V4: readonly (readonly [string, number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
];

/** Names that no public server answers to: RFC 6761, 6762, 8375, and what networks use inside. */
const CLOSED_NAMES = /(?:^|\.)(?:localhost|local|internal|intranet|lan|home\.arpa|test|invalid)$/;

const V4 = /^\d+\.\d+\.\d+\.\d+$/;

/**
 * Whether the host of an address can be one that others reach: neither one's own machine nor a
 * network of one's own. What a name resolves to is not looked at. False for what is no address, and
 * for a name with an empty label, which no server has.
 */
export function isPublicHost(address: string): boolean {
  // The dot at the end is the root's. More of them would hide an IP address from its parser.
  const host = URL.parse(address)?.hostname.replace(/\.$/, "") ?? "";
  if (hasEmptyLabel(host)) return false;
  // A URL's host is written in one form, whatever form of an IP address stood there.
  if (host.startsWith("[")) return isPublicV6(host.slice(1, -1));
  return V4.test(host) ? isPublicV4(host) : host.includes(".") && !CLOSED_NAMES.test(host);
}

/** Whether a host has nothing before, between or behind its dots. */
export const hasEmptyLabel = (host: string): boolean => host.split(".").includes("");

function isPublicV4(host: string): boolean {
  const at = numberOf(host);
  return CLOSED_V4.every(([network, bits]) => {
    const size = 2 ** (32 - bits);
    return Math.floor(at / size) !== Math.floor(numberOf(network) / size);
  });
}

const numberOf = (host: string): number =>
  host.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);

/** Global unicast is 2000::/3 (RFC 4291); in it lie addresses that carry an IPv4 one, and examples. */
const isPublicV6 = (host: string): boolean =>
  /^[23][\da-f]{3}:/.test(host) && !/^(?:2001:(?::|0:|db8:)|2002:)/.test(host);
