import type { Json } from "../json.ts";
import type { CatalogueEvent, EventOf } from "../contracts/catalogue.ts";
import { parseInstantOrDay } from "../contracts/instant.ts";
import { edgesOfEnrolment } from "../genealogy/edge.ts";
import { compareRevisions } from "../ordering/rev.ts";
import { RUN_SOURCE } from "../runs/rank-run.ts";
import type { Effects, MessageEffect, Standing } from "../subject/entry.ts";
import type { Act } from "../subject/rules.ts";
import type { Arrival, Registered, SubjectState, Write } from "../subject/state.ts";

type StandingEvent = Extract<
  CatalogueEvent,
  {
    readonly type:
      | "distributor.enrolled"
      | "distributor.status_changed"
      | "rank.changed"
      | "volume.snapshot";
  }
>;

const STANDING_TYPES: ReadonlySet<string> = new Set<StandingEvent["type"]>([
  "distributor.enrolled",
  "distributor.status_changed",
  "rank.changed",
  "volume.snapshot",
]);

export const isStandingEvent = (event: CatalogueEvent): event is StandingEvent =>
  STANDING_TYPES.has(event.type);

/** The register of enrolments: of no period. */
export const ENROLMENT = "distributor.enrolled:";

/**
 * Puts a revision into its register. The highest (epoch, rev) is current whenever it arrives;
 * lower ones are kept as history, for reads as of an instant.
 */
export function register(event: StandingEvent, arrival: Arrival, state: SubjectState): Act {
  const standing = standingOf(event);
  const name = `${event.type}:${standing.period_id}`;
  const told = state.registered(name, standing);
  if (told !== undefined) return toldBefore(told, arrival);

  const current = state.current(name);
  const isCurrent = current === undefined || compareRevisions(standing, current) > 0;
  const revision: Registered = {
    epoch: standing.epoch,
    rev: standing.rev,
    payloadSha256: arrival.payloadSha256,
    eventId: arrival.eventId,
    effectiveMs: standing.effective_ms,
    value: JSON.stringify(standing.value),
  };
  const effects: Effects = {
    standings: [standing],
    ...edgesOf(standing, event),
    ...(isCurrent && standing.kind === "enrolment" ? frontline(standing, current) : {}),
    ...(event.type === "rank.changed" ? { messages: [rankMessage(event, standing)] } : {}),
  };
  const writes: Write[] = [{ put: "register", register: name, revision }];
  if (standing.kind === "enrolment" && current === undefined) writes.push({ put: "ready" });
  return { kind: "effect", effects, writes: [...writes, ...profileOf(standing, arrival, state)] };
}

/** Of every revision, also one that a higher one overtook: so any order ends in the same messages. */
function rankMessage(
  { key, data: { pay_rank, career_rank } }: EventOf<"rank.changed">,
  { epoch, rev, period_id }: Standing,
): MessageEffect {
  const distributor_id = key.slice("dist:".length);
  return {
    key: `msg:rank_changed:${distributor_id}:${period_id}:${epoch}.${rev}`,
    kind: "rank_changed",
    about: { distributor_id, period_id, pay_rank, career_rank },
  };
}

/** The profile is that of the highest enrolment that brought one, whichever came last. */
function profileOf(
  { kind, epoch, rev }: Standing,
  { eventId, profile }: Arrival,
  state: SubjectState,
): readonly Write[] {
  if (kind !== "enrolment" || profile === undefined) return [];
  const told = state.fact("profile");
  if (told !== undefined && compareRevisions({ epoch, rev }, JSON.parse(told.state)) < 0) return [];
  const fact = { essence: "", eventId, state: JSON.stringify({ epoch, rev }) };
  return [
    { put: "fact", key: "profile", fact },
    { put: "profile", profile },
  ];
}

const toldBefore = (told: Registered, { payloadSha256 }: Arrival): Act =>
  told.payloadSha256 === payloadSha256
    ? { kind: "repeat", of: told.eventId }
    : {
        kind: "contradiction",
        of: told.eventId,
        reason: `Revision ${told.rev} of epoch ${told.epoch} said something else: the first stands`,
      };

function standingOf(event: StandingEvent): Standing {
  const { epoch, rev = "0", occurredAtMs } = event;
  const at = { epoch, rev, effective_ms: occurredAtMs, period_id: "" };
  switch (event.type) {
    case "distributor.enrolled":
      return { ...at, kind: "enrolment", ...enrolmentOf(event) };
    case "distributor.status_changed": {
      const { status, effective_at } = event.data;
      const effective_ms = parseInstantOrDay(effective_at) ?? occurredAtMs;
      return { ...at, kind: "status", effective_ms, value: { status } };
    }
    case "rank.changed": {
      const { period_id, pay_rank, career_rank } = event.data;
      const value = { pay_rank, career_rank };
      const isOwn = event.source === RUN_SOURCE;
      return {
        ...at,
        kind: "rank",
        period_id,
        value: isOwn ? { ...value, told_by: "run" } : value,
      };
    }
    case "volume.snapshot": {
      const { period_id = "", pv_x100, gv_x100, legs } = event.data;
      const value = { pv_x100, gv_x100, legs: JSON.stringify(legs?.map(legKept)) };
      return { ...at, kind: "volume", period_id, value };
    }
  }
}

function enrolmentOf({ data, occurredAtMs }: EventOf<"distributor.enrolled">) {
  const { sponsor_id = null, placement_id = null, leg = null, status, joined_at, country } = data;
  return {
    effective_ms: parseInstantOrDay(joined_at) ?? occurredAtMs,
    value: { sponsor_id, placement_id, leg, status, country },
  };
}

/** Each enrolment is a version of the first edges; which one holds depends on the instant. */
function edgesOf({ epoch, rev, effective_ms }: Standing, event: StandingEvent): Effects {
  if (event.type !== "distributor.enrolled") return {};
  const { sponsor_id = null, placement_id = null, leg = null } = event.data;
  const edges = edgesOfEnrolment(
    event.data.distributor_id,
    { sponsor_id, placement_id, leg },
    { epoch, rev, effective_ms },
  );
  return { edges };
}

/** The sponsors' counts follow the enrolment that is current, so that any order adds up the same. */
function frontline(standing: Standing, before: Registered | undefined): Pick<Effects, "frontline"> {
  const old: unknown = before === undefined ? null : JSON.parse(before.value).sponsor_id;
  const sponsor = standing.value["sponsor_id"];
  if (old === sponsor) return {};
  const steps = [
    { distributor_id: old, by: -1 },
    { distributor_id: sponsor, by: 1 },
  ];
  return {
    frontline: steps.flatMap(({ distributor_id, by }) =>
      typeof distributor_id === "string" ? [{ distributor_id, by }] : [],
    ),
  };
}

const LEG_NAMES: ReadonlySet<string> = new Set(["distributor_id", "leg", "rank"]);

/**
 * Of a leg who it is and its numbers. A core may write whatever else it knows of the person: that
 * belongs into no log, and is nobody's to read in somebody else's volumes.
 */
function legKept(leg: Json): Json {
  if (leg === null || typeof leg !== "object" || Array.isArray(leg)) return leg;
  const kept = Object.entries(leg).filter(
    ([name, value]) => LEG_NAMES.has(name) || typeof value === "number",
  );
  return Object.fromEntries(kept);
}
