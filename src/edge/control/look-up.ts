import type { Log } from "../log.ts";
import { createMemory, type Memory } from "./memory.ts";
import { NotLookedUp } from "./not-looked-up.ts";
import { tenantIn } from "./published.ts";

const FRESH_MS = 30_000;
/** Shorter, so that what was just created is soon known everywhere. */
const FRESH_UNKNOWN_MS = 5_000;
/** While KV is out, a stale entry is believed this much longer before KV is asked again. */
const FRESH_STALE_MS = 5_000;
const OUTAGE_MS_MAX = 600_000;
const KV_CACHE_SECONDS = 30;
const KV_WAIT_MS_MAX = 2_000;
const D1_WAIT_MS_MAX = 2_000;
/** Names made up by strangers must not fill D1's one thread: more look-ups at once than this fail. */
const D1_READS_MAX = 32;
/** Apart from what is known, so that made-up names cannot push genuine ones out. */
const UNKNOWN_MAX = 500;

export interface LookUpPorts {
  readonly kv: Pick<KVNamespace, "get">;
  readonly log: Log;
  readonly nowMs: () => number;
}

/** One kind of copy: what is remembered of it, and how it is read and opened. */
export interface Kind<Record, Value> {
  readonly memory: Memory<Value>;
  readonly parse: (json: unknown) => Record | undefined;
  readonly open: (record: Record) => Promise<Value | undefined>;
}

interface State extends LookUpPorts {
  readonly unknown: Memory<true>;
  readsOpen: number;
  /** Counts local writes: what was read before one of them must not cover it. */
  writes: number;
}

/** The order in which configuration is asked for: memory, KV, and D1 where KV knows nothing. */
export function createLookUp(ports: LookUpPorts) {
  const state: State = { ...ports, unknown: createMemory(UNKNOWN_MAX), readsOpen: 0, writes: 0 };

  return {
    async get<Record, Value>(
      kind: Kind<Record, Value>,
      copy: string,
      read: () => Promise<Record | undefined>,
    ): Promise<Value | undefined> {
      const known = kind.memory.get(copy);
      if (known !== undefined && known.freshUntilMs > state.nowMs()) return known.value;
      const unknownUntilMs = state.unknown.get(copy)?.freshUntilMs ?? 0;
      return unknownUntilMs > state.nowMs() ? undefined : load(state, kind, { copy, read });
    },

    /** Takes over what this isolate has just written, so that it reads its own writes. */
    async keep<Record, Value>(
      kind: Kind<Record, Value>,
      copy: string,
      { record, unknownMs = FRESH_UNKNOWN_MS }: { record: object | undefined; unknownMs?: number },
    ): Promise<void> {
      state.writes += 1;
      kind.memory.delete(copy);
      state.unknown.delete(copy);
      const parsed = record === undefined ? undefined : kind.parse(record);
      const value = parsed === undefined ? undefined : await kind.open(parsed);
      remember(state, kind.memory, { copy, value, unknownMs });
    },
  };
}

interface Wanted<Record> {
  readonly copy: string;
  readonly read: () => Promise<Record | undefined>;
}

async function load<Record, Value>(
  state: State,
  kind: Kind<Record, Value>,
  { copy, read }: Wanted<Record>,
): Promise<Value | undefined> {
  const writesBefore = state.writes;
  const published = await fromKv(state, kind, copy);
  if ("stale" in published) return published.stale;
  try {
    const record = published.record ?? (await fromPrimary(state, { copy, read }, published));
    const value = record === undefined ? undefined : await kind.open(record);
    if (state.writes === writesBefore) {
      remember(state, kind.memory, { copy, value, unknownMs: FRESH_UNKNOWN_MS });
    }
    return value;
  } catch (error) {
    // No copy is how a revocation looks: memory may not stand in for what D1 cannot say of it.
    const isThere = published.record !== undefined;
    const stale = isThere ? believeLonger(state, kind.memory, copy) : undefined;
    if (stale === undefined) throw error;
    state.log("warn", "directory.not_opened", { tenant: tenantIn(copy), error });
    return stale;
  }
}

interface KvState {
  readonly isKvOut: boolean;
}

/** The copy in KV, or what memory can say while KV is out. */
async function fromKv<Record, Value>(
  state: State,
  kind: Kind<Record, Value>,
  copy: string,
): Promise<{ stale: Value } | ({ record: Record | undefined } & KvState)> {
  try {
    const reading = state.kv.get(copy, { type: "json", cacheTtl: KV_CACHE_SECONDS });
    return { record: kind.parse(await within(reading, KV_WAIT_MS_MAX, "KV")), isKvOut: false };
  } catch (error) {
    state.log("warn", "directory.kv_out", { tenant: tenantIn(copy), error });
    const stale = believeLonger(state, kind.memory, copy);
    return stale === undefined ? { record: undefined, isKvOut: true } : { stale };
  }
}

async function fromPrimary<Record>(
  state: State,
  { copy, read }: Wanted<Record>,
  { isKvOut }: KvState,
): Promise<Record | undefined> {
  try {
    if (state.readsOpen >= D1_READS_MAX) {
      throw new Error(`Cannot look up "${copy}": ${D1_READS_MAX} others are being looked up in D1`);
    }
    state.readsOpen += 1;
    const reading = read().finally(() => (state.readsOpen -= 1));
    return await within(reading, D1_WAIT_MS_MAX, "D1");
  } catch (error) {
    throw new NotLookedUp(error, { isKvOut });
  }
}

function remember<Value>(
  { unknown, nowMs }: State,
  memory: Memory<Value>,
  { copy, value, unknownMs }: { copy: string; value: Value | undefined; unknownMs: number },
): void {
  const readMs = nowMs();
  if (value === undefined) {
    memory.delete(copy);
    unknown.set(copy, { value: true, readMs, freshUntilMs: readMs + unknownMs });
  } else {
    unknown.delete(copy);
    memory.set(copy, { value, readMs, freshUntilMs: readMs + FRESH_MS });
  }
}

function believeLonger<Value>(
  { nowMs }: State,
  memory: Memory<Value>,
  copy: string,
): Value | undefined {
  const known = memory.get(copy);
  if (known === undefined || nowMs() - known.readMs > OUTAGE_MS_MAX) return undefined;
  memory.set(copy, { ...known, freshUntilMs: nowMs() + FRESH_STALE_MS });
  return known.value;
}

/** Bounds a wait. What comes after it is dropped, its failure too. */
async function within<Value>(work: Promise<Value>, msMax: number, where: string): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`Cannot look up in ${where}: no answer in ${msMax} ms`)),
      msMax,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
