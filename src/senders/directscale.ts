import * as z from "zod";
import { STATUSES } from "../core/contracts/distributor.ts";
import { directscaleMs, translateDirectscale } from "./directscale-facts.ts";
import { readTelling } from "./read/facts.ts";
import { fingerprintBytes } from "./read/fingerprint.ts";
import { idOf } from "./read/ids.ts";
import { parseJson } from "./read/json.ts";
import { productOptions } from "./read/options.ts";
import { unreadable } from "./read/unreadable.ts";
import type { Reading, Sender } from "./sender.ts";
import { bearerToken, urlToken } from "./verify/token.ts";

const MESSAGE_ID = "x-directscale-message-id";

/** What every body has: https://github.com/DirectScale/Sample-WebHook-Reciever */
const Message = z.looseObject({
  EventType: z.string().min(1).max(128),
  EventDateUtc: z.string(),
});

/** Codes and names of a company's own. */
const Words = z.array(z.string().min(1).max(64)).max(100);

/**
 * DirectScale's webhooks, which nothing signs: the token shown covers no byte of the body. Its
 * older event bus can send no header, and shows the token in the URL.
 */
export const directscale: Sender = {
  name: "directscale",
  family: "product",
  defaultScheme: "bearer-token",
  schemes: { "bearer-token": bearerToken, "url-token": urlToken },
  readHeaders: [MESSAGE_ID],
  checkOptions: productOptions({
    statuses: z.record(z.string().min(1).max(64), z.enum(STATUSES)).exactOptional(),
    customer_types: Words.exactOptional(),
    paid_statuses: Words.exactOptional(),
  }),

  read({ body, header }, context): Reading {
    const parsed = parseJson(body);
    if (!parsed.ok) return { kind: "malformed", errors: parsed.refusal };

    const message = Message.safeParse(parsed.value);
    if (!message.success) return unreadable(parsed.value, message.error);
    const { EventType: type, EventDateUtc: date } = message.data;
    if (type.replace(/Event$/, "") === "Daily") {
      return { kind: "items", items: [], ignored: "A daily event says that a day has passed" };
    }

    // The event bus names no message: what comes again then comes byte by byte.
    const given = header(MESSAGE_ID);
    const id = given === undefined || given === "" ? fingerprintBytes(body) : given;
    const occurredAtMs = directscaleMs(date) ?? -1;
    const fact = translateDirectscale(type, message.data, context.options);
    const telling = { id: idOf(id), type, occurredAtMs, payload: message.data, fact };
    return { kind: "items", items: [readTelling(telling, context)] };
  },

  // Its documents ask for 200, and send again whatever is answered otherwise.
  reply: ({ kind }) => (kind === "taken" ? { status: 200 } : undefined),
};
