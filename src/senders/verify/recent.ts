export interface Recent<Value> {
  readonly get: (id: string) => Value | undefined;
  readonly set: (id: string, value: Value) => void;
}

/** Keeps the `entriesMax` values used last. A `Map` lists its keys in the order they were set. */
export function keepRecent<Value>(entriesMax: number): Recent<Value> {
  const entries = new Map<string, Value>();

  return {
    get(id) {
      const value = entries.get(id);
      if (value === undefined) return undefined;
      entries.delete(id);
      entries.set(id, value);
      return value;
    },
    set(id, value) {
      entries.delete(id);
      entries.set(id, value);
      if (entries.size <= entriesMax) return;
      const [oldest] = entries.keys();
      if (oldest !== undefined) entries.delete(oldest);
    },
  };
}
