import { DestinationObject } from "../edge/objects/destination.ts";
import { outboundPorts } from "./outbound.ts";
import { createParts, type Parts } from "./parts.ts";

// By environment: the objects of an isolate share its memory.
const known = new WeakMap<Cloudflare.Env, Parts>();

function partsOf(env: Cloudflare.Env): Parts {
  const parts = known.get(env) ?? createParts(env);
  known.set(env, parts);
  return parts;
}

/** The object of one destination, with what it needs of its deployment. */
export class Destination extends DestinationObject {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env, outboundPorts(partsOf(env)));
  }
}
