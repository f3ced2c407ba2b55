import { and, asc, desc, eq, gt, lt, type SQL, sql } from "drizzle-orm";
import { canonicalJson } from "../../core/canonical.ts";
import type { Violation } from "../../core/contracts/event.ts";
import { parseInstantOrDay } from "../../core/contracts/instant.ts";
import type { JsonObject } from "../../core/json.ts";
import { assert } from "../../core/assert.ts";
import type { Plan } from "../../core/plans/plan.ts";
import { planAt, plansAt } from "../../core/plans/versions.ts";
import { uuidV7 } from "../event-id.ts";
import type { ControlReader, Marked, Part, Reading } from "../reading.ts";
import type { ControlSession } from "./session.ts";
import type { Act } from "../act.ts";
import type { Store } from "./store.ts";
import { audit, plans } from "./tables.ts";

/** Which plan of whom. */
export interface PlanName {
  readonly tenant: string;
  readonly planId: string;
}

/** Who reads which plan. */
export type PlanReader = ControlReader & PlanName;

/** A version as it was saved: also one that today's rules would refuse can be read back. */
export interface StoredPlan {
  readonly planId: string;
  readonly version: number;
  readonly effectiveMs: number;
  readonly createdMs: number;
  readonly body: JsonObject;
}

export type PlanVersion = Omit<StoredPlan, "body">;

export interface PlanWrite extends PlanName {
  /** As `parsePlan` gives it; its version is the store's to choose. */
  readonly plan: Plan;
  /** The one the writer means: the next, or the one that already says the same. */
  readonly version?: number;
}

export type PlanPut =
  | ({ readonly kind: "created" | "updated" | "unchanged"; readonly plan: StoredPlan } & Marked)
  /** The version that the writer means is not the next, nor does it say this. */
  | { readonly kind: "other_version"; readonly next: number }
  /** Components of another plan that holds at the same time have these codes. */
  | { readonly kind: "code_taken"; readonly errors: readonly Violation[] }
  /** What was sold by the version that it would replace was paid in another currency. */
  | { readonly kind: "currency_paid"; readonly currency: string }
  | { readonly kind: "too_many" | "raced" };

export interface PlanStorePorts {
  readonly store: Pick<Store, "reads" | "writes">;
  /** Every version of a tenant's plans that can be read, from the primary. */
  readonly plansOf: (tenant: string) => Promise<readonly Plan[]>;
}

type Row = typeof plans.$inferSelect;

/** All versions of a tenant together: the consumer reads them all, for each batch. */
export const PLAN_CHARS_MAX = 8_000_000;
/** A write that lost against another is decided again, upon what that one left. */
const ATTEMPTS_MAX = 4;

/** Plans of the control tables. Versions are only ever added: none is changed or deleted. */
export const planStore = (ports: PlanStorePorts) => ({
  /** The newest version, or the one that is asked for. */
  get: (reader: PlanReader, version?: number) => get(ports, reader, version),
  /** The newest version of each plan, by name. */
  list: (reader: ControlReader, part: Part<string>) => list(ports, reader, part),
  /** Newest first. */
  versions: (reader: PlanReader, part: Part<number>) => versions(ports, reader, part),

  /** Saves the next version, unless the plan says the same already. */
  async put(write: PlanWrite, act: Act): Promise<PlanPut> {
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
      const put = await putOnce(ports, write, act);
      if (put.kind !== "raced") return put;
    }
    return { kind: "raced" };
  },
});

const ofPlan = ({ tenant, planId }: PlanName): SQL | undefined =>
  and(eq(plans.tenant, tenant), eq(plans.planId, planId));

async function get(
  { store }: PlanStorePorts,
  reader: PlanReader,
  version: number | undefined,
): Promise<Reading<StoredPlan | undefined>> {
  const asked = version === undefined ? undefined : eq(plans.version, version);
  const session = store.reads(reader);
  const [row] = await session.db
    .select()
    .from(plans)
    .where(and(ofPlan(reader), asked))
    .orderBy(desc(plans.version))
    .limit(1);
  return session.reading(row && show(row));
}

