const ITEMS_MAX = 2000;
const STATEMENTS_MAX = 50;

const placeOf = (name: string, n: number): string => `${name}:${String(n).padStart(6, "0")}`;

/**
 * Keeps a list under a name, a part a row of `jobs`: what a run leaves for its next step or for the
 * next period's. Saved again it says what was saved last; a list half saved is not there.
 */
export async function saveList<Item extends object>(
  control: D1Database,
  name: string,
  { items, nowMs }: { readonly items: readonly Item[]; readonly nowMs: number },
): Promise<void> {
  const put = (place: string, state: object) =>
    control
      .prepare("INSERT OR REPLACE INTO jobs (job, state, ran_ms) VALUES (?, ?, ?)")
      .bind(place, JSON.stringify(state), nowMs);
  const parts = Math.ceil(items.length / ITEMS_MAX);
  await control.prepare("DELETE FROM jobs WHERE job = ?").bind(name).run();
  for (let n = 0; n < parts; n += STATEMENTS_MAX) {
    const here = Array.from({ length: Math.min(STATEMENTS_MAX, parts - n) }, (_, i) => n + i);
    await control.batch(
      here.map((part) =>
        put(placeOf(name, part), items.slice(part * ITEMS_MAX, (part + 1) * ITEMS_MAX)),
      ),
    );
  }
  // Last: it says that all parts are there.
  await put(name, { parts }).run();
}

/** The list as it was saved last; undefined where none was saved whole. */
export async function loadList<Item>(
  control: D1Database,
  name: string,
): Promise<readonly Item[] | undefined> {
  const session = control.withSession("first-primary");
  const head = await session
    .prepare("SELECT state FROM jobs WHERE job = ?")
    .bind(name)
    .first<string>("state");
  if (head === null) return undefined;
  const { parts }: { readonly parts: number } = JSON.parse(head);
  const items: Item[] = [];
  for (let n = 0; n < parts; n += 1) {
    const text = await session
      .prepare("SELECT state FROM jobs WHERE job = ?")
      .bind(placeOf(name, n))
      .first<string>("state");
    const part: readonly Item[] = JSON.parse(text ?? "[]");
    items.push(...part);
  }
  return items;
}
