import { treeRules } from "../../core/genealogy/tree-rules.ts";
import { queueOfShard } from "../bindings.ts";
import { SubjectObject } from "./subject-object.ts";

/** A tenant's moves: one strict stream, so that no two of them can close a circle. */
export class Tree extends SubjectObject {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env, { rules: treeRules, queueOf: queueOfShard(env) });
  }
}
