import * as z from "zod";
import { ConfirmBody, DeleteQuery } from "../../src/edge/http/deletion.ts";
import type { Operation } from "./operation.ts";
import { Id, Instant } from "./parts.ts";

const AT = "2026-07-01T10:00:00.000Z";
const HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
const DELETION_ID = "del_0b2f3c4d-5e6f-4a1b-8c2d-3e4f5a6b7c8d";

const Hash = z.string().describe("SHA-256, hexadecimal");
const Jurisdiction = z
  .enum(["eu", "us"])
  .nullable()
  .describe("Where all of it was; null: anywhere");
const TenantName = z.string().describe("The tenant's name");
const DeletionId = Id.describe("Our id of the deletion");

const Leftovers = z.strictObject({
  tables: z.record(z.string(), z.int()).describe("Rows by table; those without any are left out"),
  objects: z.int().describe("Objects with anything in their storage"),
  files: z
    .strictObject({
      objects: z.int().describe("How many"),
      bytes: z.int().describe("Their sizes, summed up"),
    })
    .describe("Objects in R2, the export left out"),
});

const Proof = z.strictObject({
  tenant: TenantName,
  deletion_id: DeletionId,
  jurisdiction: Jurisdiction,
  requested_at: Instant,
  requested_by: z.string().describe("`admin_token` or `key:{key_id}`"),
  confirmed_by: z.string().nullable().describe("Who has the export; null where none was made"),
  purge_began_at: Instant,
  purged_at: Instant,
  export_manifest_sha256: Hash.nullable().describe("Null where no export was made"),
  before: Leftovers.describe("What there was, counted just before the purge"),
  after: Leftovers.describe("What is left, counted after it: nothing"),
  heads_sha256: Hash.describe("Over every object's last head, in the order of their names"),
  copies: z.int().describe("Copies of configuration that were taken from KV"),
  data_key: z.literal("destroyed").describe("What it sealed opens nowhere, in no backup either"),
  sha256: Hash.describe("Of the other members as canonical JSON (RFC 8785)"),
});

const Export = z.strictObject({
  parts: z.int().describe("How many parts"),
  rows: z.int().describe("Lines in all of them"),
  bytes: z.int().describe("Their sizes, summed up"),
  manifest_sha256: Hash.describe("Of the manifest: what `confirm` asks for"),
  made_at: Instant,
});

const Deletion = z.strictObject({
  tenant: TenantName,
  deletion_id: DeletionId,
  state: z.enum(["exporting", "exported", "purging", "purged"]).describe("How far it is"),
  step: z.string().describe("What cron does next; for people"),
  skip_export: z.boolean().describe("No export was asked for"),
  include_raw: z.boolean().describe("Deliveries as they came are opened into the export"),
  requested_at: Instant,
  requested_by: z.string().describe("`admin_token` or `key:{key_id}`"),
  parts: z.int().describe("Parts of the export written so far"),
  export: Export.nullable().describe("The export, once it is whole"),
  confirmed_by: z.string().nullable().describe("Who said that the export has arrived"),
  messages_dropped: z.int().describe("Messages that came after the purge had begun"),
  purged_at: Instant.nullable().describe("When nothing was left; null before"),
  proof: Proof.nullable().describe("What is kept for ever; null before the end"),
});

const DeletionManifest = z.strictObject({
  tenant: TenantName,
  deletion_id: DeletionId,
  made_at: Instant,
  parts: z
    .array(
      z.strictObject({
        n: z.int().describe("Its number, from 1"),
        name: z.string().describe("`tables/{table}`, `logs`, `profiles`, `files` or `raw`"),
        rows: z.int().describe("Its lines"),
        bytes: z.int().describe("Its size"),
        sha256: Hash,
      }),
    )
    .describe("Every part, in the order in which they were written"),
});

export const DELETION_ANSWERS = { Deletion, DeletionManifest } as const satisfies Record<
  string,
  z.ZodType
>;

const deletion = {
  tenant: "acme",
  deletion_id: DELETION_ID,
  state: "exported",
  step: "exported",
  skip_export: false,
  include_raw: false,
  requested_at: AT,
  requested_by: "admin_token",
  parts: 31,
  export: { parts: 31, rows: 10_214, bytes: 4_021_113, manifest_sha256: HASH, made_at: AT },
  confirmed_by: null,
  messages_dropped: 0,
  purged_at: null,
  proof: null,
};

const shared = { tag: "Configuration", permission: "tenant:delete" } as const;
const answer = { name: "Deletion", example: deletion } as const;
const path = "/v1/tenants/{tenant}/deletion";

/** How a tenant leaves. */
export const DELETION: Readonly<Record<string, Operation>> = {
  "DELETE /v1/tenants/{tenant}": {
    ...shared,
    id: "deleteTenant",
    summary: "Closes a tenant, to be exported and then purged",
    description:
      "From now on it takes nothing and shows nothing: 404. Cron exports all that is its own; once somebody confirms the export, everything is purged, and a proof stays. Asked again, it is the same deletion; asked for with another option than it has: 409. No answer is kept under an Idempotency-Key: it always says how things stand.",
    query: DeleteQuery,
    answer: { ...answer, status: 202, example: { ...deletion, state: "exporting", export: null } },
    problems: ["conflict"],
  },
  [`GET ${path}`]: {
    ...shared,
    id: "getDeletion",
    summary: "How far a deletion is, and at its end the proof",
    answer: { ...answer, status: 200, isMirrored: true },
  },
  [`GET ${path}/manifest`]: {
    ...shared,
    id: "getDeletionManifest",
    summary: "The manifest of the export",
    answer: {
      status: 200,
      isMirrored: true,
      name: "DeletionManifest",
      example: {
        tenant: "acme",
        deletion_id: DELETION_ID,
        made_at: AT,
        parts: [{ n: 1, name: "tables/held", rows: 2, bytes: 812, sha256: HASH }],
      },
    },
  },
  [`GET ${path}/parts/{n}`]: {
    ...shared,
    id: "getDeletionPart",
    summary: "A part of the export, a JSON value a line",
    answer: {
      status: 200,
      isMirrored: true,
      media: "application/x-ndjson",
      example: { tenant: "acme", event_id: "evt_0198c5a0-3c00-7d8e-9f10-2b3c4d5e6f70" },
    },
  },
  [`POST ${path}/confirm`]: {
    ...shared,
    id: "confirmDeletion",
    summary: "Says that the export has arrived: the purge begins, and nothing comes back",
    body: { schema: ConfirmBody, example: { manifest_sha256: HASH } },
    answer: { ...answer, status: 202, example: { ...deletion, confirmed_by: "admin_token" } },
    problems: ["conflict"],
  },
  [`POST ${path}/cancel`]: {
    ...shared,
    id: "cancelDeletion",
    summary: "Brings the tenant back, as long as nothing is purged",
    answer: { status: 204 },
    problems: ["conflict"],
  },
};
