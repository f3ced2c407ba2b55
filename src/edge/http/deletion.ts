import * as z from "zod";
import type { Deletion, DeletionProgress } from "../deletion.ts";
import type { Reading } from "../reading.ts";
import { readJson } from "./body.ts";
import { showDeletion } from "./deletion-shown.ts";
import { problem } from "./problem.ts";
import { readQuery } from "./query.ts";
import { controlBookmark, invalidParameter, primaryReaderOf } from "./reader.ts";
import type { Act } from "../act.ts";
import { actOf, type ApiContext, param, type Route } from "./route.ts";

/** A stored text, as it is streamed to its owner. */
interface Stored {
  readonly body: ReadableStream;
  readonly size: number;
}

export interface DeletionHttpPorts {
  readonly deletions: {
    /** From the primary. */
    get(tenant: string): Promise<Deletion | undefined>;
    /** From the primary as well, and how far that is. */
    read(tenant: string): Promise<Reading<Deletion | undefined>>;
    /** The tenant's deletion, this one or an earlier one; nothing without such a tenant. */
    request(
      asked: {
        readonly tenant: string;
        readonly deletionId: string;
        readonly progress: DeletionProgress;
      },
      act: Act,
    ): Promise<Deletion | undefined>;
    confirm(deletion: Deletion, act: Act): Promise<Deletion | undefined>;
    /** False where it is too late, or cron is just at it. */
    cancel(deletion: Deletion, act: Act): Promise<boolean>;
  };
  readonly manifest: (deletion: Deletion) => Promise<Stored | null>;
  readonly part: (deletion: Deletion, n: number) => Promise<Stored | null>;
  readonly nowMs: () => number;
}

const Flag = z
  .enum(["true", "false"])
  .transform((text) => text === "true")
  .exactOptional();

export const DeleteQuery = z.object({
  confirm: z.string().describe("The tenant's name once more"),
  skip_export: Flag.describe("Nothing is kept: the purge begins without anybody's word"),
  include_raw: Flag.describe("Deliveries as they came are opened into the export"),
});

export const ConfirmBody = z.strictObject({
  manifest_sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .describe("Of the manifest that was fetched: whoever has it has checked the parts"),
});

const PART = /^[1-9][0-9]{0,8}$/;

/** `DELETE /v1/tenants/{t}` and what follows from it. */
export function deletionRoutes(ports: DeletionHttpPorts): readonly Route[] {
  const { deletions } = ports;
  const tenant = "/v1/tenants/:tenant";
  const path = `${tenant}/deletion`;
  // The directory knows the tenant no more; who may ask is settled by the credential alone.
  const rest = { permission: "tenant:delete", createsTenant: true } as const;

  /** Hands the tenant's deletion over, where there is one. */
  const withDeletion =
    (handle: (c: ApiContext, deletion: Deletion) => Response | Promise<Response>) =>
    async (c: ApiContext): Promise<Response> => {
      const deletion = await deletions.get(param(c, "tenant"));
      return deletion === undefined ? problem("not_found") : handle(c, deletion);
    };

  return [
    {
      ...rest,
      method: "DELETE",
      path: tenant,
      // Of a deletion that was cancelled meanwhile a kept answer would say that it is on its way.
      isRepeatable: true,
      handle: (c) => request(ports, c),
    },
    ...readRoutes(ports, { ...rest, path }),
    {
      ...rest,
      method: "POST",
      path: `${path}/confirm`,
      handle: withDeletion((c, one) => confirm(ports, c, one)),
    },
    {
      ...rest,
      method: "POST",
      path: `${path}/cancel`,
      handle: withDeletion((c, one) => cancel(ports, c, one)),
    },
  ];
}

/** What is read of a deletion, each with the bookmark that it was read at. */
function readRoutes(
  ports: DeletionHttpPorts,
  { path, ...rest }: Pick<Route, "path" | "permission" | "createsTenant">,
): readonly Route[] {
  const reading =
    (handle: (c: ApiContext, one: Deletion) => Response | Promise<Response>) =>
    async (c: ApiContext): Promise<Response> => {
      const reader = primaryReaderOf(c);
      if (!reader.ok) return reader.refusal;
      const read = await ports.deletions.read(reader.value.tenant);
      if (read.value === undefined) return problem("not_found");
      const answer = await handle(c, read.value);
      if (answer.ok) setAll(answer, controlBookmark(read.value, read));
      return answer;
    };

  return [
    {
      ...rest,
      method: "GET",
      path,
      handle: reading((_c, one) => Response.json(showDeletion(one))),
    },
    {
      ...rest,
      method: "GET",
      path: `${path}/manifest`,
      handle: reading(async (_c, one) =>
        stream(isExported(one) ? await ports.manifest(one) : null, "application/json"),
      ),
    },
    {
      ...rest,
      method: "GET",
      path: `${path}/parts/:n`,
      handle: reading((c, one) => sendPart(ports, c, one)),
    },
  ];
}

