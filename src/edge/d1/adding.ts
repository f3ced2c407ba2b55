/**
 * Adds what comes to what stands there, in an upsert. A sum that would leave 64 bits stays as it was:
 * SQLite would make a real number of it, which its table refuses, and with it every later row of the
 * same sum. The walk over the totals says which ones those are.
 */
export const adding = (column: string): string =>
  `${column} = iif(typeof(${column} + excluded.${column}) = 'integer', ${column} + excluded.${column}, ${column})`;
