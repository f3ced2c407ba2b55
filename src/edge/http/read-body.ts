const LENGTH = /^\d+$/;

/**
 * Reads a body of at most `bytesMax`, or nothing if there is more. What came is counted, whatever
 * was announced. A length that was announced holds the body to it (RFC 9112 §6.3, RFC 9113 §8.1.1),
 * so that such a body may be read at once, which takes half the time; any other is cut off.
 */
export async function readBody(
  request: Request,
  bytesMax: number,
): Promise<Uint8Array | undefined> {
  // Looked at first: even to ask for `request.body` makes a stream of it.
  if (!LENGTH.test(request.headers.get("content-length") ?? "")) {
    return request.body === null ? new Uint8Array(0) : readPieces(request.body, bytesMax);
  }
  const body = new Uint8Array(await request.arrayBuffer());
  return body.length > bytesMax ? undefined : body;
}

async function readPieces(
  stream: ReadableStream<Uint8Array>,
  bytesMax: number,
): Promise<Uint8Array | undefined> {
  const reader = stream.getReader();
  const pieces: Uint8Array[] = [];
  let length = 0;
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    length += read.value.length;
    if (length > bytesMax) {
      await reader.cancel();
      return undefined;
    }
    pieces.push(read.value);
  }
  return Buffer.concat(pieces, length);
}
