import { formatInstant } from "../../../core/contracts/instant.ts";
import { toTell, type Told } from "../../../core/reconciliation/aging.ts";
import type { Log } from "../../log.ts";

/** Open breaks read at once, and looked at in one run: what is left over waits for the next minute. */
const PAGE_BREAKS = 500;
const RUN_BREAKS_MAX = 5000;

export interface AgingBreak {
  readonly tenant: string;
  readonly breakId: string;
  readonly class: string;
  readonly why: string | null;
  readonly foundMs: number;
  /** How far its age was told of. */
  readonly told: Told | null;
}

type Place = Pick<AgingBreak, "tenant" | "breakId">;

/** Where a walk over the open breaks goes on; nothing where it begins anew. */
export interface AgingWalk {
  readonly cursor?: Place;
}

export interface AgingPorts {
  /** Open breaks by tenant and id, those behind a place. */
  readonly page: (after: Place, limit: number) => Promise<readonly AgingBreak[]>;
  /** Notes what is told of now; answers with those that nobody else has noted meanwhile. */
  readonly note: (
    telling: readonly (AgingBreak & { readonly now: Told })[],
  ) => Promise<readonly Place[]>;
  readonly load: () => Promise<AgingWalk | undefined>;
  readonly save: (walk: AgingWalk) => Promise<void>;
  readonly nowMs: () => number;
  readonly log: Log;
}

const START: Place = { tenant: "", breakId: "" };

/**
 * Tells of breaks that are open for long, once when they are for a ticket and once when they are
 * urgent. It is noted before it is told: two runs at once, or one that is done again, tell nobody
 * twice, and what a crash between the two keeps from the log stands among the alerts all the same.
 */
export async function tellAging(ports: AgingPorts): Promise<void> {
  const { cursor } = (await ports.load()) ?? {};
  let after: Place | undefined = cursor ?? START;
  for (let seen = 0; after !== undefined && seen < RUN_BREAKS_MAX; seen += PAGE_BREAKS) {
    const breaks: readonly AgingBreak[] = await ports.page(after, PAGE_BREAKS);
    await tellOf(breaks, ports);
    const last = breaks.length < PAGE_BREAKS ? undefined : breaks.at(-1);
    after = last && { tenant: last.tenant, breakId: last.breakId };
  }
  // Most of the time all of them fit into one run: then there is nothing to remember.
  if (after !== undefined || cursor !== undefined) {
    await ports.save(after === undefined ? {} : { cursor: after });
  }
}

async function tellOf(breaks: readonly AgingBreak[], ports: AgingPorts): Promise<void> {
  const nowMs = ports.nowMs();
  const telling = breaks.flatMap((found) => {
    const now = toTell({ ...found, opened_ms: found.foundMs }, found.told, nowMs);
    return now === undefined ? [] : [{ ...found, now }];
  });
  if (telling.length === 0) return;
  const noted = new Set((await ports.note(telling)).map(nameOf));
  for (const found of telling.filter((one) => noted.has(nameOf(one)))) {
    ports.log(found.now === "page" ? "error" : "warn", "break_aged", {
      alert: true,
      tenant: found.tenant,
      break: found.breakId,
      class: found.class,
      severity: found.now,
      found_at: formatInstant(found.foundMs),
    });
  }
}

const nameOf = ({ tenant, breakId }: Place): string => JSON.stringify([tenant, breakId]);
