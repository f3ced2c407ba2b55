/** Records of a product as it keeps them, by a clock of its own. */
export interface Kept {
  readonly id: string;
  readonly atMs: number;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly isDeleted: boolean;
  /** From then on queries find this change: an index may lag behind. */
  readonly visibleMs: number;
}

export interface ProductStore {
  nowMs: number;
  readonly records: Map<string, Kept>;
  put(id: string, fields: Readonly<Record<string, unknown>>, lagMs?: number): void;
  remove(id: string): void;
  /** What queries find now. */
  visible(): readonly Kept[];
}

export function productStore(nowMs: number): ProductStore {
  const records = new Map<string, Kept>();
  const before = new Map<string, Kept>();
  return {
    nowMs,
    records,
    put(id, fields, lagMs = 0) {
      const known = records.get(id);
      if (known !== undefined) before.set(id, known);
      records.set(id, {
        id,
        atMs: this.nowMs,
        fields,
        isDeleted: false,
        visibleMs: this.nowMs + lagMs,
      });
    },
    remove(id) {
      const known = records.get(id);
      if (known === undefined) return;
      records.set(id, { ...known, atMs: this.nowMs, isDeleted: true, visibleMs: this.nowMs });
    },
    visible() {
      return [...records.values()].flatMap((record) => {
        if (record.visibleMs <= this.nowMs) return [record];
        const old = before.get(record.id);
        return old === undefined ? [] : [old];
      });
    },
  };
}

/** A product over HTTP, as its vendor documents it. */
export interface Product {
  readonly store: ProductStore;
  readonly fetch: (request: Request) => Promise<Response>;
  /** `METHOD path` of each request so far, without the query. */
  readonly asked: string[];
  /** Answers given before any other, in turn: outages, throttling. */
  readonly faults: (() => Response)[];
  /** The tokens that it takes. */
  readonly tokens: Set<string>;
}

export const json = (body: unknown, status = 200, headers: Record<string, string> = {}): Response =>
  Response.json(body, { status, headers });

interface Handling {
  readonly store: ProductStore;
  readonly tokens: readonly string[];
  /** `Bearer`, `Zoho-oauthtoken`. */
  readonly word: string;
  readonly unauthorized: () => Response;
  readonly handle: (request: Request, url: URL) => Promise<Response>;
  /** Requests that need no token: those for one. */
  readonly isOpen: (url: URL) => boolean;
}

export function product({ store, tokens, word, unauthorized, handle, isOpen }: Handling): Product {
  const asked: string[] = [];
  const faults: (() => Response)[] = [];
  const taken = new Set(tokens);
  return {
    store,
    asked,
    faults,
    tokens: taken,
    async fetch(request) {
      const url = new URL(request.url);
      asked.push(`${request.method} ${url.pathname}`);
      const fault = faults.shift();
      if (fault !== undefined) return fault();
      const [scheme, token = ""] = (request.headers.get("Authorization") ?? "").split(" ");
      if (!isOpen(url) && (scheme !== word || !taken.has(token))) return unauthorized();
      return handle(request, url);
    },
  };
}
