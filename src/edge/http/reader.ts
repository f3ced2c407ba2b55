import type { Result } from "../../core/result.ts";
import { ok, refuse } from "../../core/result.ts";
import type { Reader, Reading } from "../reading.ts";
import { problem } from "./problem.ts";
import type { ApiContext } from "./route.ts";

const HEADER = "D1-Bookmark";

/** Three counters and a digest, all hexadecimal, as D1 writes it. */
const BOOKMARK = /^[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{32}$/;

/** Whose mirror a request reads: its tenant's, no older than the bookmark it brings. */
export function readerOf(c: ApiContext): Result<Reader, Response> {
  const { tenant, shard } = c.get("tenant");
  const bookmark = c.req.header(HEADER);
  if (bookmark === undefined) return ok({ tenant, shard });
  if (BOOKMARK.test(bookmark)) return ok({ tenant, shard, bookmark });
  return refuse(invalidParameter(HEADER, "format", "Must be the D1-Bookmark of an earlier answer"));
}

/** Answers with what was read, and the bookmark that a later read can ask for. */
export const answerRead = (
  body: unknown,
  { bookmark }: Pick<Reading<unknown>, "bookmark">,
): Response =>
  Response.json(body, bookmark === undefined ? {} : { headers: { [HEADER]: bookmark } });

/** A refusal of one parameter. */
export const invalidParameter = (path: string, rule: string, message: string): Response =>
  problem("parameter_invalid", { errors: [{ path, rule, message }] });
