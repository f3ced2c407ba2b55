import type { DemoEvent, Envelope } from "./event.ts";
import type { DemoOptions } from "./options.ts";
import { changedContact, failedPayment } from "./products.ts";
import { createRandom, type Random } from "./random.ts";

/** Everything lies in the past, so that every status is in force when it is read. */
const START_MS = Date.parse("2026-07-01T00:00:00.000Z");
const STEP_MS = 7_000;

interface Person {
  readonly id: string;
  readonly currency: string;
  readonly seqs: { core: number; bank: number };
  readonly revs: Map<string, number>;
  /** Lines that may be released, or reversed for what is left. */
  readonly held: { id: string; left: number }[];
  readonly released: { id: string; left: number }[];
  available: number;
  lines: number;
  payouts: number;
}

interface Telling {
  readonly random: Random;
  readonly people: Person[];
  readonly events: DemoEvent[];
}

/** What happens in the company: enrolments first, then whatever comes, until there is enough. */
export function tellStory({ distributors, events, seed }: DemoOptions): readonly DemoEvent[] {
  const telling: Telling = { random: createRandom(seed), people: [], events: [] };
  for (let i = 1; i <= distributors; i += 1) enrol(telling, i);
  while (telling.events.length < events) happen(telling);
  return telling.events;
}

function enrol(telling: Telling, i: number): void {
  const { random, people } = telling;
  const sponsor = people.length === 0 ? undefined : people[random.between(0, people.length - 1)];
  const person: Person = {
    id: `D${String(i).padStart(5, "0")}`,
    currency: random.chance(0.9) ? "USD" : "EUR",
    seqs: { core: 0, bank: 0 },
    revs: new Map(),
    held: [],
    released: [],
    available: 0,
    lines: 0,
    payouts: 0,
  };
  people.push(person);
  revise(telling, person, "distributor.enrolled", {
    distributor_id: person.id,
    ...(sponsor === undefined ? {} : { sponsor_id: sponsor.id }),
    status: "active",
    joined_at: "2026-06-15",
    country: "US",
    pii: { name: `Demo Person ${i}`, email: `person${i}@example.com` },
  });
}

type Happening = (telling: Telling, person: Person) => void;

/** How often each comes, in a hundred. */
const HAPPENINGS: readonly (readonly [share: number, happening: Happening])[] = [
  [34, postLine],
  [16, releaseLine],
  [8, reverseLine],
  [10, adjust],
  [12, payOut],
  [5, changeStatus],
  [5, changeRank],
  [5, snapshotVolume],
  [3, failPayment],
  [2, changeContact],
];

function happen(telling: Telling): void {
  const { random, people } = telling;
  const person = people[random.between(0, people.length - 1)];
  let roll = random.between(0, 99);
  for (const [share, happening] of HAPPENINGS) {
    roll -= share;
    if (roll < 0 && person !== undefined) {
      happening(telling, person);
      return;
    }
  }
}

function postLine(telling: Telling, person: Person): void {
  const { random } = telling;
  person.lines += 1;
  const line = { id: `${person.id}-L${person.lines}`, left: random.between(1, 50_000) };
  // Some come with their holdback over already.
  const isPayable = random.chance(0.2);
  (isPayable ? person.released : person.held).push(line);
  if (isPayable) person.available += line.left;
  stream(telling, person, "commission.posted", {
    line_id: line.id,
    component: "unilevel",
    level: random.between(1, 7),
    amount_minor: line.left,
    currency: person.currency,
    period_id: "2026-07",
    run_id: "2026-07-final",
    ...(isPayable ? { available_at: "2026-06-30T00:00:00.000Z" } : {}),
  });
}

function releaseLine(telling: Telling, person: Person): void {
  const line = person.held.shift();
  if (line === undefined) {
    postLine(telling, person);
    return;
  }
  person.released.push(line);
  person.available += line.left;
  stream(telling, person, "commission.released", { line_id: line.id });
}

/** One in ten asks for more than is left: it has to take its place without effect. */
function reverseLine(telling: Telling, person: Person): void {
  const { random } = telling;
  const [line, bucket] = person.released[0]
    ? [person.released[0], "available" as const]
    : [person.held[0], "held" as const];
  if (line === undefined) {
    postLine(telling, person);
    return;
  }
  const isTooMuch = random.chance(0.1);
  const amount = isTooMuch ? line.left + 1 : random.between(0, line.left);
  if (!isTooMuch) {
    line.left -= amount;
    if (bucket === "available") person.available -= amount;
  }
  person.lines += 1;
  stream(telling, person, "commission.reversed", {
    line_id: `${person.id}-R${person.lines}`,
    reverses_line_id: line.id,
    amount_minor: amount,
    currency: person.currency,
  });
}

