/** A step that is cut off: the call with this number does not happen. */
export interface Crash {
  readonly at: number;
}

/** What is no call of anything outside. */
const UNCOUNTED = new Set(["nowMs", "log", "sha256", "digestOf", "spent"]);

/** Counts calls of ports, and lets one of them fail, once. */
export function breaking(crash?: Crash) {
  const calls: string[] = [];
  const count = (name: string): void => {
    calls.push(name);
    if (crash?.at === calls.length - 1) throw new Error(`Died before ${name}`);
  };
  const over = <Ports extends object>(ports: Ports, prefix = ""): Ports =>
    new Proxy(ports, {
      get(target, name, receiver) {
        const value: unknown = Reflect.get(target, name, receiver);
        if (typeof value !== "function" || UNCOUNTED.has(String(name))) return value;
        return async (...args: readonly unknown[]) => {
          count(`${prefix}${String(name)}`);
          const result: unknown = await Reflect.apply(value, target, args);
          return name === "core" && typeof result === "object" && result !== null
            ? over(result, "core.")
            : result;
        };
      },
    });
  return { calls, count, over };
}