function setAll({ headers }: Response, all: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(all)) headers.set(name, value);
}

async function request({ deletions, nowMs }: DeletionHttpPorts, c: ApiContext): Promise<Response> {
  const tenant = param(c, "tenant");
  const query = readQuery(c, DeleteQuery);
  if (!query.ok) return query.refusal;
  const { confirm: name, skip_export = false, include_raw = false } = query.value;
  if (name !== tenant) return invalidParameter("confirm", "equal", "Must be the tenant's name");
  if (skip_export && include_raw) {
    return invalidParameter("include_raw", "unexpected", "Is for an export, and none is asked for");
  }
  const progress: DeletionProgress = {
    skip_export,
    include_raw,
    step: skip_export ? "exported" : "export:begin",
    parts: 0,
    rows: 0,
    bytes: 0,
  };
  const deletionId = `del_${crypto.randomUUID()}`;
  const asked = { tenant, deletionId, progress };
  const deletion = await deletions.request(asked, actOf(c, nowMs()));
  if (deletion === undefined) return problem("not_found");
  return askedOtherwise(query.value, deletion.progress) ?? accepted(deletion);
}

/** One that is on its way is not changed: nor is anybody let believe so. */
function askedOtherwise(
  asked: z.infer<typeof DeleteQuery>,
  progress: DeletionProgress,
): Response | undefined {
  const options = ["skip_export", "include_raw"] as const;
  const other = options.filter((name) => (asked[name] ?? progress[name]) !== progress[name]);
  if (other.length === 0) return undefined;
  const message = "The deletion that is on its way was asked for otherwise: cancel it first";
  return problem("conflict", { errors: other.map((path) => ({ path, rule: "fixed", message })) });
}

async function sendPart(
  ports: DeletionHttpPorts,
  c: ApiContext,
  deletion: Deletion,
): Promise<Response> {
  const n = param(c, "n");
  if (!PART.test(n)) return invalidParameter("n", "format", "Must be a part's number, from 1");
  const isThere = isExported(deletion) && Number(n) <= (deletion.progress.export?.parts ?? 0);
  return stream(isThere ? await ports.part(deletion, Number(n)) : null, "application/x-ndjson");
}

// What is still being written says something else a minute later.
const isExported = ({ state }: Deletion): boolean => state === "exported" || state === "purging";

function stream(stored: Stored | null, type: string): Response {
  if (stored === null) return problem("not_found");
  return new Response(stored.body, {
    headers: {
      "Content-Type": type,
      "Content-Length": String(stored.size),
      "Cache-Control": "no-store",
    },
  });
}

async function confirm(
  { deletions, nowMs }: DeletionHttpPorts,
  c: ApiContext,
  deletion: Deletion,
): Promise<Response> {
  const body = await readJson(c, ConfirmBody);
  if (!body.ok) return body.refusal;
  const { progress, state } = deletion;
  if (state !== "exported" || progress.export === undefined) {
    return problem("conflict", { detail: `There is no export to confirm: it is ${state}` });
  }
  if (progress.export.manifest_sha256 !== body.value.manifest_sha256) {
    return problem("conflict", {
      errors: [
        {
          path: "manifest_sha256",
          rule: "equal",
          message: "Is not that of this export's manifest",
        },
      ],
    });
  }
  // Once is enough: whoever confirmed first is who confirmed.
  if (progress.confirmed !== undefined) return accepted(deletion);
  const confirmed = await deletions.confirm(deletion, actOf(c, nowMs()));
  return confirmed === undefined ? changed() : accepted(confirmed);
}

async function cancel(
  { deletions, nowMs }: DeletionHttpPorts,
  c: ApiContext,
  deletion: Deletion,
): Promise<Response> {
  const { state } = deletion;
  if (state === "purging" || state === "purged") {
    return problem("conflict", { detail: `There is no way back: it is ${state}` });
  }
  const isBack = await deletions.cancel(deletion, actOf(c, nowMs()));
  return isBack ? new Response(null, { status: 204 }) : changed();
}

const changed = (): Response =>
  problem("conflict", { detail: "A step of it is being taken: read it and try again" });

const accepted = (deletion: Deletion): Response =>
  Response.json(showDeletion(deletion), { status: 202, headers: { "Cache-Control": "no-store" } });
