import { createHash } from "node:crypto";

/** How a core misbehaves on the wire. */
export const FAULTS = {
  wrong_digest: "digests that are right of no lines",
  wrong_shape: "answers that break the interface: a number where text has to be",
  malformed: "JSON that is cut off",
  not_json: "200 and a page of HTML",
  not_asked: "items that nobody asked for",
  endless: "the same page for ever, each time with another cursor",
  endless_empty: "empty pages for ever, each time with another cursor",
  endless_new: "invented lines for ever",
  cursor_repeated: "a cursor that is always the same",
  cursor_changed: "a cursor that leads back to the beginning",
  cursor_refused: "a cursor that is not known any more when it is used",
  snapshot_changed: "answers as of a later change than was asked for",
  epoch_changed: "answers of another epoch",
  huge: "a body without end",
  status: "the status `status` (default 500), with `retry_after_s` where given",
  redirect: "a redirect to `location`",
  slow: "an answer after `ms` (default 60000)",
  drip: "an answer a byte at a time, one each `ms` (default 1000)",
  down: "connections that are closed at once",
  without_digests: "404 for digests and balances",
  without_buckets: "404 for lines by bucket",
} as const;

export type FaultKind = keyof typeof FAULTS;

export interface Fault {
  readonly kind: FaultKind;
  /** Of which path; all of them where absent. */
  readonly path?: "/recon/digests" | "/recon/balances" | "/ledger";
  /** How often; until it is taken back where absent. */
  readonly times?: number;
  /** So many requests are answered rightly first. */
  readonly after?: number;
  readonly status?: number;
  readonly retry_after_s?: number;
  readonly location?: string;
  readonly ms?: number;
}

export interface Faults {
  /** In place of those of before. */
  readonly set: (faults: readonly Fault[]) => void;
  readonly list: () => readonly Fault[];
  /** What is wrong with the answer to this request. */
  readonly take: (path: string, params: URLSearchParams) => readonly Fault[];
}

/** Faults that concern some requests of a path only. */
const CONCERNS: Partial<Record<FaultKind, (path: string, params: URLSearchParams) => boolean>> = {
  without_digests: (path) => path.startsWith("/recon/"),
  without_buckets: (path, params) => path === "/ledger" && params.has("bucket"),
  wrong_digest: (path) => path === "/recon/digests",
  cursor_refused: (_path, params) => params.has("cursor"),
};

export function createFaults(): Faults {
  let faults: { readonly fault: Fault; seen: number }[] = [];
  return {
    set(given) {
      faults = given.map((fault) => ({ fault, seen: 0 }));
    },
    list: () => faults.map(({ fault }) => fault),
    take: (path, params) =>
      faults.flatMap((one) => {
        const { fault } = one;
        const isConcerned =
          (fault.path ?? path) === path && (CONCERNS[fault.kind]?.(path, params) ?? true);
        if (!isConcerned) return [];
        one.seen += 1;
        const after = fault.after ?? 0;
        return one.seen > after && one.seen <= after + (fault.times ?? Infinity) ? [fault] : [];
      }),
  };
}

type Answer = Record<string, unknown>;
type Lie = (answer: Answer, params: URLSearchParams) => Answer;

let made = 0;

/** Another one each time. */
const newCursor = (): string => {
  made += 1;
  return `made-up-${made}`;
};

/** Lies that are well-formed JSON: what becomes of an answer that was right. */
const LIES: Partial<Record<FaultKind, Lie>> = {
  wrong_digest: (answer) => ({
    ...answer,
    buckets: listOf(answer, "buckets").map(([name, lines, digest, ...rest]) => [
      name,
      lines,
      createHash("sha256")
        .update(`${String(digest)}, or not`)
        .digest("hex")
        .slice(0, 32),
      ...rest,
    ]),
  }),
  wrong_shape: (answer) => ({ ...answer, as_of_seq: 1 }),
  endless: (answer) => ({ ...answer, next_cursor: newCursor() }),
  endless_empty: (answer) => ({
    ...answer,
    ...("buckets" in answer ? { buckets: [] } : { items: [] }),
    next_cursor: newCursor(),
  }),
  endless_new: (answer) => ({
    ...answer,
    items: listOf(answer, "items").map((item) => ({ ...Object(item), line_id: newCursor() })),
    next_cursor: newCursor(),
  }),
  cursor_repeated: (answer) => ({ ...answer, next_cursor: "the-one-cursor" }),
  snapshot_changed: (answer) => ({ ...answer, as_of_seq: `${String(answer["as_of_seq"])}0` }),
  epoch_changed: (answer) => ({ ...answer, epoch: Number(answer["epoch"]) + 1 }),
  not_asked: (answer) => ({
    ...answer,
    ...("buckets" in answer
      ? { buckets: [["1999-12/1", 1, "0".repeat(32)], ...listOf(answer, "buckets")] }
      : { items: listOf(answer, "items").map(strange) }),
  }),
};

const listOf = (answer: Answer, name: string): readonly unknown[][] => {
  const list: unknown = answer[name];
  return Array.isArray(list) ? list : [];
};

/** An item of somebody and some time else. */
const strange = (item: unknown): object => ({
  ...Object(item),
  distributor_id: "nobody",
  key: "dist:nobody",
  line_id: newCursor(),
  effective_at: "1999-12-31T00:00:00.000Z",
  updated_at: "1999-12-31T00:00:00.000Z",
});

/** What is answered instead of what is right. */
export const lie = (answer: Answer, faults: readonly Fault[], params: URLSearchParams): Answer =>
  faults.reduce((said, { kind }) => LIES[kind]?.(said, params) ?? said, answer);

/** Whether the listing begins anew, whatever cursor there is: made-up ones are known as such. */
export const beginsAnew = (faults: readonly Fault[]): boolean =>
  faults.some(({ kind }) =>
    ["endless", "endless_empty", "endless_new", "cursor_repeated", "cursor_changed"].includes(kind),
  );
