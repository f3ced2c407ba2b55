import * as z from "zod";
import { formatInstant } from "../../core/contracts/instant.ts";
import type { JsonObject } from "../../core/json.ts";
import type { MessageRow, Part, Reader, Reading } from "../reading.ts";
import { pageOf, readPage } from "./cursor.ts";
import { readQuery } from "./query.ts";
import { answerRead, readerOf } from "./reader.ts";
import type { ApiContext, Route } from "./route.ts";

export interface MessagePorts {
  readonly messages: {
    /** By key. */
    list(reader: Reader, part: Part<string>): Promise<Reading<readonly MessageRow[]>>;
  };
}

/** `GET …/messages`: what distributors and customers are to be told, once for each key. */
export function messageRoutes({ messages }: MessagePorts): readonly Route[] {
  async function list(c: ApiContext): Promise<Response> {
    const query = readQuery(c, z.object({}), { isList: true });
    if (!query.ok) return query.refusal;
    const page = readPage(c, z.string(), query.value);
    if (!page.ok) return page.refusal;
    const reader = readerOf(c);
    if (!reader.ok) return reader.refusal;
    const part = { ...page.value, limit: page.value.limit + 1 };
    const read = await messages.list(reader.value, part);
    return answerRead(pageOf(read.value, page.value, { show, at: keyOf }), read);
  }
  const path = "/v1/tenants/:tenant/messages";
  return [{ method: "GET", path, permission: "message:read", handle: list }];
}

const keyOf = ({ messageKey }: MessageRow): string => messageKey;

const show = (row: MessageRow) => ({
  key: row.messageKey,
  kind: row.kind,
  subject: row.subject,
  about: aboutOf(row.about),
  created_at: formatInstant(row.createdMs),
});

// Own text: what the projection wrote.
const aboutOf = (text: string): JsonObject => JSON.parse(text);
