import type { Result } from "../../core/result.ts";
import { ok, refuse } from "../../core/result.ts";
import type { Tenant } from "../control/directory.ts";
import type { ControlReader, Marked, Reader } from "../reading.ts";
import { CONTROL_SHARD } from "../shards.ts";
import {
  BOOKMARK_HEADER,
  type Bookmarks,
  bookmarkHeaders,
  readBookmarks,
  type Seen,
} from "./bookmarks.ts";
import { taggedJson } from "./etag.ts";
import { problem } from "./problem.ts";
import { type ApiContext, param } from "./route.ts";

/** Whose mirror a request reads: its tenant's, no older than the bookmark it brings. */
export function readerOf(c: ApiContext): Result<Reader, Response> {
  const { tenant, shard } = c.get("tenant");
  const brought = bookmarksOf(c);
  if (!brought.ok) return brought;
  return ok({ tenant, shard, ...marked(brought.value.mirror) });
}

/** Whose control tables a request reads, no older than the bookmark it brings. */
export function controlReaderOf(c: ApiContext): Result<ControlReader, Response> {
  const { tenant, shard } = c.get("tenant");
  const brought = bookmarksOf(c);
  if (!brought.ok) return brought;
  const { mirror, control } = brought.value;
  return ok({ tenant, ...marked(shard === CONTROL_SHARD ? mirror : control) });
}

/** The same of a tenant that need not exist: from the primary, nothing can be older than it. */
export function primaryReaderOf(c: ApiContext): Result<ControlReader, Response> {
  const brought = bookmarksOf(c);
  return brought.ok ? ok({ tenant: param(c, "tenant") }) : brought;
}

const marked = (bookmark: string | undefined): Marked =>
  bookmark === undefined ? {} : { bookmark };

/** The bookmarks that a request brings, and the positions. */
export function bookmarksOf(c: ApiContext): Result<Seen, Response> {
  const header = c.req.header(BOOKMARK_HEADER);
  const brought = header === undefined ? {} : readBookmarks(header);
  if (brought !== undefined) return ok(brought);
  return refuse(bookmarkRefused());
}

/** The refusal of a bookmark that no answer has given. */
export const bookmarkRefused = (): Response =>
  invalidParameter(BOOKMARK_HEADER, "format", "Must be the D1-Bookmark of an earlier answer");

/** Answers with what was read, and the bookmark that a later read can ask for. */
export const answerRead = (body: unknown, read: Marked): Response =>
  taggedJson(body, mirrorBookmark(read));

/** {@link answerRead} of the control tables. */
export const answerControl = (c: ApiContext, body: unknown, read: Marked): Response =>
  taggedJson(body, controlBookmark(c.get("tenant"), read));

/** The header that tells how far the mirror was. */
export const mirrorBookmark = ({ bookmark }: Marked): Readonly<Record<string, string>> =>
  bookmark === undefined ? {} : bookmarkHeaders({ mirror: bookmark });

/** The header that tells how far the control tables were. */
export const controlBookmark = (
  tenant: Pick<Tenant, "shard">,
  control: Marked,
): Readonly<Record<string, string>> => bothBookmarks(tenant, { control, mirror: {} });

/** The header that tells how far both were; in the first shard they are one, and the newer one counts. */
export function bothBookmarks(
  { shard }: Pick<Tenant, "shard">,
  {
    control: { bookmark: control },
    mirror: { bookmark: mirror },
  }: Readonly<Record<keyof Bookmarks, Marked>>,
): Readonly<Record<string, string>> {
  if (shard !== CONTROL_SHARD) {
    return bookmarkHeaders({
      ...(mirror === undefined ? {} : { mirror }),
      ...(control === undefined ? {} : { control }),
    });
  }
  // Bookmarks of one database sort by age.
  const [newest] = [control ?? "", mirror ?? ""].toSorted().toReversed();
  return mirrorBookmark(newest === undefined || newest === "" ? {} : { bookmark: newest });
}

/** A refusal of one parameter. */
export const invalidParameter = (path: string, rule: string, message: string): Response =>
  problem("parameter_invalid", { errors: [{ path, rule, message }] });
