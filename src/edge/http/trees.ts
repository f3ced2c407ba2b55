import * as z from "zod";
import { formatInstant } from "../../core/contracts/instant.ts";
import type { Part, Reader, Reading } from "../reading.ts";
import { DOWNLINE_DEPTH_MAX } from "../tenant-access.ts";
import type { DownlineFound, DownlinePlace, TreeAsk, TreeRow } from "../trees.ts";
import { cursorAt, foreignCursor, type Page, pageOf, readPage } from "./cursor.ts";
import { type Sight, sightOf } from "./sight.ts";
import { problem } from "./problem.ts";
import { readQuery } from "./query.ts";
import { answerRead, invalidParameter, readerOf } from "./reader.ts";
import { RangeInstant } from "./report-times.ts";
import { type ApiContext, param, type Route } from "./route.ts";

/** Levels in one answer; whoever wants more asks for the downline of somebody further down. */
export const DEPTH_MAX = DOWNLINE_DEPTH_MAX;

export interface TreePorts {
  readonly trees: {
    /** Nearest first. Nothing of a distributor who is not enrolled. */
    upline(
      reader: Reader,
      ask: TreeAsk,
      part: Part<number>,
    ): Promise<Reading<readonly TreeRow[] | undefined>>;
    /** By depth. `lost`: the part before ended at what is not in this downline any more. */
    downline(
      reader: Reader,
      ask: TreeAsk & { readonly depth: number },
      part: Part<DownlinePlace>,
    ): Promise<Reading<DownlineFound | "unknown" | "lost">>;
  };
  readonly nowMs: () => number;
}

export const UplineQuery = z.object({
  tree: z.enum(["sponsor", "placement"]).default("sponsor"),
  as_of: RangeInstant.exactOptional(),
});

export const DownlineQuery = UplineQuery.extend({
  depth: z
    .string()
    .refine((depth) => /^[1-9]\d?$/.test(depth) && Number(depth) <= DEPTH_MAX, {
      message: `Must be a whole number from 1 to ${DEPTH_MAX}`,
      params: { rule: "range" },
    })
    .default("1")
    .meta({ pattern: "^[1-9]\\d?$", description: `Levels, from 1 to ${DEPTH_MAX}` }),
});

// A cursor keeps the instant: the next part is one of the same tree, whatever moves meanwhile.
const UplinePlace = z.object({ at: z.int(), depth: z.int().min(1) });
const DownlinePlaceAt = z.object({
  at: z.int(),
  depth: z.int().min(1).max(DEPTH_MAX),
  under: z.string(),
  /** The row's own: those of a placement list can hang by their sponsor. */
  tree: z.enum(["sponsor", "placement"]),
  node: z.string(),
  version: z.string(),
});

/** `GET …/distributors/{id}/upline` and `GET …/distributors/{id}/downline` */
export const treeRoutes = (ports: TreePorts): readonly Route[] => [
  {
    method: "GET",
    path: "/v1/tenants/:tenant/distributors/:distributor/upline",
    permission: "tree:read",
    handle: (c) => getUpline(ports, c),
  },
  {
    method: "GET",
    path: "/v1/tenants/:tenant/distributors/:distributor/downline",
    isHeavy: true,
    permission: "tree:read",
    handle: (c) => getDownline(ports, c),
  },
];

async function getUpline(ports: TreePorts, c: ApiContext): Promise<Response> {
  const sight = sightOf(c.get("caller"), c.get("tenant").access);
  if (!sight.upline) return problem("forbidden");
  const query = readQuery(c, UplineQuery, { isList: true });
  if (!query.ok) return query.refusal;
  const { as_of: asOf, ...filters } = query.value;
  const page = readPage(c, UplinePlace, filters);
  if (!page.ok) return page.refusal;
  if (isElsewhen(asOf, page.value)) return invalidParameter("cursor", "cursor", ELSEWHEN);
  const reader = readerOf(c);
  if (!reader.ok) return reader.refusal;
  const { limit, after } = page.value;
  const at = instantOf(query.value, after, ports);
  const ask = { distributorId: param(c, "distributor"), tree: query.value.tree, atMs: at };
  const part = { limit: limit + 1, ...(after === undefined ? {} : { after: after.depth }) };
  const read = await ports.trees.upline(reader.value, ask, part);
  if (read.value === undefined) return problem("not_found");
  const how = { show: showTo(sight), at: ({ depth }: TreeRow) => ({ at, depth }) };
  return answerRead(pageOf(read.value, page.value, how), read);
}

