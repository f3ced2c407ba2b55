/**
 * The position fence: D1's own position decides what is new, and only a tail whose hash there is
 * the stored head may add to it. So a repeat, an overtaking consumer and a crash change nothing,
 * and a log that was restored to an earlier state adds nothing. A subject without a row stands at
 * position 0, where every log has the empty hash.
 */
export const FENCE = `WITH ok AS MATERIALIZED (
  SELECT j.value ->> 't' AS tenant, j.value ->> 's' AS subject, j.value AS tail,
    coalesce(p.position, 0) AS at
  FROM json_each(?1) j LEFT JOIN subjects p
    ON p.tenant = j.value ->> 't' AND p.subject = j.value ->> 's'
  WHERE p.frozen_ms IS NULL
    AND json_extract(j.value, '$.h."' || coalesce(p.position, 0) || '"') = coalesce(p.head, ''))`;

/**
 * The rows of ?2 that the fence lets through. CROSS JOIN fixes the order: each row looks its subject up,
 * instead of each subject all rows.
 */
export const NEW_ROWS = `FROM json_each(?2) r CROSS JOIN ok
    ON ok.tenant = r.value ->> 't' AND ok.subject = r.value ->> 's'
  WHERE r.value ->> 'p' > ok.at`;

/** A member of such a row. */
export const field = (name: string): string => `r.value ->> '${name}'`;
export const fields = (...names: string[]): string => names.map(field).join(", ");
