const LENGTH = /^\d+$/;

/** A body longer than may be held in memory: what has been read of it, and what is still to come. */
export interface Overlong {
  readonly pieces: AsyncIterable<Uint8Array>;
  /** Tells the sender's side to stop. */
  readonly cancel: () => Promise<void>;
}

/** How long the sender says the body is; nothing where it does not say. */
export function announcedLength(headers: Headers): number | undefined {
  const text = headers.get("content-length") ?? "";
  return LENGTH.test(text) ? Number(text) : undefined;
}

/**
 * Reads a body of at most `bytesMax`, or hands a longer one on. What came is counted, whatever was
 * announced. A length that was announced holds the body to it (RFC 9112 §6.3, RFC 9113 §8.1.1), so
 * that such a body may be read at once, which takes half the time; any other is read in pieces.
 */
export async function readBody(request: Request, bytesMax: number): Promise<Uint8Array | Overlong> {
  // Looked at first: even to ask for `request.body` makes a stream of it.
  const announced = announcedLength(request.headers);
  if (announced !== undefined && announced <= bytesMax) {
    const body = new Uint8Array(await request.arrayBuffer());
    return body.length <= bytesMax ? body : wholly(body);
  }
  if (request.body === null) return new Uint8Array(0);
  return readPieces(request.body.getReader(), bytesMax);
}

/** Only where a length was announced that was not kept to. */
const wholly = (body: Uint8Array): Overlong => ({
  pieces: following([body]),
  cancel: () => Promise.resolve(),
});

type Reader = ReadableStreamDefaultReader<Uint8Array>;

async function readPieces(reader: Reader, bytesMax: number): Promise<Uint8Array | Overlong> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    length += read.value.length;
    pieces.push(read.value);
    if (length > bytesMax) {
      return { pieces: following(pieces, reader), cancel: () => reader.cancel() };
    }
  }
  return Buffer.concat(pieces, length);
}

async function* following(read: Uint8Array[], reader?: Reader): AsyncIterable<Uint8Array> {
  // Let go of one by one: together they are as much as may be held at all.
  for (let piece = read.shift(); piece !== undefined; piece = read.shift()) yield piece;
  if (reader === undefined) return;
  for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
}
