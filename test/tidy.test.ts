import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { SENDERS } from "#src/senders/index.ts";

const tracked = (...patterns: readonly string[]): readonly string[] =>
  execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", ...patterns], {
    encoding: "utf8",
  })
    .split("\n")
    .filter((path) => path !== "" && existsSync(path));

const read = (path: string): string => readFileSync(path, "utf8");

/** Tested through what reads them: schemas and small parts of one parser, or types alone. */
const TESTED_ELSEWHERE: Readonly<Record<string, RegExp>> = {
  "through test/core/contracts/envelope.test.ts": /^src\/core\/contracts\/(?!card-number|instant)/,
  "through test/core/genealogy/placement.test.ts": /^src\/core\/genealogy\/placement-people\.ts$/,
  "through test/core/order/payment.test.ts":
    /^src\/core\/order\/(paid|goods-paid|retold|breaks)\.ts$/,
  "through test/core/exchange.test.ts":
    /^src\/core\/order\/(second|sold-earlier|exchange|earlier|again|repriced|placed|bought|restated)\.ts$/,
  "through test/core/order/return.test.ts":
    /^src\/core\/order\/(return-of|return-facts|paid-back|end|give-back)\.ts$/,
  "through test/core/distributor/own-act.test.ts": /^src\/core\/distributor\/own-kept\.ts$/,
  "through test/core/subject/decide.test.ts": /^src\/core\/subject\/logged\.ts$/,
  "types alone":
    /^src\/core\/(json|result|assert|subject\/(entry|state|rules|surroundings|move)|genealogy\/lineage|outbound\/(delivery|notice|subscription))\.ts$/,
};

const isTestedElsewhere = (path: string): boolean =>
  Object.values(TESTED_ELSEWHERE).some((pattern) => pattern.test(path));

describe("the code's own hygiene", () => {
  test("every file of the core has its test", () => {
    const untested = tracked("src/core/*.ts", "src/core/**/*.ts").filter((path) => {
      const beside = path.replace(/^src\//, "test/").replace(/\.ts$/, ".test.ts");
      return !isTestedElsewhere(path) && !existsSync(beside);
    });
    expect(untested).toEqual([]);
  });

  test("every sender has its test and its page", () => {
    const missing = [...SENDERS.values()].filter(
      ({ name }) =>
        !existsSync(`test/senders/${name}.test.ts`) || !existsSync(`docs/senders/${name}.md`),
    );
    expect(missing).toEqual([]);
  });

  test("every path named in ARCHITECTURE.md and README.md exists", () => {
    const named = ["ARCHITECTURE.md", "README.md"].flatMap((page) =>
      [
        ...read(page).matchAll(/`((?:src|test|scripts|bench|migrations|public|docs)\/[\w./-]*)`/g),
      ].map(([, path = ""]) => path),
    );
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((path) => !existsSync(path))).toEqual([]);
  });

  test("no room is called after nothing", () => {
    const vague = /(^|\/)(utils?|helpers?|common|shared|types|misc|lib)(\/|\.ts$)/;
    expect(tracked("src").filter((path) => vague.test(path))).toEqual([]);
  });

  test("only the log speaks to the console, and nothing is left for later", () => {
    const speaking = tracked("src").filter(
      (path) => path !== "src/edge/log.ts" && /(?<!\/)\bconsole\./.test(read(path)),
    );
    expect(speaking).toEqual([]);
    const later = tracked("src", "test", "scripts", "bench").filter(
      (path) => path !== "test/tidy.test.ts" && /\b(TODO|FIXME|HACK)\b/.test(read(path)),
    );
    expect(later).toEqual([]);
  });

  test("no float touches an amount: where money is counted, only BigInt is divided", () => {
    const rooms = ["ledger", "order", "plans", "distributor", "runs", "statement"];
    const calendars = /(?:plans\/period|statement\/month|runs\/digest)\.ts$/;
    const files = tracked(...rooms.map((room) => `src/core/${room}/*.ts`), "src/core/money.ts");
    expect(files.length).toBeGreaterThan(60);
    const codeOf = (path: string) =>
      read(path)
        .replaceAll(/\/\*.*?\*\/|\/\/[^\n]*/gs, "")
        .replaceAll(/"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g, '""');
    const counting = files.filter((path) => !calendars.test(path));
    const floating =
      /\bMath\.(?:round|floor|ceil|trunc)|\bparseFloat|\.toFixed|\.toPrecision|(?<![\w.])\d+\.\d/;
    expect(counting.filter((path) => floating.test(codeOf(path)))).toEqual([]);
    const dividing = counting.filter((path) => codeOf(path).includes(" / "));
    expect(dividing.map((path) => path.slice("src/core/".length)).toSorted()).toEqual([
      "order/share.ts",
      "plans/caps.ts",
      "plans/rounding.ts",
      "runs/cuts.ts",
    ]);
  });

  test("each environment of wrangler.toml has the same bindings", () => {
    const parts = read("wrangler.toml").split(/^\[env\.\w+\]$/m);
    const bindings = parts.map((part) =>
      [...part.matchAll(/^(?:binding|name) = "([A-Z_0-9]+)"$/gm)].map(([, name = ""]) => name),
    );
    // Assets are inherited, every other binding is not.
    const own = bindings.map((names) => names.filter((name) => name !== "ASSETS").toSorted());
    expect(own).toHaveLength(3);
    expect(own[1]).toEqual(own[0]);
    expect(own[2]).toEqual(own[0]);
  });
});
