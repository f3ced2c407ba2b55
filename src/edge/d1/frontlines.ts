/**
 * Frontlines are kept by steps, and those know enrolments alone. So where somebody among `fresh`
 * (tenant, node) was ever moved, whoever had that one in the frontline is counted anew, by the
 * highest edge of each: a move counts as soon as it is known. For others nothing is read but a key.
 */
export const RECOUNT_FRONTLINES = `, sponsors AS MATERIALIZED (
    SELECT DISTINCT e.tenant, e.parent_id AS id FROM fresh CROSS JOIN edges e
      ON e.tenant = fresh.tenant AND e.tree = 'sponsor' AND e.node = fresh.node
    WHERE e.node_kind = 'distributor' AND e.parent_id IS NOT NULL
      AND EXISTS (SELECT 1 FROM edges m WHERE m.tenant = fresh.tenant AND m.tree = 'sponsor'
        AND m.node = fresh.node AND m.version >= 'm'))
  INSERT INTO frontlines
    SELECT s.tenant, s.id, (SELECT count(*) FROM edges e INDEXED BY edges_parent
      WHERE e.tenant = s.tenant AND e.tree = 'sponsor' AND e.parent_id = s.id
        AND e.node_kind = 'distributor' AND NOT EXISTS (SELECT 1 FROM edges h
          WHERE h.tenant = e.tenant AND h.tree = 'sponsor' AND h.node = e.node
            AND h.version > e.version))
    FROM sponsors s WHERE true
    ON CONFLICT DO UPDATE SET distributors = excluded.distributors`;
