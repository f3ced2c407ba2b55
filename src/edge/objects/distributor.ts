import { distributorRules } from "../../core/distributor/rules.ts";
import { queueOfShard } from "../bindings.ts";
import { SubjectObject } from "./subject-object.ts";

/** One distributor: strict streams, registers, lines, payouts, balances, profile. */
export class Distributor extends SubjectObject {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env, { rules: distributorRules, queueOf: queueOfShard(env) });
  }
}
