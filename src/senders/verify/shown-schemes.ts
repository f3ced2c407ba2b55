import type { Schemes } from "../sender.ts";
import { mtlsPin } from "./certificate.ts";
import { jwtBearer } from "./jwt.ts";
import { apiKey, basic, bearerToken, urlToken } from "./token.ts";

/**
 * Schemes for products that sign nothing and let their user say what to send along. None covers
 * the body: whoever sees one delivery on its way could send others.
 */
export const SHOWN_SCHEMES = {
  basic,
  "bearer-token": bearerToken,
  "api-key": apiKey,
  "jwt-bearer": jwtBearer,
  "mtls-pin": mtlsPin,
  "url-token": urlToken,
} as const satisfies Schemes;
