import type { SubjectState, Write } from "../subject/state.ts";
import { Shelf } from "./placement-shelf.ts";

/** Texts in one block; a block that grows past it is halved. */
const BLOCK_MAX = 128;

/** Where a block begins, and which one it is. */
type Begin = readonly [first: string, block: number];

/**
 * Lists of distinct texts in their order, kept in blocks: to add a text to a list of a hundred
 * thousand reads and writes two small facts.
 */
export class Orders {
  readonly #begins: Shelf<readonly Begin[]>;
  readonly #blocks: Shelf<readonly string[]>;

  constructor(state: SubjectState) {
    this.#begins = new Shelf<readonly Begin[]>(state, "list", []);
    this.#blocks = new Shelf<readonly string[]>(state, "block", []);
  }

  add(list: string, text: string): void {
    const begins = this.#begins.get(list);
    if (begins.length === 0) return this.#putBlocks(list, { at: 0, out: 0 }, [[1, [text]]]);
    const at = Math.max(0, countUpTo(begins, text, beginOf) - 1);
    const block = begins[at]?.[1] ?? 1;
    const texts = this.#texts(list, block);
    const place = countUpTo(texts, text, itself);
    if (texts[place - 1] === text) return undefined;
    const more = texts.toSpliced(place, 0, text);
    if (more.length <= BLOCK_MAX) return this.#putBlocks(list, { at, out: 1 }, [[block, more]]);
    const half = more.length >> 1;
    const fresh = 1 + begins.reduce((most, [, nth]) => Math.max(most, nth), 0);
    return this.#putBlocks(list, { at, out: 1 }, [
      [block, more.slice(0, half)],
      [fresh, more.slice(half)],
    ]);
  }

  remove(list: string, text: string): void {
    const begins = this.#begins.get(list);
    const at = countUpTo(begins, text, beginOf) - 1;
    const block = begins[at]?.[1];
    if (block === undefined) return;
    const rest = this.#texts(list, block).filter((other) => other !== text);
    this.#putBlocks(list, { at, out: 1 }, [[block, rest]]);
  }

  /** The first text above this one; of all, where there is none to begin from. */
  after(list: string, text: string | null): string | undefined {
    const begins = this.#begins.get(list);
    if (text === null) return begins[0]?.[0];
    const at = countUpTo(begins, text, beginOf);
    const block = begins[at - 1]?.[1];
    const texts = block === undefined ? [] : this.#texts(list, block);
    return texts[countUpTo(texts, text, itself)] ?? begins[at]?.[0];
  }

  /** The last text below this one. */
  before(list: string, text: string): string | undefined {
    const begins = this.#begins.get(list);
    const at = countUpTo(begins, text, beginOf) - 1;
    const [first, block] = begins[at] ?? [];
    if (first === text) {
      const before = begins[at - 1]?.[1];
      return before === undefined ? undefined : this.#texts(list, before).at(-1);
    }
    const texts = block === undefined ? [] : this.#texts(list, block);
    const upTo = countUpTo(texts, text, itself);
    return texts[upTo - 1] === text ? texts[upTo - 2] : texts[upTo - 1];
  }

  writes(eventId: string): readonly Write[] {
    return [...this.#begins.writes(eventId), ...this.#blocks.writes(eventId)];
  }

  #texts(list: string, block: number): readonly string[] {
    return this.#blocks.get(`${block}:${list}`);
  }

  /** Puts these blocks where `out` others stood; an empty one is left out of the list. */
  #putBlocks(
    list: string,
    { at, out }: { readonly at: number; readonly out: number },
    blocks: readonly (readonly [block: number, texts: readonly string[]])[],
  ): void {
    const begins: Begin[] = [];
    for (const [block, texts] of blocks) {
      this.#blocks.put(`${block}:${list}`, texts);
      if (texts[0] !== undefined) begins.push([texts[0], block]);
    }
    this.#begins.put(list, this.#begins.get(list).toSpliced(at, out, ...begins));
  }
}

const beginOf = ([first]: Begin): string => first;
const itself = (text: string): string => text;

/** How many of these, which are in order, are not above a text. */
function countUpTo<Item>(
  items: readonly Item[],
  text: string,
  textOf: (item: Item) => string,
): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const item = items[middle];
    if (item !== undefined && textOf(item) <= text) low = middle + 1;
    else high = middle;
  }
  return low;
}
