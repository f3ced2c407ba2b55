import { type GatewayClient, member, pause } from "../local/client.ts";
import type { Books, Standing } from "./company.ts";

const PAGE = 200;
const LANES = 16;
const POLL_MS = 500;

/** The outcome of every event the gateway tells of, by `{source} {id}`. */
export async function readOutcomes(
  client: GatewayClient,
  tenant: string,
): Promise<ReadonlyMap<string, string>> {
  const outcomes = new Map<string, string>();
  let cursor: unknown;
  do {
    const after = typeof cursor === "string" ? `&cursor=${encodeURIComponent(cursor)}` : "";
    const page = await client.must(`GET /v1/tenants/${tenant}/events?limit=${PAGE}${after}`);
    const items: unknown = member(page, "items");
    for (const item of Array.isArray(items) ? items : []) note(outcomes, item);
    cursor = member(page, "next_cursor");
  } while (typeof cursor === "string");
  return outcomes;
}

/** A repeat has a row of its own, which says nothing of what it repeats. */
function note(outcomes: Map<string, string>, item: unknown): void {
  const name = `${String(member(item, "source"))} ${String(member(item, "id"))}`;
  const outcome = String(member(item, "outcome"));
  if (outcome === "duplicate" && outcomes.has(name)) return;
  outcomes.set(name, outcome);
}

/** Waits until each of these events has an outcome that waits for nothing more. */
export async function waitForOutcomes(
  read: () => Promise<ReadonlyMap<string, string>>,
  promised: ReadonlySet<string>,
  timeoutMs: number,
): Promise<ReadonlyMap<string, string>> {
  const untilMs = performance.now() + timeoutMs;
  for (;;) {
    const outcomes = await read();
    const isSettled = [...promised].every((name) => isFinal(outcomes.get(name)));
    if (isSettled || performance.now() > untilMs) return outcomes;
    await pause(POLL_MS);
  }
}

const isFinal = (outcome: string | undefined): boolean =>
  outcome !== undefined && outcome !== "buffered" && outcome !== "parked";

/** Everything in which the gateway and our own books differ, a sentence each. */
export async function compareBooks(
  { client, tenant }: { readonly client: GatewayClient; readonly tenant: string },
  books: Books,
): Promise<readonly string[]> {
  const differences = await compareBalances(client, tenant, books);
  const people = [...books.people].values();
  const lane = async () => {
    for (const [id, standing] of people) {
      const status = await client.must(
        `GET /v1/tenants/${tenant}/distributors/${encodeURIComponent(id)}`,
      );
      differences.push(...compareStatus(id, { standing, balances: books.balances }, status));
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return differences;
}

async function compareBalances(
  client: GatewayClient,
  tenant: string,
  books: Books,
): Promise<string[]> {
  const answer = await client.must(`GET /v1/tenants/${tenant}/ledger/balances`);
  const theirs = new Map<string, bigint>();
  for (const [currency, accounts] of entriesOf(member(answer, "balances"))) {
    for (const [account, amount] of entriesOf(accounts)) {
      theirs.set(`${currency} ${account}`, integerOf(amount));
    }
  }
  const accounts = new Set([...theirs.keys(), ...books.balances.keys()]);
  return [...accounts].flatMap((account) =>
    differ(account, theirs.get(account) ?? 0n, books.balances.get(account) ?? 0n),
  );
}

const BUCKETS = ["pending", "held", "available", "in_transit"];

function compareStatus(
  id: string,
  { standing, balances }: { readonly standing: Standing } & Pick<Books, "balances">,
  status: unknown,
): readonly string[] {
  const { rank, volume } = standing;
  return [
    ...differ(`${id} status`, member(status, "status"), standing.status),
    ...differ(`${id} frontline`, member(status, "frontline"), standing.frontline),
    ...differ(`${id} rank`, member(status, "ranks", "pay_rank"), rank?.data["pay_rank"]),
    ...differ(`${id} rank period`, member(status, "ranks", "period_id"), rank?.period),
    ...differ(`${id} volume`, member(status, "volumes", "gv_x100"), volume?.data["gv_x100"]),
    ...differ(`${id} volume period`, member(status, "volumes", "period_id"), volume?.period),
    ...["USD", "EUR"].flatMap((currency) =>
      BUCKETS.flatMap((bucket) => {
        const shown = member(status, "balances", currency, bucket, "amount_minor");
        // A status shows what the company owes: the other sign of the ledger's.
        const ours = -(balances.get(`${currency} dist:${id}:${bucket}`) ?? 0n);
        return differ(`${id} ${bucket} in ${currency}`, integerOf(shown), ours);
      }),
    ),
  ];
}

const differ = (what: string, theirs: unknown, ours: unknown): readonly string[] =>
  theirs === ours ? [] : [`${what}: ${String(theirs)}, not ${String(ours)}`];

/** Beyond 2^53 the gateway writes text. */
const integerOf = (value: unknown): bigint =>
  typeof value === "number" || typeof value === "string" ? BigInt(value) : 0n;

const entriesOf = (value: unknown): readonly [string, unknown][] =>
  typeof value === "object" && value !== null ? Object.entries(value) : [];
