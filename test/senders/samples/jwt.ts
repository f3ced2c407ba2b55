import { exportJWK, generateKeyPair, type JWK } from "jose";
import { jwt } from "#src/senders/jwt.ts";
import { signJwt } from "../../../scripts/signing.ts";
import type { Sample } from "../sample.ts";

export const issuer = "https://idp.example.net";
export const audience = "webhook-gateway";
export const algorithms = ["EdDSA", "ES256", "RS256"];

export async function makePair(alg: string, kid: string): Promise<{ ours: JWK; theirs: JWK }> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const [ours, theirs] = [await exportJWK(publicKey), await exportJWK(privateKey)];
  return { ours: { ...ours, alg, kid }, theirs: { ...theirs, alg, kid } };
}

export const ed = await makePair("EdDSA", "ed-1");
export const es = await makePair("ES256", "es-1");
const stranger = await makePair("EdDSA", "ed-1");
export const setOf = (...keys: JWK[]) => ({ jwks: { keys }, issuer, audience, algorithms });
export const secret = JSON.stringify({ ...setOf(ed.ours, es.ours), clock_skew_s: 60 });
const other = JSON.stringify(setOf(stranger.ours));

/** What any sender's sample by `jwt-bearer` has in common. */
export const bearerJwt = {
  scheme: "jwt-bearer",
  secret,
  other,
  signingSecret: JSON.stringify(ed.theirs),
  sign: async ({ secret: key, atMs }) => ({
    headers: await signJwt({
      secret: key,
      issuer,
      audience,
      issuedAtS: atMs / 1000,
      expiresAtS: atMs / 1000 + 240,
    }),
  }),
  proof: { header: "authorization" },
  covers: {
    body: false,
    method: false,
    url: false,
    headers: [],
    time: { ageMsMax: 299_000, aheadMsMax: 60_000, unitMs: 1000 },
  },
} as const satisfies Partial<Sample>;

export const samples: readonly Sample[] = [
  {
    ...bearerJwt,
    sender: jwt,
    body: JSON.stringify({
      id: "evt-1",
      type: "order.cancelled",
      version: 1,
      occurred_at: "2026-07-25T17:20:00Z",
      data: { order_id: "O-1", reason: "changed mind" },
    }),
  },
];
