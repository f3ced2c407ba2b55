import { describe, expect, test } from "vitest";
import { wireLineOf } from "#src/core/reconciliation/wire.ts";
import {
  againstCore,
  type AgainstCore,
  coreLine,
  coreLines,
  MINUTE_MS,
  NOW_MS,
  onFakeDates,
} from "./against-core.ts";

onFakeDates();

const ours = coreLines("B", 1, 3);
const young = (minutes: number, more: object = {}) => {
  const atMs = NOW_MS - minutes * MINUTE_MS;
  return coreLine("B-9", { effective_ms: atMs, updated_ms: atMs, ...more });
};

const ofBalances = async ({ breaks }: AgainstCore) =>
  (await breaks()).filter((one) => one.startsWith("BALANCE_ONLY"));

describe("balances that differ by a line that the core has just posted", () => {
  test.each([1, 14, 29, 40])("%i minutes ago are a difference of that line alone", async (age) => {
    const found = await againstCore(["B"], ours, { lines: [...ours, young(age)] });
    expect(await found.run("balances")).toMatchObject({ state: "done", open: 0 });
    expect(await ofBalances(found)).toEqual([]);
  });

  test("are so where the core lists no digests", async () => {
    const found = await againstCore(["B"], ours, { lines: [...ours, young(1)] });
    found.lie.lacks = (url) => url.pathname === "/recon/digests";
    found.lie.over = (url, body) =>
      url.searchParams.has("updated_since")
        ? { ...body, items: found.books.lines.map(wireLineOf) }
        : body;
    expect(await found.run("balances")).toMatchObject({ state: "done", open: 0 });
    expect(await found.breaks()).toEqual([]);
  });

  test("are so by what takes effect later this month", async () => {
    const posted = young(-48 * 60, { updated_ms: NOW_MS - 300 * MINUTE_MS });
    const found = await againstCore(["B"], ours, { lines: [...ours, posted] });
    expect(await found.run("balances")).toMatchObject({ state: "done", open: 0 });
    expect(await found.breaks()).toEqual([]);
  });

  test("and by something else are that alone", async () => {
    const found = await againstCore(["B"], ours, { lines: [...ours, young(1)] });
    const { lie } = found;
    lie.lacks = (url) => url.searchParams.get("level") === "balances";
    lie.over = (url, body) =>
      url.pathname === "/recon/balances"
        ? {
            ...body,
            items: [{ distributor_id: "B", balances: { held: { USD: "1207" } } }],
          }
        : body;
    expect(await found.run("balances")).toMatchObject({ state: "done", open: 1 });
    const details = await found.select("SELECT detail FROM breaks WHERE tenant = ?");
    expect(details).toEqual([{ detail: "held: the core has 1207 USD, the mirror 1200" }]);
  });
});
