import type { Mirrored } from "../subject.ts";

interface Head extends Mirrored {
  readonly tenant: string;
  readonly subject: string;
}

/** Mirrored heads in key order, those of frozen subjects too: a rebuild needs every name. */
export async function headsAfter(
  db: D1Database,
  cursor: string | undefined,
  limit: number,
): Promise<{ readonly items: readonly Head[]; readonly next?: string }> {
  const [tenant = "", subject = ""] = cursor === undefined ? [] : parsePlace(cursor);
  const { results } = await db
    .prepare(
      `SELECT tenant, subject, position, head FROM subjects
       WHERE (tenant, subject) > (?1, ?2) ORDER BY tenant, subject LIMIT ?3`,
    )
    .bind(tenant, subject, limit)
    .all<Head>();
  const last = results.at(-1);
  if (last === undefined || results.length < limit) return { items: results };
  return { items: results, next: JSON.stringify([last.tenant, last.subject]) };
}

// Our own text: the cursor of the page before.
const parsePlace = (text: string): readonly [string, string] => JSON.parse(text);

/**
 * Keeps the heads that moved since their subject's last anchor. A day's first anchor stands: what is
 * written again has been anchored.
 */
export async function putAnchors(
  db: D1Database,
  day: string,
  heads: readonly Head[],
): Promise<void> {
  await db
    .prepare(
      `INSERT INTO anchors (tenant, subject, day, position, head)
       SELECT r.value ->> 'tenant', r.value ->> 'subject', ?1, r.value ->> 'position', r.value ->> 'head'
       FROM json_each(?2) r
       WHERE r.value ->> 'head' <> coalesce((SELECT a.head FROM anchors a
         WHERE a.tenant = r.value ->> 'tenant' AND a.subject = r.value ->> 'subject'
         ORDER BY a.day DESC LIMIT 1), '')
       ON CONFLICT DO NOTHING`,
    )
    .bind(day, JSON.stringify(heads))
    .run();
}