async function list(
  { store }: PlanStorePorts,
  reader: ControlReader,
  { after = "", limit }: Part<string>,
): Promise<Reading<readonly StoredPlan[]>> {
  const isNewest = sql`NOT EXISTS (SELECT 1 FROM plans AS newer WHERE newer.tenant = ${plans.tenant}
    AND newer.plan_id = ${plans.planId} AND newer.version > ${plans.version})`;
  const session = store.reads(reader);
  const rows = await session.db
    .select()
    .from(plans)
    .where(and(eq(plans.tenant, reader.tenant), gt(plans.planId, after), isNewest))
    .orderBy(asc(plans.planId))
    .limit(limit);
  return session.reading(rows.map(show));
}

async function versions(
  { store }: PlanStorePorts,
  reader: PlanReader,
  { after, limit }: Part<number>,
): Promise<Reading<readonly PlanVersion[]>> {
  const { planId, version, effectiveMs, createdMs } = plans;
  const older = after === undefined ? undefined : lt(version, after);
  const session = store.reads(reader);
  const rows = await session.db
    .select({ planId, version, effectiveMs, createdMs })
    .from(plans)
    .where(and(ofPlan(reader), older))
    .orderBy(desc(version))
    .limit(limit);
  return session.reading(rows);
}

/** What a write is decided upon, and in which session. */
interface Known {
  readonly session: ControlSession;
  /** Of this plan, oldest first. */
  readonly own: readonly Row[];
  /** Versions of all the tenant's plans, and what they come to. */
  readonly rows: number;
  readonly chars: number;
  readonly plans: readonly Plan[];
}

async function load({ store, plansOf }: PlanStorePorts, write: PlanWrite): Promise<Known> {
  const session = store.writes();
  const { db } = session;
  const { tenant } = write;
  const [own, [all]] = await db.batch([
    db.select().from(plans).where(ofPlan(write)).orderBy(asc(plans.version)),
    db
      .select({
        rows: sql<number>`count(*)`,
        chars: sql<number>`coalesce(sum(length(${plans.body})), 0)`,
      })
      .from(plans)
      .where(eq(plans.tenant, tenant)),
  ]);
  // Read after they were counted: whatever is saved in between fails the guard.
  const { rows = 0, chars = 0 } = all ?? {};
  return { session, own, rows, chars, plans: await plansOf(tenant) };
}

type Decision =
  | { readonly kind: "same"; readonly row: Row }
  | { readonly kind: "next"; readonly version: number; readonly body: string }
  | Exclude<PlanPut, { readonly plan: StoredPlan } | { readonly kind: "raced" }>;

async function putOnce(ports: PlanStorePorts, write: PlanWrite, act: Act): Promise<PlanPut> {
  const known = await load(ports, write);
  const { session } = known;
  const decision = decide(known, write, act);
  if (decision.kind === "same") {
    return { kind: "unchanged", plan: show(decision.row), ...session.mark() };
  }
  if (decision.kind !== "next") return decision;
  const { tenant, planId, plan } = write;
  const { version, body } = decision;
  const effectiveMs = effectiveMsOf(plan);
  const row = { tenant, planId, version, effectiveMs, body, createdMs: act.nowMs };
  if (!(await save(session, { row, plan, rows: known.rows }, act))) return { kind: "raced" };
  act.saved?.();
  return { kind: version === 1 ? "created" : "updated", plan: show(row), ...session.mark() };
}

function decide(known: Known, { plan, version }: PlanWrite, { nowMs }: Act): Decision {
  const newest = known.own.at(-1)?.version ?? 0;
  const next = newest + 1;
  const meant = known.own.find((row) => row.version === (version ?? newest));
  if (meant?.body === textOf(plan, meant?.version)) return { kind: "same", row: meant };
  if ((version ?? next) !== next) return { kind: "other_version", next };
  const body = textOf(plan, next);
  if (known.chars + body.length > PLAN_CHARS_MAX) return { kind: "too_many" };
  const refusal = hindrance(known.plans, { ...plan, version: next }, nowMs);
  return refusal ?? { kind: "next", version: next, body };
}

