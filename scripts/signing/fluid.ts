/** https://docs.fluid.app/api/guides/webhooks#verify-a-delivery: the secret is used as the text it is. */
export interface FluidRequest {
  readonly secret: string;
  readonly timestampS: number;
  readonly body: string;
}

export async function signFluid(request: FluidRequest): Promise<Readonly<Record<string, string>>> {
  const { secret, timestampS, body } = request;
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", Buffer.from(secret), algorithm, false, ["sign"]);
  const signed = Buffer.from(`${timestampS}.${body}`);
  const signature = await crypto.subtle.sign("HMAC", key, signed);
  return {
    "x-fluid-shop": "acme",
    "x-fluid-timestamp": String(timestampS),
    "x-fluid-signature": Buffer.from(signature).toString("hex"),
  };
}
