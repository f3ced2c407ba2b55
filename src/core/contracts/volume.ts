import * as z from "zod";
import {
  dataRevision,
  id,
  integer,
  keyedDistributor,
  list,
  members,
  signedPoints,
} from "./fields.ts";
import type { Data } from "./fields.ts";

/** Cores differ in how they write a leg: an object with its own volumes, an id, or a number. */
const Leg = z.union([
  members("The leg's own members"),
  z.string().max(128),
  integer("Group volume of the leg, in hundredths of a point"),
]);

export const VolumeSnapshot = z.looseObject({
  distributor_id: keyedDistributor(),
  period_id: id("The period; absent: the UTC month of occurred_at, yyyy-mm").optional(),
  pv_x100: signedPoints("Own volume of the period"),
  gv_x100: signedPoints("Own and downline volume of the period"),
  legs: list("The legs below the distributor, at most 1000", Leg),
  rev: dataRevision(),
});
/** `period_id` is always there after reading. */
export type VolumeSnapshot = Data<typeof VolumeSnapshot>;
