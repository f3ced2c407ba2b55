import { destinationStore } from "#src/edge/control/destination-store.ts";
import { subscriptionStore } from "#src/edge/control/subscription-store.ts";
import { destinationRoutes } from "#src/edge/http/destinations.ts";
import { subscriptionRoutes } from "#src/edge/http/subscriptions.ts";
import { DESTINATIONS } from "#src/destinations/index.ts";
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
