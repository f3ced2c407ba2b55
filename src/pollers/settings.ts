import * as z from "zod";
import { parseInstantOrDay } from "../core/contracts/instant.ts";
import type { JsonObject } from "../core/json.ts";
import { isTimeZone } from "../core/plans/period.ts";
import { parsePath } from "../senders/read/path.ts";
import { Pick } from "../senders/read/pick.ts";
import { joinSecrets, type PollSecrets } from "./secrets.ts";

/*
 * `options.poll` of a source: what is asked of its product, how often, and by which credential. The
 * secrets in `auth` are sealed apart from it: here they are gone, or masked.
 */

const STREAMS_MAX = 20;
const FIELDS_MAX = 200;
const TEXT_MAX = 2048;

/** Without credentials in it: they have fields of their own, and are sealed there. */
export const WebUrl = z
  .string()
  .max(TEXT_MAX)
  .refine((text) => isWebUrl(text.replaceAll(/\{\w+\}/g, "0")), {
    message: "Must be an http or https address without user and password",
    params: { rule: "url" },
  });

function isWebUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || !["http:", "https:"].includes(url.protocol)) return false;
  return url.username === "" && url.password === "";
}

const Text = z.string().min(1).max(TEXT_MAX);

/** How the product is proven who asks. */
const Auth = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("token"), token: Text }),
  z.strictObject({ kind: z.literal("basic"), user: Text, password: Text }),
  z.strictObject({
    kind: z.literal("header"),
    name: z
      .string()
      .max(64)
      .regex(/^[\w-]+$/, "Is no name of a header"),
    value: Text,
  }),
  z.strictObject({
    kind: z.literal("refresh_token"),
    client_id: Text,
    client_secret: Text,
    refresh_token: Text,
    token_url: WebUrl.exactOptional(),
  }),
  z.strictObject({
    kind: z.literal("client_credentials"),
    client_id: Text,
    client_secret: Text,
    scope: Text.exactOptional(),
    token_url: WebUrl.exactOptional(),
  }),
]);
export type PollAuth = z.output<typeof Auth>;

const Clock = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, "Must be a time as 02:00");

const TimeZone = z
  .string()
  .refine(isTimeZone, { message: "Must be a time zone of IANA", params: { rule: "time_zone" } });

const Instant = z.string().refine((text) => parseInstantOrDay(text) !== undefined, {
  message: "Must be an RFC 3339 date-time, or a day",
  params: { rule: "instant" },
});

/** Names stand in ids, in queries and in addresses: nothing of them needs to be quoted. */
const Name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, "Must be lower-case letters, digits, - or _");
const ObjectName = z.string().regex(/^\w[\w-]{0,99}$/, "Must be letters, digits, - or _");
const FieldName = z.string().regex(/^\w[\w.]{0,127}$/, "Must be letters, digits, _ or .");

const STREAM = {
  name: Name,
  /** Seconds between two rounds. */
  every_s: z.int().min(60).max(604_800).exactOptional(),
  /** Once a day at `at` in `tz`; or never, where the stream only says which fields are looked up. */
  every: z.enum(["day", "never"]).exactOptional(),
  at: Clock.exactOptional(),
  tz: TimeZone.exactOptional(),
  /** What has changed since then is brought by the first round; all there is, where absent. */
  start: Instant.exactOptional(),
  overlap_s: z.int().min(0).max(86_400).exactOptional(),
};

const objectStream = (pageMax: number, fieldsMin: number) => ({
  ...STREAM,
  object: ObjectName,
  fields: z.array(FieldName).min(fieldsMin).max(FIELDS_MAX),
  page_size: z.int().min(1).max(pageMax).exactOptional(),
});

const Path = z.string().refine((text) => parsePath(text) !== undefined, "Is no path");

const Pages = z.discriminatedUnion("kind", [
  /** `{page}` in the address, from `first` on, to a page without items or shorter than `size`. */
  z.strictObject({
    kind: z.literal("page"),
    first: z.int().min(0).max(1).default(1),
    size: z.int().min(1).max(10_000).exactOptional(),
  }),
  /** `{cursor}` in the address: what stands at `at` of the page before. */
  z.strictObject({ kind: z.literal("token"), at: Path }),
  /** The address of the next page stands at `at`, or in the header Link (RFC 8288) where absent. */
  z.strictObject({ kind: z.literal("next"), at: Path.exactOptional() }),
]);

const HttpStream = z.strictObject({
  ...STREAM,
  /** With `{since}`, `{day}`, `{page}` and `{cursor}`: a parameter whose value is not there is left out. */
  url: WebUrl,
  since_as: z.enum(["iso", "s", "ms", "day"]).default("iso"),
  /** Where the list stands; the body itself where absent. */
  items: Path.exactOptional(),
  id: Pick,
  updated_at: Pick.exactOptional(),
  pages: Pages.exactOptional(),
});

const streams = <Stream extends z.ZodType>(stream: Stream) =>
  z.array(stream).min(1).max(STREAMS_MAX);

const COMMON = {
  /** Address of the API, where it is not the product's usual one. */
  base_url: WebUrl.exactOptional(),
  /** The account at the product: HubSpot's portal, Salesforce's organization. Stands in `crm`. */
  account: z
    .string()
    .regex(/^[\w-]{1,64}$/, "Must be letters, digits, - or _")
    .exactOptional(),
  auth: Auth,
  budget: z
    .strictObject({
      /** What the product gives the whole account in 24 hours: requests, at Zoho credits. */
      requests_per_day: z.int().min(1).max(100_000_000).exactOptional(),
      /** Our part of it. */
      share: z.number().gt(0).max(1).default(0.5),
    })
    .exactOptional(),
};

export const PollShape = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("hubspot"),
    ...COMMON,
    account: z.string().regex(/^\d{1,20}$/, "Must be the digits of the portal's id"),
    /** Kinds of webhooks that tell ids alone: their records are looked up. */
    hydrate: z
      .array(z.string().regex(/^\w+\.\w+$/, "Must be a subscription type, as contact.creation"))
      .max(50)
      .exactOptional(),
    streams: streams(z.strictObject(objectStream(200, 0))),
  }),
  z.strictObject({
    kind: z.literal("salesforce"),
    ...COMMON,
    base_url: WebUrl,
    streams: streams(z.strictObject(objectStream(2000, 0))),
  }),
  z.strictObject({
    kind: z.literal("zoho"),
    ...COMMON,
    // COQL takes 50 fields, and id and Modified_Time are among them.
    streams: streams(
      z.strictObject({ ...objectStream(2000, 1), fields: z.array(FieldName).min(1).max(48) }),
    ),
  }),
  z.strictObject({ kind: z.literal("http"), ...COMMON, streams: streams(HttpStream) }),
]);

export type PollSettings = z.output<typeof PollShape>;
export type StreamSettings = PollSettings["streams"][number];
export type ObjectStream = Extract<StreamSettings, { readonly object: string }>;
export type HttpStream = z.output<typeof HttpStream>;

/** Whether it is a stream of a list that only its source knows. */
export const isHttpStream = (stream: StreamSettings): stream is HttpStream => "url" in stream;

/** The settings in a source's options and secrets; undefined where it has none that can be used. */
export function pollSettingsOf(
  options: JsonObject,
  secrets: PollSecrets | undefined,
): PollSettings | undefined {
  return PollShape.safeParse(joinSecrets(options, secrets)["poll"]).data;
}
