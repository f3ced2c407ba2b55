/** What the operations are grouped by, in the order in which somebody new meets them. */
export const TAGS = [
  {
    name: "Ingest",
    description:
      "Where senders post. No API key: a delivery proves itself as its sender signs. See docs/senders.",
  },
  {
    name: "Status",
    description: "Distributors as they stand, who is above and below them, stock and tickets.",
  },
  {
    name: "Ledger",
    description: "Double entry: transfers, commission lines, balances, statements, runs, payouts.",
  },
  { name: "Events", description: "What was sent, and what became of it." },
  {
    name: "Operation",
    description: "What waits for somebody, what is under way, and what shows that nothing is lost.",
  },
  { name: "Configuration", description: "Tenants, their sources, keys and compensation plans." },
  {
    name: "Destinations",
    description: "Where a tenant is told what was applied, and of what: see docs/destinations.md.",
  },
  {
    name: "Public",
    description: "Open to everybody: the contracts of events, and whether we run.",
  },
] as const;

export const SECURITY_SCHEMES = {
  apiKey: {
    type: "http",
    scheme: "bearer",
    description:
      "`Authorization: Bearer upl_…`: an API key of the tenant, or the deployment's ADMIN_TOKEN. Made by `POST …/keys`, shown once",
  },
  jwt: {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description:
      "`Authorization: Bearer` and a JWT of the issuer that the tenant believes (`access.jwt`), signed by one of its keys, with `iss`, `aud`, `exp` and `nbf`",
  },
  certificate: {
    type: "mutualTLS",
    description:
      "A client certificate beside the API key, for a key that is bound to one: without it the key is worth nothing",
  },
} as const;
