import type { EventRule } from "./options.ts";
import type { Pick, Picks } from "./pick.ts";
import { parsePath, type Segment } from "./path.ts";

/**
 * What a mapping may ask of each thing told, where a step is one segment of one path. Every rule's
 * conditions may be asked, and one rule's fields: a few milliseconds for a thousand events.
 */
const STEPS_MAX = 1000;
/** Members that lists are searched by, as `key` in `meta[key=rep]`: each goes through the lists once. */
const WHERES_MAX = 8;

const segmentsOf = (path: string): readonly Segment[] => parsePath(path.replace(/^\$/, "")) ?? [];

function pathsOf(pick: Pick): readonly string[] {
  if (typeof pick === "string") return [pick];
  if ("value" in pick) return [];
  return typeof pick.path === "string" ? [pick.path] : pick.path;
}

const pathsIn = (picks: Picks): readonly string[] => Object.values(picks).flatMap(pathsOf);

function fieldsOf(rule: EventRule): readonly string[] {
  const { rev, seq, epoch, key, occurred_at: when } = rule;
  const single = [rev, seq, epoch, key, when].filter((pick) => pick !== undefined);
  return [...pathsIn(rule.fields), ...single.flatMap(pathsOf)];
}

const stepsIn = (paths: readonly string[]): number =>
  paths.reduce((sum, path) => sum + segmentsOf(path).length, 0);

/** Why some rules, of which one is taken, would take too long for every event of a large body. */
export function rulesFault(rules: readonly EventRule[]): string | undefined {
  const conditions = rules.flatMap(({ when = {} }) => Object.keys(when));
  const fields = rules.map(fieldsOf);
  const steps = stepsIn(conditions) + Math.max(0, ...fields.map(stepsIn));
  return steps > STEPS_MAX ? tooManySteps(steps) : searchFault([...conditions, ...fields.flat()]);
}

function searchFault(paths: readonly string[]): string | undefined {
  const wheres = paths.flatMap((path) =>
    segmentsOf(path).flatMap((segment) => ("where" in segment ? [segment.where] : [])),
  );
  const count = new Set(wheres).size;
  if (count <= WHERES_MAX) return undefined;
  return `Searches lists by ${count} members, more than ${WHERES_MAX}`;
}

/** The same of fields that are added to an event. */
export function picksFault(picks: Picks): string | undefined {
  const paths = pathsIn(picks);
  const steps = stepsIn(paths);
  return steps > STEPS_MAX ? tooManySteps(steps) : searchFault(paths);
}

const tooManySteps = (steps: number): string =>
  `Takes ${steps} steps for each event, more than ${STEPS_MAX}: ask for less`;