/** What other versions, of this plan or of others, do not let it say. */
function hindrance(stored: readonly Plan[], plan: Plan, nowMs: number): Decision | undefined {
  const currency = paidCurrency(stored, plan, nowMs);
  if (currency !== plan.currency) return { kind: "currency_paid", currency };
  const errors = takenCodes(stored, plan);
  return errors.length > 0 ? { kind: "code_taken", errors } : undefined;
}

/** Two plans that say the same have the same text, in whatever order they said it. */
const textOf = (plan: Plan, version = plan.version): string => canonicalJson({ ...plan, version });

/**
 * In what currency sales of the past were paid by the version of the plan that this one replaces
 * from its time on: their lines are priced anew, and a line keeps its currency.
 */
function paidCurrency(stored: readonly Plan[], plan: Plan, nowMs: number): string {
  const atMs = effectiveMsOf(plan);
  const own = stored.filter(({ plan_id }) => plan_id === plan.plan_id);
  return (atMs > nowMs ? undefined : planAt(own, atMs)?.currency) ?? plan.currency;
}

/**
 * The components whose code another plan uses while this version holds: their lines would have the
 * same ids, which name order, component, level and distributor but no plan (DESIGN §14).
 */
function takenCodes(stored: readonly Plan[], plan: Plan): readonly Violation[] {
  const all = [...stored, plan];
  // Which versions hold changes at these instants and at no other.
  const instants = new Set(all.map(effectiveMsOf));
  const others = [...instants]
    .map((atMs) => plansAt(all, atMs))
    .filter((inForce) => inForce.includes(plan))
    .flatMap((inForce) => inForce.filter((other) => other !== plan));
  const ownerOf = new Map(
    others.flatMap(({ plan_id, components }) => components.map(({ code }) => [code, plan_id])),
  );
  return plan.components.flatMap(({ code }, index) => {
    const owner = ownerOf.get(code);
    if (owner === undefined) return [];
    const message = `Must differ from every component of plan "${owner}", which holds at the same time`;
    return [{ path: `components[${index}].code`, rule: "taken", message }];
  });
}

function effectiveMsOf({ effective_from }: Plan): number {
  const ms = parseInstantOrDay(effective_from);
  assert(ms !== undefined, "Cannot date a plan that was never validated");
  return ms;
}

interface Saving {
  readonly row: Row;
  readonly plan: Plan;
  /** How many versions the tenant had when it was decided. */
  readonly rows: number;
}

/** Version and audit row, both or none. Beside `Store.commit`, as no hot path reads a copy in KV. */
async function save({ db }: ControlSession, saving: Saving, act: Act): Promise<boolean> {
  const { row, plan, rows } = saving;
  const { tenant, planId, version, effectiveMs, body, createdMs } = row;
  // Versions are only added, so their number tells that the decision still stands.
  const guard = sql`EXISTS (SELECT 1 FROM tenants WHERE tenant = ${tenant})
    AND (SELECT count(*) FROM plans WHERE tenant = ${tenant}) = ${rows}`;
  const { effective_from, currency } = plan;
  const components = plan.components.map(({ code }) => code);
  const detail = JSON.stringify({ version, effective_from, currency, components });
  const action = version === 1 ? "plan.create" : "plan.update";
  const [saved] = await db.batch([
    db.insert(audit).select(
      sql`SELECT ${tenant}, ${uuidV7(act.nowMs)}, ${act.nowMs}, ${act.actor}, ${action},
        ${`plan:${planId}`}, ${detail} WHERE ${guard}`,
    ),
    // Last: it alone changes what the guard reads.
    db.insert(plans).select(
      sql`SELECT ${tenant}, ${planId}, ${version}, ${effectiveMs}, ${body}, ${createdMs}
        WHERE ${guard}`,
    ),
  ]);
  return saved.meta.changes > 0;
}

const show = ({ planId, version, effectiveMs, createdMs, body }: Row): StoredPlan => ({
  planId,
  version,
  effectiveMs,
  createdMs,
  body: JSON.parse(body),
});
