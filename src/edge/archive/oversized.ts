import type { Tenant } from "../control/directory.ts";
import { sealBytes } from "../crypto/seal.ts";
import type { OversizedBody } from "../message.ts";

/** Parts of R2's multipart upload are 5 MiB at least, and all but the last of one length. */
const PART_BYTES = 5 * 1024 * 1024;
/** What Cloudflare lets through on most plans. */
const BYTES_MAX = 100 * 1024 * 1024;

interface Place {
  readonly tenant: Tenant;
  readonly deliveryId: string;
}

/** What one part is bound to: parts of another body, or in another order, do not open. */
export const partAad = (tenant: string, deliveryId: string, part: number): string =>
  `oversized:${tenant}/${deliveryId}#${part}`;

/**
 * Lets a body through to R2 that is too long for memory, sealed in parts as it comes: 5 MiB of it
 * are held at a time. Throws where R2 fails; nothing is left of a body that is too long even so.
 */
export async function storeOversized(
  bucket: R2Bucket,
  { tenant, deliveryId }: Place,
  pieces: AsyncIterable<Uint8Array>,
): Promise<OversizedBody | "too_large"> {
  const oversized = `oversized/${tenant.tenant}/${deliveryId}`;
  const upload = await bucket.createMultipartUpload(oversized);
  const parts: R2UploadedPart[] = [];
  const put = async (plain: Uint8Array) => {
    const number = parts.length + 1;
    const aad = partAad(tenant.tenant, deliveryId, number);
    parts.push(await upload.uploadPart(number, await sealBytes(tenant.dataKey, plain, aad)));
  };

  try {
    let bytes = 0;
    for await (const part of inPartsOf(PART_BYTES, pieces)) {
      bytes += part.length;
      if (bytes > BYTES_MAX) {
        await upload.abort();
        return "too_large";
      }
      await put(part);
    }
    await upload.complete(parts);
    return { oversized, bytes };
  } catch (error) {
    await upload.abort();
    throw error;
  }
}

async function* inPartsOf(
  bytes: number,
  pieces: AsyncIterable<Uint8Array>,
): AsyncIterable<Uint8Array> {
  let part = new Uint8Array(bytes);
  let filled = 0;
  for await (const piece of pieces) {
    let at = 0;
    while (at < piece.length) {
      const taken = piece.subarray(at, at + bytes - filled);
      part.set(taken, filled);
      filled += taken.length;
      at += taken.length;
      if (filled < bytes) continue;
      yield part;
      part = new Uint8Array(bytes);
      filled = 0;
    }
  }
  if (filled > 0) yield part.subarray(0, filled);
}
