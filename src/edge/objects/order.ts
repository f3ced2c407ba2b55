import { orderRules } from "../../core/order/rules.ts";
import { queueOfShard } from "../bindings.ts";
import { SubjectObject } from "./subject-object.ts";

/** One order: its payments, refunds and disputes, the cash side of the ledger, the manifest of its lines. */
export class Order extends SubjectObject {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env, { rules: orderRules, queueOf: queueOfShard(env) });
  }
}
