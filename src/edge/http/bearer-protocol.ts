import type { ApiContext } from "./route.ts";

const PREFIX = "bearer.";

export const isUpgrade = (c: ApiContext): boolean =>
  c.req.header("Upgrade")?.toLowerCase() === "websocket";

/** The subprotocols that a client offers, in its order (RFC 6455 §11.3.4). */
export const protocolsOf = (c: ApiContext): readonly string[] =>
  (c.req.header("Sec-WebSocket-Protocol") ?? "").split(",").map((name) => name.trim());

/**
 * The credential of a browser's WebSocket, as an `Authorization` header would bring it: a page can
 * set no header there, and an address would leave it in logs. `bearer.{token}` among the
 * subprotocols, on an upgrade alone.
 */
export function bearerProtocol(c: ApiContext): string | undefined {
  if (!isUpgrade(c)) return undefined;
  const offered = protocolsOf(c).find((name) => name.startsWith(PREFIX));
  return offered && `Bearer ${offered.slice(PREFIX.length)}`;
}
