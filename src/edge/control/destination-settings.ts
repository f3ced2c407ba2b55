import { sql } from "drizzle-orm";
import type { DestinationPlace, DestinationSettings } from "../outbound/ports.ts";
import { openSecrets } from "./destination-secrets.ts";
import type { Directory } from "./directory.ts";
import type { Store } from "./store.ts";
import { destinations } from "./tables.ts";

type Named = Pick<DestinationPlace, "tenant" | "destination">;

interface Row {
  readonly kind: string;
  readonly url: string;
  readonly secrets: string;
  readonly perMinute: number;
  readonly concurrency: number;
  readonly pausedMs: number | null;
  readonly createdMs: number;
}

// A company that is on its way out is told nothing more, once what it has is being purged.
const SETTINGS = `SELECT kind, url, secrets, per_minute AS perMinute, concurrency,
    paused_ms AS pausedMs, created_ms AS createdMs FROM destinations d
  WHERE tenant = ?1 AND destination = ?2 AND NOT EXISTS (SELECT 1 FROM deletions x
    WHERE x.tenant = d.tenant AND x.state IN ('purging', 'purged'))`;

/**
 * A destination as it stands now, from the primary, its secrets opened where they can be; nothing once it
 * was removed.
 */
export async function destinationSettings(
  control: D1Database,
  directory: Directory,
  { tenant, destination }: Named,
): Promise<DestinationSettings | undefined> {
  const row = await control
    .withSession("first-primary")
    .prepare(SETTINGS)
    .bind(tenant, destination)
    .first<Row>();
  if (row === null) return undefined;
  const known = await directory.tenant(tenant);
  if (known === undefined) return undefined;
  const { pausedMs, ...settings } = row;
  const sealed = { tenant, destination, secrets: row.secrets };
  const secrets = await openSecrets(sealed, known.dataKey).catch(() => undefined);
  return { ...settings, secrets, ...(pausedMs === null ? {} : { pausedMs }) };
}

/**
 * Pauses a destination that has said that it is gone, unless a person has given it another address or
 * paused it meanwhile. Answers whether it did.
 */
export async function pauseGone(
  store: Store,
  { tenant, destination }: Named,
  { url, nowMs }: { readonly url: string; readonly nowMs: number },
): Promise<boolean> {
  const isSo = sql`tenant = ${tenant} AND destination = ${destination} AND url = ${url}
    AND paused_ms IS NULL`;
  // What decides upon the row as it was must notice: its time moves on, whatever the clock says.
  const updatedMs = sql`max(updated_ms + 1, ${nowMs})`;
  const commit = await store.commit(
    {
      tenant,
      action: "destination.gone",
      target: `destination:${tenant}/${destination}`,
      detail: { destination },
      guard: sql`EXISTS (SELECT 1 FROM destinations WHERE ${isSo})`,
      mutation: (db) =>
        db.update(destinations).set({ pausedMs: nowMs, pausedFor: "gone", updatedMs }).where(isSo),
    },
    { actor: "destination", nowMs },
  );
  return commit.kind === "saved";
}

/** Those of these destinations that are paused, by `tenant/destination`. */
export async function pausedAmong(
  control: D1Database,
  names: readonly Named[],
): Promise<ReadonlySet<string>> {
  if (names.length === 0) return new Set();
  const { results } = await control
    .withSession("first-primary")
    .prepare(
      `SELECT d.tenant, d.destination FROM json_each(?1) j JOIN destinations d
         ON d.tenant = j.value ->> 'tenant' AND d.destination = j.value ->> 'destination'
       WHERE d.paused_ms IS NOT NULL`,
    )
    .bind(JSON.stringify(names))
    .all<Named>();
  return new Set(results.map(nameOf));
}

/** Of its object, too. */
export const nameOf = ({ tenant, destination }: Named): string => `${tenant}/${destination}`;
