/** One sample of a family, as a monitoring system understands it. */
export interface ReadSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface ReadFamily {
  readonly name: string;
  readonly type: string;
  readonly unit: string | undefined;
  readonly help: string | undefined;
  readonly samples: readonly ReadSample[];
}

const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const TEXT = String.raw`(?:[^\\"\n]|\\[n"\\])*`;
const LABEL = `[a-zA-Z_][a-zA-Z0-9_]*="${TEXT}"`;
const NUMBER = String.raw`[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?`;
const DESCRIPTOR = new RegExp(`^# (TYPE|UNIT|HELP) (${NAME}) ([^\n]*)$`);
const SAMPLE = new RegExp(`^(${NAME})(?:\\{((?:${LABEL})(?:,${LABEL})*)?\\})? (${NUMBER})$`);
const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  gauge: [""],
  counter: ["_total", "_created"],
  info: ["_info"],
  stateset: [""],
  unknown: [""],
};

const unescape = (text: string): string =>
  text.replaceAll(/\\(.)/g, (_all, character: string) => (character === "n" ? "\n" : character));

interface Reading {
  name: string;
  type: string | undefined;
  unit: string | undefined;
  help: string | undefined;
  samples: ReadSample[];
}

/**
 * Reads a text by the ABNF and the rules of OpenMetrics 1.0, as far as gauges, counters, infos and
 * state sets go; stricter than most scrapers. Throws at whatever breaks them.
 * https://prometheus.io/docs/specs/om/open_metrics_spec/
 */
export function readOpenMetrics(text: string): ReadonlyMap<string, ReadFamily> {
  if (!text.endsWith("\n# EOF\n") && text !== "# EOF\n") throw new Error("Does not end with # EOF");
  const lines = text.slice(0, -"# EOF\n".length).split("\n").slice(0, -1);
  const families = new Map<string, ReadFamily>();
  let at: Reading | undefined;
  const close = () => {
    if (at === undefined) return;
    if (families.has(at.name)) throw new Error(`Family ${at.name} comes twice`);
    families.set(at.name, checked(at));
  };
  for (const line of lines) {
    const [, word = "", name = "", rest = ""] = DESCRIPTOR.exec(line) ?? [];
    if (word !== "") {
      if (at?.name !== name) {
        close();
        at = { name, type: undefined, unit: undefined, help: undefined, samples: [] };
      }
      describe(at, word, rest);
      continue;
    }
    const sample = sampleOf(line);
    if (at === undefined || !belongs(at, sample.name)) {
      throw new Error(`A sample of no family or out of its family: ${line}`);
    }
    at.samples.push(sample);
  }
  close();
  return families;
}

function describe(at: Reading, word: string, rest: string): void {
  if (at.samples.length > 0) throw new Error(`${word} behind the samples of ${at.name}`);
  if (word === "HELP") {
    if (at.help !== undefined) throw new Error(`Two HELP of ${at.name}`);
    if (!new RegExp(`^${TEXT}$`).test(rest)) throw new Error(`HELP is not escaped: ${rest}`);
    at.help = unescape(rest);
  } else if (word === "UNIT") {
    if (at.unit !== undefined) throw new Error(`Two UNIT of ${at.name}`);
    if (!at.name.endsWith(`_${rest}`)) throw new Error(`${at.name} does not end with ${rest}`);
    at.unit = rest;
  } else {
    if (at.type !== undefined) throw new Error(`Two TYPE of ${at.name}`);
    if (SUFFIXES[rest] === undefined) throw new Error(`No type that is known: ${rest}`);
    at.type = rest;
  }
}

const belongs = ({ name, type = "unknown" }: Reading, sample: string): boolean =>
  SUFFIXES[type]?.some((suffix) => sample === `${name}${suffix}`) === true;

function sampleOf(line: string): ReadSample {
  const [, name, labels = "", value] = SAMPLE.exec(line) ?? [];
  if (name === undefined || value === undefined) throw new Error(`No sample: ${line}`);
  const pairs = [...labels.matchAll(new RegExp(`([a-zA-Z_][a-zA-Z0-9_]*)="(${TEXT})"`, "g"))];
  const names = pairs.map(([, label = ""]) => label);
  if (new Set(names).size < names.length) throw new Error(`A label comes twice: ${line}`);
  if (names.some((label) => label.startsWith("__"))) throw new Error(`A reserved label: ${line}`);
  const read = pairs.map(([, label = "", of = ""]) => [label, unescape(of)] as const);
  return { name, labels: Object.fromEntries(read), value: Number(value) };
}

const setOf = (labels: Readonly<Record<string, string>>): string =>
  JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)));

function checked({ name, type = "unknown", unit, help, samples }: Reading): ReadFamily {
  const metrics: string[] = [];
  const seen = new Set<string>();
  for (const sample of samples) {
    const { [name]: state, ...rest } = sample.labels;
    if (type === "stateset" && state === undefined) throw new Error(`${name} without its state`);
    const metric = setOf(type === "stateset" ? rest : sample.labels);
    if (metrics.at(-1) !== metric) {
      if (metrics.includes(metric)) throw new Error(`Metrics of ${name} are mixed up`);
      metrics.push(metric);
    }
    const point = `${sample.name}${setOf(sample.labels)}`;
    if (seen.has(point)) throw new Error(`A sample of ${name} comes twice: ${point}`);
    seen.add(point);
    checkValue(type, sample);
  }
  const labels = new Set(samples.map((one) => Object.keys(one.labels).toSorted().join()));
  if (labels.size > 1) throw new Error(`Samples of ${name} have different labels`);
  if (unit !== undefined && (type === "info" || type === "stateset")) {
    throw new Error(`${name}, ${type}, has a unit`);
  }
  return { name, type, unit, help, samples };
}

function checkValue(type: string, { name, value }: ReadSample): void {
  const isRight =
    type === "counter"
      ? value >= 0
      : type === "info"
        ? value === 1
        : type === "stateset"
          ? value === 0 || value === 1
          : Number.isFinite(value);
  if (!isRight) throw new Error(`${name}, ${type}, cannot be ${value}`);
}
