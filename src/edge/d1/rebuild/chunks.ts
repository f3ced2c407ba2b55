/** Rows and text in one parameter: below D1's 2 MB a value. */
const ROWS_AT_ONCE = 1000;
const CHARS_AT_ONCE = 700_000;

/** Rows in parts that fit into one parameter each. */
export function inChunks<Row extends object>(rows: readonly Row[]): readonly (readonly Row[])[] {
  const chunks: Row[][] = [];
  let room = 0;
  for (const row of rows) {
    const chars = JSON.stringify(row).length;
    const chunk = chunks.at(-1);
    if (chunk === undefined || chars > room || chunk.length === ROWS_AT_ONCE) {
      chunks.push([row]);
      room = CHARS_AT_ONCE - chars;
    } else {
      chunk.push(row);
      room -= chars;
    }
  }
  return chunks;
}
