import { httpPoller } from "./http.ts";
import { hubspotPoller } from "./hubspot.ts";
import type { Poller } from "./poller.ts";
import { salesforcePoller } from "./salesforce.ts";
import type { PollSettings } from "./settings.ts";
import { zohoPoller } from "./zoho.ts";

/** Every product that is asked, by the kind that a source's options name. */
export const POLLERS: Readonly<Record<PollSettings["kind"], Poller>> = {
  hubspot: hubspotPoller,
  salesforce: salesforcePoller,
  zoho: zohoPoller,
  http: httpPoller,
};
