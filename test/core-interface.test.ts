import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { addLines, digestOf, NO_LINES } from "#src/core/reconciliation/digest.ts";
import { shardOf } from "#src/core/reconciliation/shard.ts";
import { readBalances, readDigests, readEvents, readLines } from "#src/core/reconciliation/wire.ts";
import { coreOpenapi } from "../scripts/openapi/core.ts";
import { CORE_EXAMPLES } from "../scripts/openapi/core-examples.ts";
import { isRecord } from "../scripts/openapi/schema.ts";
import { balanceLimbs, sumOf, wireDigest } from "../tools/core/digest.ts";

const PAGE = readFileSync("docs/core.md", "utf8");

const sha256 = (data: string | Uint8Array): Uint8Array =>
  new Uint8Array(createHash("sha256").update(data).digest());

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

const line = (line_id: string, amount_minor: number, status: string, at: string) => ({
  line_id,
  distributor_id: "42",
  currency: "USD",
  amount_minor,
  status,
  effective_ms: Date.parse(at),
});

describe("docs/core.md", () => {
  test("has the digests that our own code makes of its example", () => {
    const first = [
      line("L-7001", 240, "held", "2026-11-19T13:04:05.000Z"),
      line("L-7002", 125, "available", "2026-11-19T13:30:00.000Z"),
    ];
    const sum = addLines(NO_LINES, first, sha256);
    expect(PAGE).toContain(hex(sha256("L-7001|42|USD|240|held|1795093445000")));
    expect(PAGE).toContain(hex(sha256("L-7002|42|USD|125|available|1795095000000")));
    expect(PAGE).toContain(`  ${hex(Buffer.from(sum.sum, "hex").toReversed())}\n`);
    expect(PAGE).toContain(`["2026-11-19T13/51", 2, "${digestOf(sum, sha256)}"]`);
    const second = [line("L-7003", 75, "held", "2026-11-19T14:00:00.000Z")];
    const digest = digestOf(addLines(NO_LINES, second, sha256), sha256);
    expect(PAGE).toContain(`["2026-11-19T14/51", 1, "${digest}"]`);
    expect([shardOf("42", sha256), hex(sha256("42")).slice(0, 2)]).toEqual([51, "73"]);

    const rows = [
      balanceLimbs("42", "held", "USD", 240n),
      balanceLimbs("42", "available", "USD", -150n),
    ];
    const balances = rows.reduce((total, limbs) => total + sumOf(limbs.map(BigInt)), 0n);
    expect(PAGE).toContain(wireDigest(BigInt.asUintN(256, balances), 2));
  });

  test("shows answers that are read", () => {
    const shown = [...PAGE.matchAll(/```json\n(.*?)```/gs)].map(([, text = ""]) => {
      const answer: unknown = JSON.parse(text);
      return answer;
    });
    const [wireLine, empty, digests, balances] = shown;
    expect(readLines({ as_of_seq: "1", epoch: 0, items: [wireLine] }).ok).toBe(true);
    expect(readLines(empty).ok).toBe(true);
    expect(readDigests(digests).ok).toBe(true);
    expect(readBalances(balances).ok).toBe(true);
  });
});

/** Where an object of a schema has a property that nothing describes. */
function* undescribed(value: unknown, at: string): Generator<string> {
  if (!isRecord(value) && !Array.isArray(value)) return;
  for (const [key, inner] of Object.entries(value)) {
    if (key === "example" || key === "examples") continue;
    const isShape = key === "properties" && isRecord(inner);
    for (const [name, of] of isShape ? Object.entries(inner) : []) {
      if (isRecord(of) && typeof of["description"] !== "string") yield `${at}.${key}.${name}`;
    }
    yield* undescribed(inner, `${at}.${key}`);
  }
}

describe("public/core-openapi.json", () => {
  test("is what npm run generate would write", () => {
    const there: unknown = JSON.parse(readFileSync("public/core-openapi.json", "utf8"));
    expect(there).toEqual(JSON.parse(JSON.stringify(coreOpenapi())));
  });

  test("refers to what is there, and describes every property", () => {
    const text = JSON.stringify(coreOpenapi());
    const document = JSON.parse(text);
    const refs = [...text.matchAll(/"\$ref":"#\/components\/(\w+)\/(\w+)"/g)];
    expect(refs.length).toBeGreaterThan(20);
    for (const [, kind = "", name = ""] of refs) {
      expect(document.components[kind], `${kind}/${name}`).toHaveProperty(name);
    }
    expect([...undescribed(document, "")]).toEqual([]);
  });

  test("has examples that are read", () => {
    expect(readDigests(CORE_EXAMPLES.digests)).toMatchObject({ ok: true });
    expect(readBalances(CORE_EXAMPLES.balances)).toMatchObject({ ok: true });
    expect(readLines(CORE_EXAMPLES.lines)).toMatchObject({ ok: true });
    expect(readEvents(CORE_EXAMPLES.events)).toMatchObject({ ok: true });
  });
});
