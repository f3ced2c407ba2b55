import { activecampaign } from "./activecampaign.ts";
import { adyen } from "./adyen.ts";
import { aivenHttpSink } from "./aiven-http-sink.ts";
import { braintree } from "./braintree.ts";
import { bydesign } from "./bydesign.ts";
import { cloudevents } from "./cloudevents.ts";
import { confluentHttpSink } from "./confluent-http-sink.ts";
import { custom } from "./custom.ts";
import { dataverse } from "./dataverse.ts";
import { debezium } from "./debezium.ts";
import { directscale } from "./directscale.ts";
import { eventbridge } from "./eventbridge.ts";
import { firehose } from "./firehose.ts";
import { fivetran } from "./fivetran.ts";
import { fluid } from "./fluid.ts";
import { freshsales } from "./freshsales.ts";
import { gohighlevel } from "./gohighlevel.ts";
import { httpSignatures } from "./http-signatures.ts";
import { hubspot } from "./hubspot.ts";
import { jwt } from "./jwt.ts";
import { mlmGeneric } from "./mlm-generic.ts";
import { paypal } from "./paypal.ts";
import { pillars } from "./pillars.ts";
import { pipedrive } from "./pipedrive.ts";
import { polled } from "./polled.ts";
import { salesforceCdc } from "./salesforce-cdc.ts";
import { salesforceOutboundMessage } from "./salesforce-outbound-message.ts";
import { shopify } from "./shopify.ts";
import { square } from "./square.ts";
import { standard } from "./standard.ts";
import { streamsets } from "./streamsets.ts";
import { stripe } from "./stripe.ts";
import { woocommerce } from "./woocommerce.ts";
import { zendesk } from "./zendesk.ts";
import { zohoBilling } from "./zoho-billing.ts";
import { zohoCrm } from "./zoho-crm.ts";
import { zohoDesk } from "./zoho-desk.ts";
import { zohoPayments } from "./zoho-payments.ts";
import type { Sender } from "./sender.ts";

/** Every sender the gateway speaks. Adding one is a file, an import, a name here and its page. */
const senders: readonly Sender[] = [
  standard,
  httpSignatures,
  jwt,
  custom,
  stripe,
  paypal,
  square,
  adyen,
  braintree,
  shopify,
  woocommerce,
  hubspot,
  salesforceOutboundMessage,
  salesforceCdc,
  zohoCrm,
  zohoBilling,
  zohoPayments,
  zohoDesk,
  pipedrive,
  dataverse,
  freshsales,
  activecampaign,
  zendesk,
  gohighlevel,
  debezium,
  confluentHttpSink,
  aivenHttpSink,
  firehose,
  fivetran,
  streamsets,
  eventbridge,
  cloudevents,
  fluid,
  directscale,
  pillars,
  bydesign,
  mlmGeneric,
];

/** Other names that a source may give: the same sender under what people call it. */
const ALIASES: Readonly<Record<string, string>> = {
  "standard-webhooks": "standard",
  svix: "standard",
};

const byName = new Map(senders.map((sender) => [sender.name, sender]));

export const SENDERS: ReadonlyMap<string, Sender> = new Map([
  ...byName,
  ...Object.entries(ALIASES).flatMap(([alias, name]) => {
    const sender = byName.get(name);
    return sender === undefined ? [] : [[alias, sender] as const];
  }),
]);

/** Whoever can read a delivery of the queue: senders, and what the gateway fetched itself. */
export const READERS: ReadonlyMap<string, Sender> = new Map([...SENDERS, [polled.name, polled]]);
