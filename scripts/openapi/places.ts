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
  n: "A part's number, from 1",
  token: "What a product proves itself by that can send it nowhere else",
};

/** One of each, for the document's «Try it out» and for collections. */
export const PLACE_EXAMPLES: Readonly<Record<string, string>> = {
  tenant: "acme",
  source: "core",
  distributor: "1001",
  event: "evt_0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70",
  plan: "main",
  run: "close:main:2026-07",
  writeoff: "wo-2026-11",
  month: "2026-07",
  period: "2026-07",
  subject: "dist:1001",
  key: "a1B2c3D4",
  type: "commission.posted",
  version: "1",
  n: "1",
  token: "5f2c8e1b",
};
