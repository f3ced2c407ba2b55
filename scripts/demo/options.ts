import { parseArgs } from "node:util";

/** How big a company, how much it does, how fast; the same seed tells the same story. */
export interface DemoOptions {
  readonly distributors: number;
  readonly events: number;
  /** Deliveries a second. */
  readonly rate: number;
  readonly seed: number;
}

const DEFAULTS: DemoOptions = { distributors: 1000, events: 5000, rate: 200, seed: 1 };

/** From `--name value`, then from the environment (`DISTRIBUTORS`, …), then what is usual. */
export function readOptions(args: readonly string[], env: NodeJS.ProcessEnv): DemoOptions {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args: [...args],
    options: { distributors: text, events: text, rate: text, seed: text },
  });
  const read = (name: keyof DemoOptions): number => {
    const given = values[name] ?? env[name.toUpperCase()];
    if (given === undefined || given === "") return DEFAULTS[name];
    const value = Number(given);
    if (Number.isInteger(value) && value > 0) return value;
    throw new Error(`Cannot use --${name} "${given}": it is no whole number above 0`);
  };
  const distributors = read("distributors");
  return {
    distributors,
    // Everybody enrols: fewer events than distributors tell no story.
    events: Math.max(read("events"), distributors),
    rate: read("rate"),
    seed: read("seed"),
  };
}
