import { env } from "cloudflare:workers";
import { cancelFormer } from "#src/compose/outbound.ts";
import { createParts } from "#src/compose/parts.ts";
import { destinationStore } from "#src/edge/control/destination-store.ts";
import { subscriptionStore } from "#src/edge/control/subscription-store.ts";
import { destinationRoutes } from "#src/edge/http/destinations.ts";
import { subscriptionRoutes } from "#src/edge/http/subscriptions.ts";
import { DESTINATIONS } from "#src/destinations/index.ts";
import type { DestinationPlace } from "#src/edge/outbound/ports.ts";
import { asDocumented } from "./contract.ts";
import { type Call, call, controlRig, type RigOptions } from "./control-rig.ts";

/** The API of one isolate with destinations and subscriptions, and what it tells others of them. */
export function tellingRig(options: Pick<RigOptions, "d1" | "environment" | "nowMs"> = {}) {
  const { store, keyring } = controlRig(options);
  const told = { woken: new Array<object>(), changed: new Array<string>() };
  const ports = {
    destinations: destinationStore({ store, keyring }),
    subscriptions: subscriptionStore({ store }),
    kinds: DESTINATIONS,
    environment: options.environment ?? "production",
    wake: (place: object) => void told.woken.push(place),
    cancelPending: (place: DestinationPlace) => cancelFormer(createParts(env), place),
    changed: (tenant: string) => void told.changed.push(tenant),
    nowMs: options.nowMs ?? (() => Date.now()),
  };
  const routes = [...destinationRoutes(ports), ...subscriptionRoutes(ports)];
  const rig = controlRig({ ...options, routes });
  const ask = async (line: string, given?: Call): Promise<Response> => {
    const [method = "", url = ""] = line.split(" ");
    return asDocumented({ method, url }, await call(rig, line, given));
  };
  return { rig, ask, told, destinations: ports.destinations };
}
