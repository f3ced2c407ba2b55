/** What an isolate remembers of one kind of configuration, bounded: the oldest goes first. */
export interface Memory<Value> {
  get(key: string): Remembered<Value> | undefined;
  set(key: string, remembered: Remembered<Value>): void;
  delete(key: string): void;
}

interface Remembered<Value> {
  readonly value: Value;
  /** When it was read: decides how long it may stand in for a source that is out. */
  readonly readMs: number;
  /** Until when it is believed without asking. */
  readonly freshUntilMs: number;
}

export function createMemory<Value>(entriesMax: number): Memory<Value> {
  const entries = new Map<string, Remembered<Value>>();
  return {
    get: (key) => entries.get(key),
    set(key, remembered) {
      entries.delete(key);
      entries.set(key, remembered);
      if (entries.size <= entriesMax) return;
      const [oldest] = entries.keys();
      if (oldest !== undefined) entries.delete(oldest);
    },
    delete: (key) => void entries.delete(key),
  };
}
