import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Family,
  openMetricsText,
  prometheusText,
  stateSamples,
} from "#src/core/operation/exposition.ts";
import { readOpenMetrics } from "../../support/open-metrics.ts";
import { runs } from "../../support/runs.ts";

const gauge = (more: Partial<Family> = {}): Family => ({
  name: "upline_queue_age_seconds",
  type: "gauge",
  unit: "seconds",
  help: "How long",
  samples: [{ labels: { queue: "events" }, value: 1.5 }],
  ...more,
});
const counter: Family = {
  name: "upline_events",
  type: "counter",
  help: "Events",
  samples: [{ labels: { outcome: "applied" }, value: 7, createdMs: 1500 }],
};
const build: Family = {
  name: "upline_build",
  type: "info",
  help: "Build",
  samples: [{ labels: { version: "1" }, value: 1 }],
};
const state: Family = {
  name: "upline_state",
  type: "stateset",
  help: "State",
  samples: stateSamples(
    "upline_state",
    { kind: "window" },
    { states: ["on", "off"], current: "off" },
  ),
};

test("writes what OpenMetrics 1.0 shows", () => {
  expect(openMetricsText([gauge(), counter, build, state]))
    .toBe(`# TYPE upline_queue_age_seconds gauge
# UNIT upline_queue_age_seconds seconds
# HELP upline_queue_age_seconds How long
upline_queue_age_seconds{queue="events"} 1.5
# TYPE upline_events counter
# HELP upline_events Events
upline_events_total{outcome="applied"} 7
upline_events_created{outcome="applied"} 1.5
# TYPE upline_build info
# HELP upline_build Build
upline_build_info{version="1"} 1
# TYPE upline_state stateset
# HELP upline_state State
upline_state{kind="window",upline_state="on"} 0
upline_state{kind="window",upline_state="off"} 1
# EOF
`);
  expect(openMetricsText([gauge({ samples: [] })])).toBe("# EOF\n");
  expect(openMetricsText([gauge({ samples: [{ labels: {}, value: 0 }] })])).toContain(
    "upline_queue_age_seconds 0\n",
  );
});

test("writes what Prometheus' own format knows of it", () => {
  const quoted = gauge({ help: 'One "two"\\\nthree' });
  expect(prometheusText([quoted, counter, build, state, gauge({ samples: [] })]))
    .toBe(`# HELP upline_queue_age_seconds One "two"\\\\\\nthree
# TYPE upline_queue_age_seconds gauge
upline_queue_age_seconds{queue="events"} 1.5
# HELP upline_events_total Events
# TYPE upline_events_total counter
upline_events_total{outcome="applied"} 7
# HELP upline_build_info Build
# TYPE upline_build_info gauge
upline_build_info{version="1"} 1
# HELP upline_state State
# TYPE upline_state gauge
upline_state{kind="window",upline_state="on"} 0
upline_state{kind="window",upline_state="off"} 1
`);
});

test("any text of a label and of a help comes back as it was", () => {
  const texts = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string({ unit: fc.constantFrom("\\", '"', "\n", "n", "{", "}", ",", "=", " ", "é") }),
  );
  fc.assert(
    fc.property(
      fc.uniqueArray(texts, { minLength: 1, maxLength: 8 }),
      texts,
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      (values, help, value) => {
        const samples = values.map((queue) => ({ labels: { queue }, value }));
        const read = readOpenMetrics(openMetricsText([gauge({ help, samples }), counter]));
        const found = read.get("upline_queue_age_seconds");
        expect(found?.help).toBe(help);
        expect(found?.samples.map(({ labels }) => labels["queue"])).toEqual(values);
        expect(found?.samples.every((one) => one.value === value)).toBe(true);
        expect(read.get("upline_events")?.samples).toHaveLength(2);
      },
    ),
    { numRuns: runs(200) },
  );
});

describe("the reader of tests refuses", () => {
  const head = "# TYPE a_seconds gauge\n# UNIT a_seconds seconds\n# HELP a_seconds h\n";
  test.each([
    ["no end", `${head}a_seconds 1\n`],
    ["something behind the end", "# EOF\n\n"],
    ["an empty line", `${head}\na_seconds 1\n# EOF\n`],
    ["a unit that is no suffix", "# TYPE a gauge\n# UNIT a seconds\na 1\n# EOF\n"],
    ["a family twice", `${head}a_seconds 1\n# TYPE b gauge\nb 1\n${head}a_seconds 2\n# EOF\n`],
    ["a sample elsewhere", `${head}# TYPE b gauge\nb 1\na_seconds 1\n# EOF\n`],
    ["a sample without a family", "a 1\n# EOF\n"],
    ["a sample twice", `${head}a_seconds{x="1"} 1\na_seconds{x="1"} 2\n# EOF\n`],
    ["other labels", `${head}a_seconds{x="1"} 1\na_seconds{y="1"} 2\n# EOF\n`],
    ["a label twice", `${head}a_seconds{x="1",x="2"} 1\n# EOF\n`],
    ["a text that is not escaped", `${head}a_seconds{x="1"2"} 1\n# EOF\n`],
    ["a counter without its suffix", "# TYPE a counter\na 1\n# EOF\n"],
    ["a counter below zero", "# TYPE a counter\na_total -1\n# EOF\n"],
    ["a type behind samples", `${head}a_seconds 1\n# TYPE a_seconds gauge\n# EOF\n`],
    ["two types", `# TYPE a gauge\n# TYPE a gauge\na 1\n# EOF\n`],
    ["a state set without its state", '# TYPE a stateset\na{b="1"} 1\n# EOF\n'],
    ["an info of another value", '# TYPE a info\na_info{b="1"} 2\n# EOF\n'],
    ["two spaces", `${head}a_seconds  1\n# EOF\n`],
    ["a trailing comma", `${head}a_seconds{x="1",} 1\n# EOF\n`],
  ])("%s", (_name, text) => {
    expect(() => readOpenMetrics(text)).toThrow(/\w/);
  });
});
