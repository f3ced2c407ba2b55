import * as z from "zod";
import { formatInstant } from "../../core/contracts/instant.ts";
import { allowance, type Usage, usedOf } from "../../pollers/budget.ts";
import { POLLERS } from "../../pollers/index.ts";
import { NEVER_MS } from "../../pollers/schedule.ts";
import type { PollSettings } from "../../pollers/settings.ts";
import type { Reader, Reading } from "../reading.ts";
import { problem } from "./problem.ts";
import { readQuery } from "./query.ts";
import { answerRead, readerOf } from "./reader.ts";
import { type ApiContext, param, type Route } from "./route.ts";

interface Counts {
  readonly began_ms: number;
  readonly ended_ms: number | null;
  readonly pages: number;
  readonly records: number;
  readonly told: number;
}

interface StreamStanding {
  readonly stream: string;
  readonly nextMs: number;
  readonly failures: number;
  readonly watermarkMs: number | null;
  readonly round: Counts | null;
  readonly last: Counts | null;
  readonly error: ErrorStanding | null;
}

interface ErrorStanding {
  readonly at_ms: number;
  readonly since_ms?: number;
  readonly kind: string;
  readonly detail: string;
}

/** How a source is configured to be polled; `settings` absent where it is not. */
export interface PolledSource {
  readonly settings?: PollSettings;
  readonly isPaused: boolean;
}

export interface PollPorts {
  readonly polls: {
    /** Nothing where the tenant has no such source. */
    source(tenant: string, source: string): Promise<PolledSource | undefined>;
    standing(
      reader: Reader,
      source: string,
    ): Promise<
      Reading<{
        readonly notBeforeMs: number;
        readonly usage: Usage;
        readonly lookUp: Pick<StreamStanding, "failures" | "error">;
        readonly streams: readonly StreamStanding[];
      }>
    >;
  };
  readonly nowMs: () => number;
}

/** `GET …/sources/{source}/polls` */
export function pollRoutes(ports: PollPorts): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/v1/tenants/:tenant/sources/:source/polls",
      permission: "source:read",
      handle: (c) => getPolls(ports, c),
    },
  ];
}

async function getPolls({ polls, nowMs }: PollPorts, c: ApiContext): Promise<Response> {
  const query = readQuery(c, z.object({}));
  if (!query.ok) return query.refusal;
  const reader = readerOf(c);
  if (!reader.ok) return reader.refusal;
  const source = param(c, "source");
  const configured = await polls.source(c.get("tenant").tenant, source);
  if (configured === undefined) return problem("not_found");
  const read = await polls.standing(reader.value, source);
  const { notBeforeMs, usage, lookUp, streams } = read.value;
  const { settings, isPaused } = configured;
  const known = new Map(streams.map((one) => [one.stream, one]));
  const body = {
    source,
    state: settings === undefined ? "off" : isPaused ? "paused" : "active",
    not_before: notBeforeMs > nowMs() ? formatInstant(notBeforeMs) : null,
    used_24h: usedOf(usage, nowMs()),
    allowed_24h: settings === undefined ? null : allowedOf(settings),
    look_up: { failures: lookUp.failures, error: errorOf(lookUp) },
    streams: (settings?.streams ?? []).map(({ name }) => show(name, known.get(name))),
  };
  return answerRead(body, read);
}

const allowedOf = ({ kind, budget }: PollSettings): number =>
  allowance(budget?.requests_per_day ?? POLLERS[kind].perDay, budget?.share);

const instantOf = (ms: number | null | undefined): string | null =>
  ms === null || ms === undefined || ms === NEVER_MS ? null : formatInstant(ms);

const show = (stream: string, standing: StreamStanding | undefined) => ({
  stream,
  watermark: instantOf(standing?.watermarkMs),
  next_at: instantOf(standing?.nextMs),
  failures: standing?.failures ?? 0,
  round: counts(standing?.round),
  last: counts(standing?.last),
  error: errorOf(standing),
});

function errorOf(standing: Pick<StreamStanding, "error"> | undefined) {
  if (standing?.error == null) return null;
  const { at_ms: atMs, since_ms: sinceMs = atMs, kind, detail } = standing.error;
  return { at: formatInstant(atMs), since: formatInstant(sinceMs), kind, detail };
}

function counts(given: Counts | null | undefined) {
  if (given === null || given === undefined) return null;
  const { began_ms: beganMs, ended_ms: endedMs, ...rest } = given;
  return { began_at: formatInstant(beganMs), ended_at: instantOf(endedMs), ...rest };
}
