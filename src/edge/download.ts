import { within } from "./within.ts";

export interface DownloadLimits {
  readonly msMax: number;
  readonly bytesMax: number;
}

/**
 * The body of an address, whole. Throws where it does not answer 200 in time or says more than it
 * may. Workers know no `redirect: "error"`: what is followed nowhere is no 200 either.
 */
export const download = (
  fetch: typeof globalThis.fetch,
  url: string,
  limits: DownloadLimits,
): Promise<Uint8Array> => within(limits.msMax, () => bodyOf(fetch, url, limits));

async function bodyOf(
  fetch: typeof globalThis.fetch,
  url: string,
  { msMax, bytesMax }: DownloadLimits,
): Promise<Uint8Array> {
  const response = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(msMax) });
  if (response.status !== 200 || response.body === null) {
    await response.body?.cancel();
    throw new Error(`Cannot download: got status ${response.status}`);
  }
  const pieces: Uint8Array[] = [];
  let length = 0;
  const reader = response.body.getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    length += read.value.length;
    if (length > bytesMax) {
      await reader.cancel();
      throw new Error(`Cannot download: more than ${bytesMax} bytes`);
    }
    pieces.push(read.value);
  }
  return Buffer.concat(pieces, length);
}
