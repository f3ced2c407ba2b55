import { createHash } from "node:crypto";
import { canonicalJson } from "../../core/canonical.ts";

/** Whose export it is. */
export interface ExportPlace {
  readonly tenant: string;
  readonly deletionId: string;
}

/** One part of an export, as its manifest names it. */
export interface ExportPart {
  readonly n: number;
  /** What its lines are: `tables/{table}`, `logs`, `profiles`, `files` or `raw`. */
  readonly name: string;
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
}

const NDJSON = { contentType: "application/x-ndjson" };
const utf8 = new TextEncoder();

/** Everything of an export, and of no other of the same tenant. */
export const exportPrefix = ({ tenant, deletionId }: ExportPlace): string =>
  `exports/tenant=${tenant}/${deletionId}/`;

const partKey = (place: ExportPlace, n: number): string =>
  `${exportPrefix(place)}part-${String(n).padStart(6, "0")}.ndjson`;

const manifestKey = (place: ExportPlace): string => `${exportPrefix(place)}manifest.json`;

/** SHA-256, hex. */
export const sha256Of = (data: string | Uint8Array): string =>
  createHash("sha256").update(data).digest("hex");

/** Writes one part, a line a row. Written again it says what it says then. */
export async function putPart(
  bucket: R2Bucket,
  place: ExportPlace,
  {
    n,
    name,
    lines,
  }: { readonly n: number; readonly name: string; readonly lines: readonly object[] },
): Promise<ExportPart> {
  const bytes = utf8.encode(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  const sha256 = sha256Of(bytes);
  await bucket.put(partKey(place, n), bytes, {
    httpMetadata: NDJSON,
    customMetadata: { name, rows: String(lines.length), sha256 },
  });
  return { n, name, rows: lines.length, bytes: bytes.length, sha256 };
}

/** Sums up the parts that were written, `parts` of them. Throws where one is missing. */
export async function putManifest(
  bucket: R2Bucket,
  place: ExportPlace,
  { parts, madeAt }: { readonly parts: number; readonly madeAt: string },
): Promise<{ readonly sha256: string; readonly rows: number; readonly bytes: number }> {
  const written = await listParts(bucket, place, parts);
  const text = canonicalJson({
    tenant: place.tenant,
    deletion_id: place.deletionId,
    made_at: madeAt,
    parts: written,
  });
  await bucket.put(manifestKey(place), text, { httpMetadata: { contentType: "application/json" } });
  const sum = (of: (part: ExportPart) => number) =>
    written.reduce((total, part) => total + of(part), 0);
  return {
    sha256: sha256Of(text),
    rows: sum(({ rows }) => rows),
    bytes: sum((part) => part.bytes),
  };
}

async function listParts(
  bucket: R2Bucket,
  place: ExportPlace,
  parts: number,
): Promise<readonly ExportPart[]> {
  const written: ExportPart[] = [];
  const prefix = `${exportPrefix(place)}part-`;
  let cursor: string | undefined;
  do {
    const page = await bucket.list({
      prefix,
      include: ["customMetadata"],
      ...(cursor === undefined ? {} : { cursor }),
    });
    for (const { size, customMetadata = {} } of page.objects) {
      const { name = "", rows = "0", sha256 = "" } = customMetadata;
      written.push({ n: written.length + 1, name, rows: Number(rows), bytes: size, sha256 });
    }
    cursor = page.truncated ? page.cursor : undefined;
  } while (cursor !== undefined);
  // A run that died may have left a part behind the last one that counts.
  if (written.length < parts)
    throw new Error(`Cannot sum up ${parts} parts: ${written.length} are there`);
  return written.slice(0, parts);
}

export const getPart = (
  bucket: R2Bucket,
  place: ExportPlace,
  n: number,
): Promise<R2ObjectBody | null> => bucket.get(partKey(place, n));

export const getManifest = (bucket: R2Bucket, place: ExportPlace): Promise<R2ObjectBody | null> =>
  bucket.get(manifestKey(place));
