import { randomBytes } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { DatabaseSync } from "node:sqlite";
import { openDatabase } from "./database.ts";
import { answerDigests } from "./digests.ts";
import { drift, type Drift } from "./drift.ts";
import { createFaults, type Fault, type Faults } from "./faults.ts";
import { createLedger, type Ledger } from "./ledger.ts";
import type { Line } from "./line.ts";
import { answerBalances, answerLedger } from "./listings.ts";
import { createOutbox, type Outbox } from "./outbox.ts";
import { Problem } from "./problem.ts";
import type { Balance } from "./rows.ts";
import { integerOf, type Query, readQuery } from "./query.ts";
import { type Sales, sell, tell } from "./sales.ts";
import { serve } from "./serve.ts";
import { type GatewaySource, tellGateway } from "./tell.ts";

/** What a core need not offer: digests and balances, lines by bucket, what became of payouts. */
export const PARTS = ["digests", "within", "buckets", "payouts"] as const;
type Part = (typeof PARTS)[number];

export interface CoreOptions {
  /** 0: any that is free. */
  readonly port?: number;
  readonly host?: string;
  /** Where the books are kept; `:memory:` where absent. */
  readonly file?: string;
  /** What a gateway has to show: an `Authorization` with its scheme, or a bare token. Else made up. */
  readonly auth?: string;
  readonly adminToken?: string;
  /** Named in each event: by it a gateway knows whose stream it is, of several that speak its contract. */
  readonly source?: string;
  /** Where its events go. */
  readonly gateway?: GatewaySource;
  readonly nowMs?: () => number;
  /** What it does not offer. */
  readonly without?: readonly Part[];
}

export interface CoreState {
  readonly as_of_seq: number;
  readonly epoch: number;
  readonly lines: number;
  readonly events_waiting: number;
  /** Of the interface, not of the administrator. */
  readonly requests: number;
  /** Of answers that were given whole. */
  readonly bytes: number;
  readonly faults: readonly Fault[];
}

/** A core that runs: its interface over HTTP, and what makes it drift, lie or fail. */
export interface ReferenceCore {
  readonly url: string;
  readonly auth: string;
  readonly adminToken: string;
  readonly nowMs: () => number;
  /** Books lines of sales, and makes their events; tells the lines' ids. */
  readonly sell: (sales: Omit<Sales, "nowMs">) => readonly string[];
  /** Makes the books differ from what was told; tells the ids of the lines. */
  readonly drift: (asked: Drift) => readonly string[];
  /** Writes one line as it is, over the one of before. Its events are made where `telling` says so. */
  readonly put: (line: Line, telling?: "told" | "waiting" | "withheld") => void;
  /** Credits a balance, or debits it below zero, without any line: a payout, an adjustment. */
  readonly credit: (of: Balance, minor: number) => void;
  readonly line: (lineId: string) => Line | undefined;
  readonly lines: () => readonly Line[];
  /** As from a backup: the books as of a change, in the next epoch. Tells the change. */
  readonly restore: (toSeq: number) => number;
  /** Sends the events that are due; tells how many. Throws where the gateway refuses them. */
  readonly tell: () => Promise<number>;
  readonly faults: Faults;
  readonly state: () => CoreState;
  readonly close: () => Promise<void>;
}

/** Starts a core on a port of this machine. */
export async function startCore(options: CoreOptions = {}): Promise<ReferenceCore> {
  const { port = 0, host = "127.0.0.1", file = ":memory:", nowMs = Date.now } = options;
  const auth = options.auth ?? token();
  const adminToken = options.adminToken ?? token();
  const database = openDatabase(file);
  const ledger = createLedger(database);
  const outbox = createOutbox(database, ledger, options.source);
  const faults = createFaults();
  const served = { requests: 0, bytes: 0 };
  const server = createServer();
  await listen(server, port, host);
  const core: ReferenceCore = {
    url: urlOf(server, host),
    auth,
    adminToken,
    nowMs,
    faults,
    ...acting({ database, ledger, outbox, nowMs }),
    tell: () => {
      if (options.gateway === undefined) throw new Problem(409, "No gateway was named");
      return tellGateway(outbox, options.gateway, nowMs);
    },
    state: () => ({
      as_of_seq: ledger.change(),
      epoch: ledger.epoch(),
      lines: countOf(database, "versions WHERE until IS NULL"),
      events_waiting: countOf(database, "outbox WHERE state = 'waiting'"),
      ...served,
      faults: faults.list(),
    }),
    close: () => close(server, database),
  };
  const answer = answering(database, ledger, new Set(options.without));
  const asked = (): void => {
    served.requests += 1;
  };
  const told = (bytes: number): void => {
    served.bytes += bytes;
  };
  server.on("request", (request, response) => {
    void serve({ core, auth, adminToken, answer, asked, told }, request, response);
  });
  return core;
}

