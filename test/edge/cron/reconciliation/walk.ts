import { env } from "cloudflare:workers";
import { objectsPorts } from "#src/compose/reconciliation.ts";
import { shardAt } from "#src/edge/bindings.ts";
import {
  checkObjects,
  type ObjectsPorts,
  type ObjectsWalk,
} from "#src/edge/cron/reconciliation/objects.ts";
import type { Line } from "../../support/line.ts";

const db = env.MIRROR_0;

type Over = (ports: ObjectsPorts) => ObjectsPorts;

const portsOver = (line: Line, over: Over, others: readonly string[]): ObjectsPorts => {
  const own = [line.company.tenant, ...others].toSorted();
  const ports = over({
    ...objectsPorts(line.parts, shardAt(line.parts.shards, 0)),
    tenantAfter: (tenant) => Promise.resolve(own.find((name) => name > tenant)),
  });
  return {
    ...ports,
    page: async () => {
      const pages = await Promise.all(
        own.map((tenant) => ports.page({ tenant, subject: "" }, 1000)),
      );
      return {
        items: pages.flatMap(({ items }, i) => items.filter((one) => one.tenant === own[i])),
      };
    },
  };
};

/** What is kept between walks. */
export interface Kept {
  walk?: ObjectsWalk;
}

/** One walk over a company, and whoever else is named, alone: others' objects lie before and behind it. */
export const walkOver = (
  line: Line,
  over: Over = (ports) => ports,
  others: readonly string[] = [],
  kept: Kept = {},
): Promise<ObjectsWalk> =>
  checkObjects({
    ...portsOver(line, over, others),
    load: () => Promise.resolve(kept.walk),
    save: (walk) => {
      kept.walk = walk;
      return Promise.resolve();
    },
  });

/** The same, each run of which has time for a step; answers how many runs it took. */
export async function walkInRuns(line: Line, over: Over): Promise<number> {
  let [kept, nowMs, runs] = ["", Date.now(), 0];
  const parse = (): ObjectsWalk | undefined => (kept === "" ? undefined : JSON.parse(kept));
  while (parse()?.last === undefined && runs < 500) {
    runs += 1;
    await checkObjects({
      ...portsOver(line, over, []),
      load: () => Promise.resolve(parse()),
      save: (walk) => {
        kept = JSON.stringify(walk);
        return Promise.resolve();
      },
      nowMs: () => {
        nowMs += 9000;
        return nowMs;
      },
    });
  }
  return runs;
}

/** Does this to the mirror, without the triggers that keep transfers as they are; answers how many rows it changed. */
export async function tamper(tenant: string, ...statements: readonly string[]): Promise<number> {
  const { results: triggers } = await db
    .prepare(
      "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'transfers'",
    )
    .all<{ name: string; sql: string }>();
  if (triggers.length !== 2) throw new Error(`Cannot find the triggers: ${triggers.length}`);
  for (const { name } of triggers) await db.prepare(`DROP TRIGGER ${name}`).run();
  let changes = 0;
  for (const sql of statements) {
    changes += (await db.prepare(sql).bind(tenant).run()).meta.changes;
  }
  for (const { sql } of triggers) await db.prepare(sql).run();
  return changes;
}
