import * as z from "zod";
import {
  code,
  dataRevision,
  id,
  instantOrDay,
  json,
  keyedDistributor,
  oneOf,
  words,
} from "./fields.ts";
import type { Data } from "./fields.ts";

export const STATUSES = ["active", "grace", "suspended", "terminated"] as const;

const status = () => oneOf("Standing of the distributor", STATUSES);
const leg = () => oneOf("Leg of a binary tree", ["L", "R"]).optional();

/** Personal fields, sealed under the subject's key as soon as they are read (DOMAIN §10). */
const Pii = z
  .object({
    name: words("Full name").optional(),
    given_name: words("Given name").optional(),
    family_name: words("Family name").optional(),
    email: words("E-mail address").optional(),
    phone: words("Telephone number").optional(),
    address: words("Postal address").optional(),
  })
  .catchall(json());

export const DistributorEnrolled = z.looseObject({
  distributor_id: id("The new distributor"),
  sponsor_id: id("Who recruited the distributor; absent at the top").optional(),
  placement_id: id("Where the node hangs; absent: under the sponsor").optional(),
  leg: leg(),
  status: status(),
  joined_at: instantOrDay("When the distributor joined"),
  country: code("Country, ISO 3166-1 alpha-2 where the sender has it"),
  pii: Pii.optional().describe("Personal fields; encrypted at once and never logged"),
  rev: dataRevision(),
});
export type DistributorEnrolled = Data<typeof DistributorEnrolled>;

export const DistributorStatusChanged = z.looseObject({
  distributor_id: keyedDistributor(),
  status: status(),
  effective_at: instantOrDay("From when the status holds"),
  rev: dataRevision(),
});
export type DistributorStatusChanged = Data<typeof DistributorStatusChanged>;

export const DistributorMoved = z.looseObject({
  distributor_id: id("The distributor who moves, with the downline"),
  tree: oneOf("Which edge changes", ["sponsor", "placement"]),
  parent_id: id("The new parent in that tree"),
  leg: leg(),
  effective_at: instantOrDay("From when the new edge holds"),
});
export type DistributorMoved = Data<typeof DistributorMoved>;