const token = (): string => randomBytes(24).toString("base64url");

interface Books {
  readonly database: DatabaseSync;
  readonly ledger: Ledger;
  readonly outbox: Outbox;
  readonly nowMs: () => number;
}

function acting(books: Books) {
  const { database, ledger, outbox, nowMs } = books;
  return {
    sell: (sales: Omit<Sales, "nowMs">) => sell(books, { ...sales, nowMs: nowMs() }),
    drift: (asked: Drift) => drift(books, asked),
    put(line: Line, telling?: "told" | "waiting" | "withheld") {
      ledger.transact(() => {
        ledger.put(line);
        if (telling !== undefined) tell(outbox, line, { telling });
      });
    },
    credit(of: Balance, minor: number) {
      ledger.transact(() => {
        ledger.nextChange();
        ledger.credit(of, minor);
      });
    },
    line: ledger.line,
    lines: () =>
      database
        .prepare("SELECT line_id FROM versions WHERE until IS NULL ORDER BY seq")
        .all()
        .flatMap((row) => ledger.line(String(row["line_id"])) ?? []),
    restore(toSeq: number) {
      const point = ledger.restore(toSeq);
      outbox.forget();
      return point;
    },
  };
}

/** The interface: every path of docs/core.md. */
function answering(database: DatabaseSync, ledger: Ledger, without: ReadonlySet<Part>) {
  const isShallow = without.has("within");
  const answers: Record<string, (database: DatabaseSync, query: Query, asOf: number) => object> = {
    "/recon/digests": (...[books, query, asOf]) => answerDigests(books, query, { asOf, isShallow }),
    "/recon/balances": answerBalances,
    "/ledger": answerLedger,
  };
  const withoutPayouts = (path: string, params: URLSearchParams): object => {
    const isOfBalances = path === "/recon/balances" || params.get("level") === "balances";
    return isOfBalances && without.has("payouts") ? { payouts: false } : {};
  };
  return (path: string, params: URLSearchParams): Record<string, unknown> => {
    if (without.has("digests") && path.startsWith("/recon/")) {
      throw new Problem(404, "This core has no digests");
    }
    if (isShallow && params.has("within")) {
      throw new Problem(404, "This core cuts no parts up further");
    }
    if (without.has("buckets") && params.has("bucket")) {
      throw new Problem(404, "This core lists no buckets");
    }
    const answer = answers[path];
    if (answer === undefined) {
      throw new Problem(404, `Nothing is here. There is ${Object.keys(answers).join(", ")}`);
    }
    const query = readQuery(params);
    const known = ledger.change();
    const asOf = integerOf(query, "as_of_seq", { min: 0, max: Number.MAX_SAFE_INTEGER }) ?? known;
    if (asOf > known) {
      throw new Problem(409, `as_of_seq is not known: there are ${known} changes in this epoch`);
    }
    const head = { as_of_seq: String(asOf), epoch: ledger.epoch() };
    return { ...head, ...withoutPayouts(path, params), ...answer(database, query, asOf) };
  };
}

const countOf = (database: DatabaseSync, of: string): number =>
  Number(database.prepare(`SELECT count(*) AS n FROM ${of}`).get()?.["n"]);

async function listen(server: Server, port: number, host: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen(port, host, resolve);
  await promise;
  server.off("error", reject);
}

function urlOf(server: Server, host: string): string {
  const address: AddressInfo | string | null = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

async function close(server: Server, database: DatabaseSync): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => {
    resolve();
  });
  server.closeAllConnections();
  await promise;
  database.close();
}
