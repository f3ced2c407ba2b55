import { ok, refuse, type Result } from "../core/result.ts";
import { looseOf, textOf } from "../senders/read/loose.ts";
import { faultOf } from "./answers.ts";
import type { Answer, Ask, Fault } from "./poller.ts";
import type { PollSecrets } from "./secrets.ts";
import type { PollSettings } from "./settings.ts";

/** Before its end a token is replaced: requests of it take their time. */
const EARLY_MS = 120_000;
/** Salesforce tells no lifetime: its sessions end after 15 minutes at the least. */
const LIFE_S_DEFAULT = 900;

/** A credential for some time. */
export interface Token {
  readonly access: string;
  readonly untilMs: number;
  /** Where the API is, as the token's answer says: Salesforce `instance_url`, Zoho `api_domain`. */
  readonly url?: string;
  /** The refresh token that stands in place of the one before, where the product changes it. */
  readonly refresh?: string;
}

/** Whether the source's credential is exchanged for tokens. */
export const needsToken = ({ auth }: Pick<PollSettings, "auth">): boolean =>
  auth.kind === "refresh_token" || auth.kind === "client_credentials";

const BASES = { hubspot: "https://api.hubapi.com", zoho: "https://www.zohoapis.com" } as const;

const trimmed = (url: string): string => url.replace(/\/+$/, "");

/** Where the API of a source is, without a slash at its end; empty for addresses given whole. */
export function baseUrl(settings: PollSettings, token?: Token): string {
  const { kind, base_url: given } = settings;
  // What Salesforce and Zoho say of themselves is for them to say: the same company's hosts.
  if (given === undefined && token?.url !== undefined) return trimmed(token.url);
  if (given !== undefined) return trimmed(given);
  return kind === "hubspot" || kind === "zoho" ? BASES[kind] : "";
}

/**
 * Where tokens are to be had. HubSpot: https://developers.hubspot.com/docs/api/oauth/tokens
 * Salesforce: https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_refresh_token_flow.htm
 * Zoho, whose accounts have a host of their own in each data centre:
 * https://www.zoho.com/crm/developer/docs/api/v8/refresh.html
 */
function tokenUrl(settings: PollSettings): string {
  const { auth, kind } = settings;
  if ("token_url" in auth && auth.token_url !== undefined) return auth.token_url;
  const base = baseUrl(settings);
  if (kind === "hubspot") return `${base}/oauth/v1/token`;
  if (kind === "salesforce") return `${base}/services/oauth2/token`;
  const { hostname } = new URL(base);
  return `https://${hostname.replace(/^.*zohoapis\./, "accounts.zoho.")}/oauth/v2/token`;
}

/** The request for a new token: RFC 6749 §4.4 and §6, the client named in the body. */
export function askToken(settings: PollSettings, secrets: PollSecrets, refresh?: string): Ask {
  const { auth } = settings;
  const form = new URLSearchParams({ grant_type: auth.kind });
  if ("client_id" in auth) form.set("client_id", auth.client_id);
  form.set("client_secret", secrets["client_secret"] ?? "");
  if (auth.kind === "refresh_token")
    form.set("refresh_token", refresh ?? secrets["refresh_token"] ?? "");
  if (auth.kind === "client_credentials" && auth.scope !== undefined) form.set("scope", auth.scope);
  return {
    method: "POST",
    url: tokenUrl(settings),
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
    body: form.toString(),
    cost: 0,
  };
}

/** The token of an answer. Zoho refuses with status 200 and an `error`. */
export function readToken(answer: Answer, nowMs: number): Result<Token, Fault> {
  const body = looseOf(answer.body);
  const access = textOf(body["access_token"]);
  const fault = faultOf(answer);
  if (fault !== undefined) {
    // 400 invalid_grant: the credential is over, as 401 says it.
    return refuse(
      fault.kind === "refused" ? { kind: "unauthorized", detail: fault.detail } : fault,
    );
  }
  if (access === undefined) {
    const detail = `No access token: ${textOf(body["error"]) ?? "the answer has none"}`;
    return refuse({ kind: "unauthorized", detail });
  }
  const lifeS = Number(body["expires_in"] ?? LIFE_S_DEFAULT);
  const url = textOf(body["instance_url"]) ?? textOf(body["api_domain"]);
  const refresh = textOf(body["refresh_token"]);
  return ok({
    access,
    untilMs:
      nowMs + Math.max(0, (Number.isFinite(lifeS) ? lifeS : LIFE_S_DEFAULT) * 1000 - EARLY_MS),
    ...(url === undefined ? {} : { url }),
    ...(refresh === undefined ? {} : { refresh }),
  });
}

/** The header that proves who asks. */
export function credentialOf(
  { kind, auth }: PollSettings,
  secrets: PollSecrets,
  token: Token | undefined,
): readonly [string, string] {
  if (auth.kind === "header") return [auth.name, secrets["value"] ?? ""];
  if (auth.kind === "basic") {
    return ["Authorization", `Basic ${base64(`${auth.user}:${secrets["password"] ?? ""}`)}`];
  }
  return ["Authorization", `${wordOf(kind)} ${token?.access ?? secrets["token"] ?? ""}`];
}

/** https://www.zoho.com/crm/developer/docs/api/v8/access-refresh.html: no Bearer there. */
const wordOf = (kind: PollSettings["kind"]): string =>
  kind === "zoho" ? "Zoho-oauthtoken" : "Bearer";

const base64 = (text: string): string =>
  btoa(String.fromCodePoint(...new TextEncoder().encode(text)));
