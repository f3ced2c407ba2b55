/** A label's names and values. */
export type Labels = Readonly<Record<string, string>>;

/** One figure of a family. */
export interface Sample {
  readonly labels: Labels;
  readonly value: number;
  /** Of a counter: since when it counts, UTC milliseconds. */
  readonly createdMs?: number;
}

/** Figures of one name: what a monitoring system is told (OpenMetrics 1.0 «MetricFamily»). */
export interface Family {
  /** Without the suffix of its type; with its unit, where it has one, as its last word. */
  readonly name: string;
  readonly type: "gauge" | "counter" | "info" | "stateset";
  readonly unit?: "seconds" | "bytes" | "ratio";
  readonly help: string;
  readonly samples: readonly Sample[];
}

/** One sample a state that something can be in, the one that it is in with the value 1. */
export const stateSamples = (
  name: string,
  labels: Labels,
  { states, current }: { readonly states: readonly string[]; readonly current: string },
): readonly Sample[] =>
  states.map((state) => ({
    labels: { ...labels, [name]: state },
    value: state === current ? 1 : 0,
  }));

/** As OpenMetrics 1.0 writes it. Families without a sample are left out. */
export const openMetricsText = (families: readonly Family[]): string =>
  `${families.filter(hasSamples).map(openMetricsFamily).join("")}# EOF\n`;

/** As Prometheus' own text format 0.0.4 writes it, which knows neither units nor info nor state sets. */
export const prometheusText = (families: readonly Family[]): string =>
  families.filter(hasSamples).map(prometheusFamily).join("");

const hasSamples = ({ samples }: Family): boolean => samples.length > 0;

function openMetricsFamily(family: Family): string {
  const { name, type, unit, help } = family;
  return [
    `# TYPE ${name} ${type}`,
    ...(unit === undefined ? [] : [`# UNIT ${name} ${unit}`]),
    `# HELP ${name} ${escape(help)}`,
    ...family.samples.flatMap((sample) => [
      lineOf(sampleName(family), sample),
      ...(sample.createdMs === undefined
        ? []
        : [lineOf(`${name}_created`, { ...sample, value: sample.createdMs / 1000 })]),
    ]),
    "",
  ].join("\n");
}

function prometheusFamily(family: Family): string {
  const name = sampleName(family);
  const type = family.type === "counter" ? "counter" : "gauge";
  return [
    `# HELP ${name} ${family.help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}`,
    `# TYPE ${name} ${type}`,
    ...family.samples.map((sample) => lineOf(name, sample)),
    "",
  ].join("\n");
}

const SUFFIX = { gauge: "", counter: "_total", info: "_info", stateset: "" } as const;

const sampleName = ({ name, type }: Family): string => `${name}${SUFFIX[type]}`;

function lineOf(name: string, { labels, value }: Sample): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escape(text)}"`);
  return `${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${value}`;
}

const ESCAPED: Readonly<Record<string, string>> = { "\\": "\\\\", '"': '\\"', "\n": "\\n" };

const escape = (text: string): string =>
  text.replaceAll(/[\\"\n]/g, (character) => ESCAPED[character] ?? character);