async function getDownline(ports: TreePorts, c: ApiContext): Promise<Response> {
  const sight = sightOf(c.get("caller"), c.get("tenant").access);
  if (sight.depth === 0) return problem("forbidden");
  const query = readQuery(c, DownlineQuery, { isList: true });
  if (!query.ok) return query.refusal;
  if (Number(query.value.depth) > sight.depth) return tooDeep(sight);
  const { as_of: asOf, ...filters } = query.value;
  const page = readPage(c, DownlinePlaceAt, filters);
  if (!page.ok) return page.refusal;
  if (isOutside(query.value, page.value)) return foreignCursor();
  if (isElsewhen(asOf, page.value)) return invalidParameter("cursor", "cursor", ELSEWHEN);
  const reader = readerOf(c);
  if (!reader.ok) return reader.refusal;
  return showDownline(ports, c, {
    query: query.value,
    page: page.value,
    reader: reader.value,
    sight,
  });
}

interface DownlineAsked {
  readonly query: z.infer<typeof DownlineQuery>;
  readonly page: Page<z.infer<typeof DownlinePlaceAt>>;
  readonly reader: Reader;
  readonly sight: Sight;
}

async function showDownline(
  ports: TreePorts,
  c: ApiContext,
  { query, page, reader, sight }: DownlineAsked,
): Promise<Response> {
  const { limit, after } = page;
  const atMs = instantOf(query, after, ports);
  const { tree, depth } = query;
  const place = { distributorId: param(c, "distributor"), tree, atMs };
  const asked = { limit, ...(after === undefined ? {} : { after }) };
  const read = await ports.trees.downline(reader, { ...place, depth: Number(depth) }, asked);
  if (read.value === "unknown") return problem("not_found");
  if (read.value === "lost") return invalidParameter("cursor", "cursor", LOST);
  const { rows, next } = read.value;
  const next_cursor = next === undefined ? null : cursorAt(page, { at: atMs, ...next });
  return answerRead({ items: rows.map(showTo(sight)), next_cursor }, read);
}

/**
 * A place deeper than is asked for, or in the other tree: the answer would tell who is there to
 * whoever may not see that far.
 */
const isOutside = (
  { tree, depth }: z.infer<typeof DownlineQuery>,
  { after }: DownlineAsked["page"],
): boolean =>
  after !== undefined &&
  (after.depth > Number(depth) || (tree === "sponsor" && after.tree !== tree));

/** The next part may leave out what it is as of, and may not say something else. */
const isElsewhen = (
  asOf: number | undefined,
  { after }: { readonly after?: { readonly at: number } },
): boolean => asOf !== undefined && after !== undefined && after.at !== asOf;

const ELSEWHEN = "Must be a next_cursor of this list as of the same instant";
const LOST = "Must be a next_cursor of this list, which has changed: read it from the beginning";

/** The instant of the question, else that of the part before, else now. */
const instantOf = (
  { as_of }: { readonly as_of?: number },
  after: { readonly at: number } | undefined,
  { nowMs }: TreePorts,
): number => as_of ?? after?.at ?? nowMs();

const tooDeep = ({ depth }: Sight): Response =>
  invalidParameter(
    "depth",
    "range",
    `Must be at most ${depth}: no more of a downline is shown here`,
  );

/** A row, without what the caller may not see of other people. */
const showTo =
  ({ fields }: Sight) =>
  (row: TreeRow) => ({
    distributor_id: row.distributorId,
    depth: row.depth,
    parent_id: row.parentId,
    leg: row.leg,
    ...(fields.has("name") ? { name: row.displayName } : {}),
    ...(fields.has("status") ? { status: row.status } : {}),
    ...(fields.has("rank") ? { rank: row.rank } : {}),
    ...(fields.has("joined_at") ? { joined_at: instantText(row.joinedMs) } : {}),
  });

const instantText = (atMs: number | null) => (atMs === null ? null : formatInstant(atMs));
