import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { balanceRows, comparableOf } from "#src/core/reconciliation/balances.ts";
import {
  balancesAfter,
  closeBalances,
  dropBalances,
  markBalances,
  moneyNow,
  putBalances,
  readBalances,
} from "#src/edge/d1/reconciliation/balances.ts";
import { putBreaks } from "#src/edge/d1/reconciliation/breaks.ts";
import { differencesOf } from "#src/edge/d1/reconciliation/differences.ts";
import { w2 } from "../../support/company.ts";
import { lineOf } from "../../support/line.ts";

const db = env.MIRROR_0;
let tenant: string;

beforeAll(async () => {
  const line = await lineOf("B");
  ({ tenant } = line.company);
  await line.enrol("C", "D", "\u{1F600}", "\uFFEE");
  // B is paid out, C's payout is on its way, and more of hers was paid than there is.
  await line.post(...w2("B"), ...w2("C").slice(0, 4), ...w2("\uFFEE").slice(0, 2));
  await line.drain();
});

const idsOf = (found: readonly { readonly distributor_id: string }[]) =>
  found.map(({ distributor_id }) => distributor_id);

const page = (after: string | undefined, upTo: string | undefined, limit = 10) =>
  balancesAfter(db, tenant, { after, upTo, limit });

describe("distributors and their money", () => {
  test("come in the order of UTF-8, page by page, behind one and up to another", async () => {
    expect(idsOf(await page(undefined, undefined))).toEqual(["B", "C", "D", "\uFFEE", "\u{1F600}"]);
    expect(idsOf(await page(undefined, undefined, 2))).toEqual(["B", "C"]);
    expect(idsOf(await page("C", undefined, 2))).toEqual(["D", "\uFFEE"]);
    expect(idsOf(await page("B", "D"))).toEqual(["C", "D"]);
    expect(idsOf(await page("\u{1F600}", undefined))).toEqual([]);
  });

  test("are what status shows of them, zeros left out", async () => {
    const found = await page(undefined, undefined);
    const rows = found.flatMap((one) => balanceRows(one.distributor_id, comparableOf(one, true)));
    const { results } = await db
      .prepare(
        `SELECT account, currency, CAST(-sum(amount) AS TEXT) AS amount FROM (
           SELECT debit AS account, currency, amount_minor AS amount FROM transfers WHERE tenant = ?1
           UNION ALL SELECT credit, currency, -amount_minor FROM transfers WHERE tenant = ?1)
         WHERE account LIKE 'dist:%' GROUP BY 1, 2 HAVING sum(amount) <> 0`,
      )
      .bind(tenant)
      .all<{ account: string; currency: string; amount: string }>();
    const wanted = results.map(({ account, currency, amount }) => {
      const [, id, bucket] = account.split(":");
      return `${id}|${bucket}|${currency}|${amount}`;
    });
    expect(rows.toSorted()).toEqual(wanted.toSorted());
    expect(new Set(rows.map((row) => row.split("|")[1]))).toEqual(
      new Set(["available", "in_transit"]),
    );
  });

  test("leave out the gateway's own lines that are held or payable", async () => {
    const put = (id: string, state: string, origin: string) =>
      db
        .prepare(
          `INSERT INTO lines (tenant, distributor_id, line_id, component, amount_minor,
             reversed_minor, currency, state, effective_ms, origin)
           VALUES (?, 'D', ?, 'unilevel', 100, 30, 'USD', ?, 0, ?)`,
        )
        .bind(tenant, id, state, origin);
    await db.batch([
      put("G1", "held", "gateway"),
      put("G2", "held", "gateway"),
      put("G3", "pending", "gateway"),
      put("G4", "available", "core"),
    ]);
    const of = async () => {
      const [listed] = await page("C", "D");
      const [now] = await moneyNow(db, tenant, {
        asked: [{ distributor_id: "D", line_ids: ["G1", "G4", "none"] }],
        sinceMs: 0,
      });
      return { listed: listed?.gateway, now: now?.gateway, lines: now?.lines };
    };
    const { listed, now, lines } = await of();
    expect(listed).toEqual({ held: { USD: "140" }, available: {} });
    expect(now).toEqual(listed);
    // Of named lines those that the core has, too.
    expect(lines?.map(({ line_id }) => line_id)).toEqual(["G4"]);
  });

  test("are told with the lines that changed of late, as of one instant", async () => {
    const asked = ["B", "C", "nobody"].map((id) => ({ distributor_id: id, line_ids: [] }));
    const found = await moneyNow(db, tenant, { asked, sinceMs: 0 });
    expect(idsOf(found)).toEqual(["B", "C"]);
    const [b] = found;
    expect(b).toMatchObject({ isFrozen: false, isBusy: false });
    expect(b?.changed_ms).toBeGreaterThan(0);
    expect(b?.lines.map(({ line_id }) => line_id)).toEqual(["B-L1"]);
    const [rested] = await moneyNow(db, tenant, { asked, sinceMs: (b?.changed_ms ?? 0) + 1 });
    expect(rested?.lines).toEqual([]);
    expect(rested?.changed_ms).toBe(b?.changed_ms);
  });
});