/** Both cores correct: each has a stream of its own. */
function adjust(telling: Telling, person: Person): void {
  const { random } = telling;
  const amount = random.between(-2_000, 5_000);
  person.lines += 1;
  person.available += amount;
  const data = {
    line_id: `${person.id}-A${person.lines}`,
    amount_minor: amount,
    currency: person.currency,
    reason_code: "service",
    effective_at: "2026-07-15",
    approved_by: "finance",
  };
  stream(telling, person, "adjustment.posted", data, random.pick(["core", "bank"]));
}

/** The core starts a payout, the bank tells how it ended, in a stream that can be ahead of it. */
function payOut(telling: Telling, person: Person): void {
  const { random } = telling;
  const gross = Math.floor(person.available / random.between(1, 3));
  if (gross < 1_000) {
    postLine(telling, person);
    return;
  }
  const fee = random.between(0, 300);
  const withholding = random.chance(0.3) ? Math.floor(gross / 10) : 0;
  person.payouts += 1;
  person.available -= gross;
  const payout = { payout_id: `${person.id}-P${person.payouts}` };
  stream(telling, person, "payout.initiated", {
    ...payout,
    currency: person.currency,
    gross_minor: gross,
    net_minor: gross - fee - withholding,
    fee_minor: fee,
    withholding_minor: withholding,
    method: "ach",
  });
  if (random.chance(0.1)) return;
  if (random.chance(0.8)) stream(telling, person, "payout.settled", payout, "bank");
  else {
    const failure = { ...payout, fee_kept: random.chance(0.5), reason: "account closed" };
    stream(telling, person, "payout.failed", failure, "bank");
  }
}

function changeStatus(telling: Telling, person: Person): void {
  const status = telling.random.pick(["active", "grace", "suspended", "terminated"]);
  revise(telling, person, "distributor.status_changed", { status, effective_at: "2026-07-02" });
}

function changeRank(telling: Telling, person: Person): void {
  const { random } = telling;
  revise(telling, person, "rank.changed", {
    period_id: random.pick(["2026-06", "2026-07"]),
    pay_rank: random.pick(["member", "silver", "gold"]),
    career_rank: "gold",
    reason: "volume",
  });
}

function snapshotVolume(telling: Telling, person: Person): void {
  const { random } = telling;
  revise(telling, person, "volume.snapshot", {
    period_id: random.pick(["2026-06", "2026-07"]),
    pv_x100: random.between(0, 50_000),
    gv_x100: random.between(0, 900_000),
    legs: [],
  });
}

function failPayment(telling: Telling, person: Person): void {
  const n = telling.events.length;
  telling.events.push(failedPayment({ n, person: person.id, atMs: nowMs(telling) }));
}

function changeContact(telling: Telling, person: Person): void {
  const n = telling.events.length;
  const isNew = telling.random.chance(0.5);
  telling.events.push(changedContact({ n, person: person.id, atMs: nowMs(telling) }, isNew));
}

const nowMs = ({ events }: Telling): number => START_MS + events.length * STEP_MS;

function stream(
  telling: Telling,
  person: Person,
  type: string,
  data: Envelope["data"],
  source: "core" | "bank" = "core",
): void {
  person.seqs[source] += 1;
  const seq = person.seqs[source];
  tell(telling, source, { ...base(telling, person, `${source}-${seq}`), type, seq, data });
}

function revise(telling: Telling, person: Person, type: string, data: Envelope["data"]): void {
  const rev = (person.revs.get(type) ?? 0) + 1;
  person.revs.set(type, rev);
  tell(telling, "core", { ...base(telling, person, `${type}-${rev}`), type, rev, data });
}

const base = (telling: Telling, person: Person, name: string) => ({
  id: `${person.id}-${name}`,
  version: 1 as const,
  occurred_at: new Date(nowMs(telling)).toISOString(),
  key: `dist:${person.id}`,
});

function tell({ events }: Telling, source: "core" | "bank", envelope: Envelope): void {
  const data = { distributor_id: envelope.key.slice("dist:".length), ...envelope.data };
  const told = { ...envelope, data };
  events.push({ source, payload: told, envelope: told });
}
