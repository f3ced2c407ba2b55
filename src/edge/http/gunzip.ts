/**
 * Unpacks gzip (RFC 1952), at most `bytesMax`: one megabyte can hold a thousand, so what comes out
 * is counted piece by piece and the rest never made. `malformed` is what is no gzip, or cut short.
 */
export async function gunzip(
  packed: Uint8Array,
  bytesMax: number,
): Promise<Uint8Array | "too_large" | "malformed"> {
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const reader: ReadableStreamDefaultReader<Uint8Array> = stream.getReader();
  const pieces: Uint8Array[] = [];
  let length = 0;
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      length += read.value.length;
      if (length > bytesMax) {
        await reader.cancel();
        return "too_large";
      }
      pieces.push(read.value);
    }
  } catch {
    return "malformed";
  }
  return Buffer.concat(pieces, length);
}