describe("what differs", () => {
  const run = () => ({ tenant, runId: `recon_${crypto.randomUUID()}` });
  const found = ["B", "C", "D"].map((id) => ({ distributor_id: id, core: { held: { USD: "1" } } }));

  test("is read until it bears a mark, apart from lines", async () => {
    const one = run();
    await putBalances(db, one, found);
    await putBalances(db, one, found);
    const left = async (after?: string) => idsOf(await readBalances(db, one, { after, limit: 2 }));
    expect(await readBalances(db, one, { after: undefined, limit: 1 })).toEqual([found[0]]);
    expect(await left()).toEqual(["B", "C"]);
    expect(await left("B")).toEqual(["C", "D"]);
    await markBalances(db, one, [
      { distributor_id: "B", mark: { in_flight: true } },
      { distributor_id: "C", mark: { break_id: "x" } },
    ]);
    expect(await left()).toEqual(["D"]);
    await dropBalances(db, one, ["D"]);
    expect(await left()).toEqual([]);
    expect(await differencesOf(db, one, ["A", "B", "C", "D"])).toEqual([]);
  });

  test("closes its break where it is not found again, and nobody's who is in flight", async () => {
    const one = run();
    const breakOf = (id: string, action: "none" | "recompute") => ({
      break_id: `BALANCE_ONLY:${id}`,
      class: "BALANCE_ONLY" as const,
      distributor_id: id.slice(0, 1),
      line_id: null,
      core: null,
      local: null,
      action,
      why: null,
      opened_ms: 1,
      is_new: true,
      detail: "",
    });
    await putBreaks(db, one, [
      breakOf("B", "none"),
      breakOf("C", "none"),
      breakOf("C-before", "none"),
      breakOf("D", "none"),
      breakOf("E", "recompute"),
    ]);
    await putBalances(db, one, found);
    await markBalances(db, one, [
      { distributor_id: "B", mark: { in_flight: true } },
      { distributor_id: "C", mark: { break_id: "BALANCE_ONLY:C" } },
    ]);
    await dropBalances(db, one, ["D"]);
    await closeBalances(db, one, 7);
    const { results } = await db
      .prepare(
        "SELECT break_id, outcome FROM breaks WHERE tenant = ? AND class = 'BALANCE_ONLY' ORDER BY 1",
      )
      .bind(tenant)
      .all();
    expect(results.map((row) => [row["break_id"], row["outcome"]])).toEqual([
      ["BALANCE_ONLY:B", null],
      ["BALANCE_ONLY:C", null],
      ["BALANCE_ONLY:C-before", "gone"],
      ["BALANCE_ONLY:D", "gone"],
      ["BALANCE_ONLY:E", "healed"],
    ]);
  });
});
