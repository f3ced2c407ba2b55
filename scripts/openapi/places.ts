/** What the parameters in paths name. */
export const PLACES: Readonly<Record<string, string>> = {
  tenant: "A tenant's name",
  source: "A source's name",
  distributor: "The core's id of a distributor",
  event: "Our id of an event, `evt_…`",
  plan: "A plan's id",
  run: "A run's id, `close:main:2026-07`; percent-encoded",
  writeoff: "The id that a write-off was given when it was asked for",
  month: "A month, `yyyy-mm`",
  period: "A period's id, `2026-07`",
  subject: "What an object keeps, `order:O1`; percent-encoded",
  key: "The id of an API key",
  type: "A type of event, `commission.posted`",
  version: "A version of its contract",
};
