import { expect, vi } from "vitest";
import { pick } from "../../support/histories/pick.ts";
import type { PlainEvent } from "../../support/naive/event.ts";
import type { Worked } from "../../support/naive/worked.ts";
import { type Arrival, arrivalsOf } from "./arrivals.ts";
import { eventIn, inNamespace } from "./namespace.ts";
import { expectDistributor, expectOrderLines } from "./pages.ts";
import { listOf, outcomesOf, sendAll } from "./playing.ts";
import { eachOf, type TestTenant } from "./tenant.ts";

/** Beyond that the gateway would be told faster than it takes in, and waiting would have no end. */
const TOGETHER = 10;
/** Lines reach their distributors one hop after their payment. */
const FAN_OUT_MS_MAX = 30_000;

/** An arrival of an example, in a namespace of its own: one tenant serves all of them. */
export interface Played extends Arrival {
  readonly prefix: string;
  readonly worked: Worked;
}

export const playsOf = (worked: Worked, count: number): readonly Played[] =>
  arrivalsOf(worked.events, count).map(({ lanes }, nth) => {
    const prefix = `n${nth}-`;
    const named = (events: readonly PlainEvent[]) => events.map((event) => eventIn(event, prefix));
    return {
      prefix,
      worked: inNamespace(worked, prefix),
      lanes: lanes.map((lane) =>
        lane.map(({ source, events }) => ({ source, events: named(events) })),
      ),
    };
  });

/** Sends everything; of the tellings of each fact one is applied, and the others change nothing. */
export async function play(tenant: TestTenant, plays: readonly Played[]): Promise<void> {
  for (let from = 0; from < plays.length; from += TOGETHER) {
    const round = plays.slice(from, from + TOGETHER);
    await eachOf(round, async ({ lanes }) => {
      await Promise.all(lanes.map((lane) => sendAll(tenant, lane)));
    });
    const ids = round.flatMap(({ lanes }) =>
      lanes.flat().flatMap(({ events }) => events.map(({ id }) => id)),
    );
    const outcomes = await outcomesOf(tenant, new Set(ids));
    const facts = Map.groupBy(outcomes, ([id]) => id.replace("copy-", ""));
    for (const [fact, tellings] of facts) {
      const ends = tellings.flatMap(([, each]) => each).toSorted(byText);
      expect({ fact, ends }).toEqual({
        fact,
        ends: ["applied", ...ends.slice(1).map(() => "duplicate")],
      });
    }
  }
  await tenant.idle();
}

const byText = (a: string, b: string): number => (a < b ? -1 : 1);

type Balances = Record<string, Record<string, number>>;

/** The balances of every namespace, and of all together: the company's accounts add up. */
export async function expectBalances(tenant: TestTenant, plays: readonly Played[]): Promise<void> {
  await vi.waitFor(
    async () => {
      expect(await tenant.get("ledger/balances")).toEqual({ balances: sumOf(plays) });
    },
    { timeout: FAN_OUT_MS_MAX, interval: 200 },
  );
  await eachOf(plays, async ({ prefix, worked }) => {
    const own = await tenant.get(`ledger/balances?prefix=dist:${prefix}`);
    expect(own).toEqual({ balances: onlyDistributors(worked.balances) });
  });
}

function sumOf(plays: readonly Played[]): Balances {
  const sums: Balances = {};
  for (const { worked } of plays) {
    for (const [currency, accounts] of Object.entries(worked.balances)) {
      const told = (sums[currency] ??= {});
      for (const [account, amount] of Object.entries(accounts)) {
        told[account] = (told[account] ?? 0) + amount;
      }
    }
  }
  return sums;
}

const onlyDistributors = (balances: Worked["balances"]): Balances =>
  Object.fromEntries(
    Object.entries(balances).flatMap(([currency, accounts]) => {
      const own = Object.entries(accounts).filter(([account]) => account.startsWith("dist:"));
      return own.length === 0 ? [] : [[currency, Object.fromEntries(own)]];
    }),
  );

/** Lines of every order; each namespace shows the pages of another distributor. */
export async function expectPages(tenant: TestTenant, plays: readonly Played[]): Promise<void> {
  await eachOf([...plays.entries()], async ([nth, { worked }]) => {
    await expectOrderLines(tenant, worked);
    const people = idsIn(worked, "distributor.enrolled", "distributor_id");
    await expectDistributor(tenant, worked, pick(people, nth));
  });
}

function idsIn({ events }: Worked, type: PlainEvent["type"], member: string): readonly string[] {
  const told = events.filter((event) => event.type === type);
  const ids = told.flatMap(({ data: { [member]: id } }) => (typeof id === "string" ? [id] : []));
  return [...new Set(ids)];
}

const CONFIRMED = "msg:payment_confirmed:";

/** The payments that somebody was told of, by id. */
export async function confirmedIn(tenant: TestTenant): Promise<readonly string[]> {
  const keys = (await listOf(tenant, "messages")).map(({ key }) => String(key));
  return keys.flatMap((key) => (key.startsWith(CONFIRMED) ? [key.replace(CONFIRMED, "")] : []));
}

/** One confirmation of each payment; at most one of those of which something was paid back. */
export async function expectMessages(tenant: TestTenant, plays: readonly Played[]): Promise<void> {
  const confirmed = await confirmedIn(tenant);
  const told = new Set(confirmed);
  expect(told.size).toBe(confirmed.length);
  const of = (type: PlainEvent["type"]) =>
    plays.flatMap(({ worked }) => idsIn(worked, type, "payment_id"));
  const payments = new Set(of("payment.confirmed"));
  expect(confirmed.filter((id) => !payments.has(id))).toEqual([]);
  const refunded = new Set(of("refund.completed"));
  expect([...payments].filter((id) => !told.has(id) && !refunded.has(id))).toEqual([]);
}
