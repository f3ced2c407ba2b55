import { assert } from "../core/assert.ts";
import type { CoreLine } from "../core/reconciliation/core-line.ts";
import { idBatches } from "../edge/core-client/address.ts";
import type { CoreClient } from "../edge/core-client/client.ts";
import { paged } from "../edge/core-client/page.ts";
import type { Place } from "../edge/core-client/place.ts";
import { whole } from "../edge/core-client/whole.ts";
import type { CorePort, Snapshot } from "../edge/cron/reconciliation/ports.ts";

const at = (place: Place | undefined, snapshot: Snapshot | undefined) => ({
  place,
  ...(snapshot === undefined ? {} : { snapshot }),
});

/** In as many questions as addresses hold. */
async function named(
  client: CoreClient,
  lineIds: readonly string[],
  snapshot: Snapshot | undefined,
): ReturnType<CorePort["named"]> {
  const items: CoreLine[] = [];
  let told: Awaited<ReturnType<CorePort["named"]>> | undefined;
  for (const ids of idBatches(lineIds)) {
    const asOf = told?.kind === "all" ? told.snapshot : snapshot;
    told = await whole((place) => client.lines({ by: "ids", lineIds: ids }, at(place, asOf)));
    if (told.kind !== "all") return told;
    items.push(...told.items);
  }
  assert(told?.kind === "all", "No line is asked for");
  return { ...told, items };
}

/** What a run asks of a core: small answers whole, long listings a page at a time. */
export const corePort = (client: CoreClient): CorePort => ({
  name: client.name,
  digests: (asked, snapshot) => whole((place) => client.digests(asked, at(place, snapshot))),
  lines: (bucket, snapshot) =>
    whole((place) => client.lines({ by: "bucket", bucket }, at(place, snapshot))),
  changed: (sinceMs, { snapshot, place: kept }) =>
    paged(kept, (place) => client.lines({ by: "updated", sinceMs }, at(place, snapshot))),
  named: (lineIds, snapshot) => named(client, lineIds, snapshot),
  balanceDigests: (snapshot) =>
    paged(undefined, () => client.digests({ level: "balances" }, at(undefined, snapshot))),
  balances: (shards, { snapshot, place: kept }) =>
    paged(kept, (place) =>
      client.balances(shards === undefined ? {} : { shards }, at(place, snapshot)),
    ),
  spent: () => client.spent(),
});
