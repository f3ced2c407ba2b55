import { recordRules } from "../../core/record/rules.ts";
import { queueOfShard } from "../bindings.ts";
import { SubjectObject } from "./subject-object.ts";

/** One register that is not a distributor's: a lead, ticket, customer, period, row, field. */
export class Record extends SubjectObject {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env, { rules: recordRules, queueOf: queueOfShard(env) });
  }
}
