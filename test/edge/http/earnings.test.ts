import { env } from "cloudflare:workers";
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { createApi } from "#src/compose/api.ts";
import { createParts } from "#src/compose/parts.ts";
import { readPorts } from "#src/compose/reads.ts";
import type { Entry } from "#src/core/subject/entry.ts";
import type { Rule } from "#src/core/ledger/transfer.ts";
import { earningsReads } from "#src/edge/d1/reads/earnings.ts";
import { earningsRoutes } from "#src/edge/http/earnings.ts";
import { readRoutes } from "#src/edge/http/reads.ts";
import { REPORT_ANSWERS } from "../../../scripts/openapi/report-answers.ts";
import { w2 } from "../support/company.ts";
import { lineOf } from "../support/line.ts";
import { entry, logged, NOW_MS, readRig, type Rig } from "./reads/rig.ts";

interface Money {
  readonly amount_minor: number | string;
  readonly currency: string;
  readonly amount: string;
}

interface Shown {
  readonly status: string;
  readonly effective_to: string;
  readonly known_at: string;
  readonly statements: readonly ({
    readonly currency: string;
    readonly lines: readonly { component: string | null; amount: Money }[];
    readonly reversals: readonly { component: string | null; amount: Money }[];
  } & Record<"opening" | "closing" | "payouts" | "pending" | "in_transit", Money>)[];
}

/** The earnings over the real Worker's parts, at an instant of the test's choice. */
function apiAt(nowMs = NOW_MS) {
  const parts = createParts(env);
  const earnings = earningsReads(() => env.MIRROR_0);
  // Balances stand beside them: those a statement has to agree with.
  const reads = readRoutes(readPorts(parts)).filter(({ path }) => path.endsWith("/balances"));
  const api = createApi(parts, [...reads, ...earningsRoutes({ earnings, nowMs: () => nowMs })]);
  return (tenant: string, path: string, headers: Record<string, string> = {}) =>
    api.fetch(
      new Request(`https://gateway.example/v1/tenants/${tenant}/${path}`, {
        headers: { Authorization: `Bearer ${env.ADMIN_TOKEN}`, ...headers },
      }),
    );
}

const shown = async (response: Response | Promise<Response>): Promise<Shown> => {
  const { status, body } = { status: (await response).status, body: await (await response).text() };
  if (status !== 200) throw new Error(`${status} ${body}`);
  return JSON.parse(body);
};

const JULY = Date.UTC(2026, 6, 1);

interface Moved {
  readonly rule: Rule;
  readonly from: string;
  readonly to: string;
  readonly amount: number;
  readonly reference?: string;
  readonly currency?: string;
}

/** An entry of distributor d1; a bucket alone is one of d1's. */
const moved = (effectiveMs: number, recordedMs: number, ...moves: readonly Moved[]): Entry => {
  const name = (account: string) => (account.includes(":") ? account : `dist:d1:${account}`);
  return entry({
    event: logged({ occurred_ms: effectiveMs }),
    recorded_ms: recordedMs,
    effects: {
      transfers: moves.map(({ from, to, amount, reference = "r", currency = "USD", rule }) => ({
        rule,
        debit: name(from),
        credit: name(to),
        amount_minor: amount,
        currency,
        reference,
      })),
    },
  });
};

const line = (line_id: string, component: string) => ({
  line_id,
  distributor_id: "d1",
  order_id: "o1",
  component,
  level: 1,
  depth: 1,
  rate_ppm: null,
  amount_minor: 1,
  reversed_minor: 0,
  currency: "USD",
  state: "held" as const,
  period_id: "2026-07",
  effective_ms: JULY,
});

/** June: 1000 earned. July: a line confirmed, one reversed, one pending, a payout; one thing late. */
async function twoMonths(): Promise<Rig> {
  const rig = await readRig();
  const exp = "exp:commission";
  const at = (day: number) => JULY + day * 86_400_000;
  const lines = [line("J1", "unilevel"), line("L1", "unilevel"), line("L2", '=matrix, "2"')];
  const posted = moved(
    at(2),
    at(2),
    { rule: "PL", from: exp, to: "pending", amount: 400, reference: "L1" },
    { rule: "P3", from: "pending", to: exp, amount: 400, reference: "L1" },
    { rule: "P3", from: exp, to: "held", amount: 410, reference: "L1" },
    { rule: "P3", from: exp, to: "held", amount: 90, reference: "L2" },
    { rule: "PL", from: exp, to: "pending", amount: 33, reference: "L1" },
  );
  await rig.mirror("dist:d1", [
    moved(JULY - 1, JULY - 1, { rule: "P3", from: exp, to: "available", amount: 1000 }),
    { ...posted, effects: { ...posted.effects, lines } },
    moved(at(3), at(3), {
      rule: "P4",
      from: "held",
      to: "available",
      amount: 410,
      reference: "L1",
    }),
    moved(
      at(4),
      at(4),
      { rule: "P5", from: "available", to: exp, amount: 10, reference: "L1" },
      { rule: "P5", from: "held", to: exp, amount: 1, reference: "L1-R" },
    ),
    moved(
      at(5),
      at(5),
      { rule: "P9", from: "available", to: "in_transit", amount: 1000 },
      { rule: "P9", from: "available", to: "rev:payout_fee", amount: 20 },
      { rule: "P9", from: "available", to: "tax:withholding", amount: 30 },
    ),
    // Took effect in July, known in August only.
    moved(at(30), at(31) + 1000, { rule: "P8", from: exp, to: "available", amount: 7 }),
    moved(at(31), at(31) + 2000, { rule: "P8", from: exp, to: "available", amount: 5 }),
  ]);
  return rig;
}

const PATH = "distributors/d1/earnings/2026-07";

describe("GET …/distributors/{id}/earnings/{yyyy-mm}", () => {
  test.each(["application/json", "text/csv", "text/html"])(
    "is 304 as %s for who has it, later too, until more is known",
    async (Accept) => {
      const { tenant } = await twoMonths();
      const first = await apiAt()(tenant, PATH, { Accept });
      const known = { Accept, "If-None-Match": first.headers.get("ETag") ?? "" };
      expect((await apiAt(NOW_MS - 1)(tenant, PATH, known)).status).toBe(304);
      const of = (media: string) => apiAt()(tenant, PATH, { ...known, Accept: media });
      expect((await of("text/html, application/json;q=0.1")).status).toBe(
        Accept === "text/html" ? 304 : 200,
      );
      expect((await apiAt(JULY + 86_400_000 * 4)(tenant, PATH, known)).status).toBe(200);
    },
  );

  test("shows a month in the shape that integrators rely on", async () => {
    const { tenant } = await twoMonths();
    const response = await apiAt()(tenant, PATH);
    expect(response.headers.get("Vary")).toBe("Accept");
    expect(response.headers.get("ETag")).not.toBeNull();
    const usd = (amount_minor: number, amount: string) => ({
      amount_minor,
      currency: "USD",
      amount,
    });
    const body = await response.json();
    expect(REPORT_ANSWERS.EarningsReport.safeParse(body).error?.issues).toBeUndefined();
    expect(body).toEqual({
      distributor_id: "d1",
      month: "2026-07",
      status: "complete",
      effective_from: "2026-07-01T00:00:00.000Z",
      effective_to: "2026-07-31T23:59:59.999Z",
      known_at: "2026-08-01T12:00:00.000Z",
      statements: [
        {
          currency: "USD",
          opening: usd(1000, "10.00"),
          lines: [
            { component: '=matrix, "2"', amount: usd(90, "0.90") },
            { component: "unilevel", amount: usd(410, "4.10") },
          ],
          reversals: [
            { component: "unilevel", amount: usd(-10, "-0.10") },
            { component: null, amount: usd(-1, "-0.01") },
          ],
          adjustments: usd(7, "0.07"),
          fees: usd(-20, "-0.20"),
          withholding: usd(-30, "-0.30"),
          payouts: usd(-1000, "-10.00"),
          other: usd(0, "0.00"),
          closing: usd(446, "4.46"),
          pending: usd(33, "0.33"),
          in_transit: usd(1000, "10.00"),
        },
      ],
    });
  });

  test("says what was known by an earlier instant, and never more than now", async () => {
    const { tenant } = await twoMonths();
    const before = await shown(apiAt()(tenant, `${PATH}?known_at=2026-07-31`));
    expect(before.known_at).toBe("2026-07-31T23:59:59.999Z");
    expect(before.statements[0]?.closing.amount_minor).toBe(439);
    const ahead = await shown(apiAt()(tenant, `${PATH}?known_at=2027-01-01`));
    expect(ahead.known_at).toBe("2026-08-01T12:00:00.000Z");
    expect(ahead.statements[0]?.closing.amount_minor).toBe(446);
  });

  test("agrees with the ledger's balances at either end, and with the month before", async () => {
    const { tenant } = await twoMonths();
    const ask = apiAt();
    for (const knownAt of ["2026-07-03", "2026-07-31", "2026-08-01T12:00:00.000Z"]) {
      let opening: number | string = 0;
      for (const [month, end] of [
        ["2026-06", "2026-06-30"],
        ["2026-07", "2026-07-31"],
        ["2026-08", "2026-08-31"],
      ]) {
        const report = await shown(
          ask(tenant, `distributors/d1/earnings/${month}?known_at=${knownAt}`),
        );
        const [statement] = report.statements;
        expect(statement?.opening.amount_minor).toBe(opening);
        opening = statement?.closing.amount_minor ?? 0;
        const answer = await ask(
          tenant,
          `ledger/balances?prefix=dist:d1:&as_of=${end}&known_at=${knownAt}`,
        );
        const { balances } = await answer.json<{
          balances: Record<string, Record<string, number>>;
        }>();
        const of = (bucket: string) => -(balances["USD"]?.[`dist:d1:${bucket}`] ?? 0);
        expect(statement?.closing.amount_minor).toBe(of("held") + of("available"));
        expect(statement?.pending.amount_minor).toBe(of("pending") + 0);
        expect(statement?.in_transit.amount_minor).toBe(of("in_transit") + 0);
      }
    }
  });

  test("is exact beyond 2^63", async () => {
    const rig = await readRig();
    const most = { rule: "P3", from: "exp:commission", to: "held" } as const;
    const all = Array.from({ length: 300 }, () => ({ ...most, amount: Number.MAX_SAFE_INTEGER }));
    const days = [1, 2, 3, 4, 5].map((day) => JULY + day * 86_400_000);
    await rig.mirror(
      "dist:d1",
      days.map((ms) => moved(ms, ms, ...all)),
    );
    const { statements } = await shown(apiAt()(rig.tenant, PATH));
    const sum = String(1500n * BigInt(Number.MAX_SAFE_INTEGER));
    expect(statements[0]?.closing.amount_minor).toBe(sum);
  });

  test("is open until the month is over, and closed once the core says so", async () => {
    const { tenant } = await twoMonths();
    const status = async (nowMs: number, query = "") =>
      (await shown(apiAt(nowMs)(tenant, `${PATH}${query}`))).status;
    const end = Date.UTC(2026, 7, 1);
    expect(await status(end - 1)).toBe("open");
    expect(await status(end)).toBe("complete");
    await env.MIRROR_0.prepare(
      "INSERT INTO records VALUES (?, 'period', '2026-07', 0, '1', ?, ?, '{}')",
    )
      .bind(tenant, end, end + 60_000)
      .run();
    expect(await status(end - 1)).toBe("open");
    expect(await status(end + 60_000)).toBe("closed");
    expect(await status(end + 60_000, "?known_at=2026-08-01T00:00:59.999Z")).toBe("complete");
  });

  test("has statements of each currency, or none at all", async () => {
    const rig = await readRig();
    const more = { rule: "P8", from: "exp:commission", to: "available" } as const;
    await rig.mirror("dist:d1", [
      moved(
        JULY,
        JULY,
        { ...more, amount: 1, currency: "USD" },
        { ...more, amount: 400, currency: "JPY" },
      ),
    ]);
    const july = await shown(apiAt()(rig.tenant, PATH));
    expect(july.statements.map(({ closing }) => `${closing.amount} ${closing.currency}`)).toEqual([
      "400 JPY",
      "0.01 USD",
    ]);
    const june = await shown(apiAt()(rig.tenant, "distributors/d1/earnings/2026-06"));
    expect(june.statements).toEqual([]);
  });

  test.each([
    { path: "distributors/d1/earnings/2026-13", at: "month format" },
    { path: "distributors/d1/earnings/2026-7", at: "month format" },
    { path: "distributors/d1/earnings/july", at: "month format" },
    { path: `${PATH}?known_at=now`, at: "known_at format" },
    { path: `${PATH}?as_of=2026-06-30`, at: "as_of range" },
  ])("refuses $path", async ({ path, at }) => {
    const { tenant } = await twoMonths();
    const response = await apiAt()(tenant, path);
    expect(response.status).toBe(400);
    const { errors } = await response.json<{ errors: { path: string; rule: string }[] }>();
    expect(errors.map(({ path: of, rule }) => `${of} ${rule}`)).toEqual([at]);
  });

  test("knows nobody whom it has not heard of", async () => {
    const { tenant } = await twoMonths();
    expect((await apiAt()(tenant, "distributors/d9/earnings/2026-07")).status).toBe(404);
  });

  test("shows W2 as its events told it", async () => {
    const { company, post, drain } = await lineOf("B");
    await post(w2("B"));
    await drain();
    const july = await shown(apiAt(Date.now())(company.tenant, "distributors/B/earnings/2026-07"));
    expect(july.statements).toMatchObject([
      {
        opening: { amount_minor: 0 },
        lines: [{ component: "unilevel", amount: { amount_minor: 400 } }],
        adjustments: { amount_minor: 12_100 },
        fees: { amount_minor: -150 },
        payouts: { amount_minor: -12_350 },
        closing: { amount_minor: 0 },
        in_transit: { amount_minor: 0 },
      },
    ]);
  });
});

describe("of its three forms", () => {
  test.each([
    { accept: undefined, type: "application/json" },
    { accept: "*/*", type: "application/json" },
    { accept: "text/csv", type: "text/csv; charset=utf-8" },
    { accept: "TEXT/CSV; header=present", type: "text/csv; charset=utf-8" },
    { accept: "text/*", type: "text/csv; charset=utf-8" },
    { accept: "text/*;q=0.5, text/html", type: "text/html; charset=utf-8" },
    { accept: "application/json;q=0.1, text/csv;q=0.2", type: "text/csv; charset=utf-8" },
    { accept: "*/*, application/json;q=0", type: "text/csv; charset=utf-8" },
    {
      accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
      type: "text/html; charset=utf-8",
    },
  ])("answers Accept: $accept", async ({ accept, type }) => {
    const { tenant } = await twoMonths();
    const headers = accept === undefined ? {} : { Accept: accept };
    const response = await apiAt()(tenant, PATH, headers);
    expect(response.status).toBe(200);
    expect(response.headers.get("Vary")).toBe("Accept");
    expect(response.headers.get("Content-Type")?.startsWith(type)).toBe(true);
    await response.text();
  });

  test.each(["application/pdf", "application/json;q=0", "text/html;q=2", "nonsense"])(
    "gives nothing to Accept: %s",
    async (accept) => {
      const { tenant } = await twoMonths();
      const response = await apiAt()(tenant, PATH, { Accept: accept });
      expect(response.status).toBe(406);
      expect(response.headers.get("Vary")).toBe("Accept");
      expect(await response.json()).toMatchObject({ code: "not_acceptable" });
    },
  );

  test("CSV has a row for each figure, in which nothing is a formula", async () => {
    const { tenant } = await twoMonths();
    const response = await apiAt()(tenant, PATH, { Accept: "text/csv" });
    expect(response.headers.get("Content-Disposition")).toBe(
      'attachment; filename="earnings-2026-07.csv"',
    );
    const rows = (await response.text()).split("\r\n");
    expect(rows.at(-1)).toBe("");
    expect(rows[0]).toBe(
      "distributor_id,month,status,effective_to,known_at,currency,section,component,amount,amount_minor",
    );
    const place = "d1,2026-07,complete,2026-07-31T23:59:59.999Z,2026-08-01T12:00:00.000Z,USD,";
    expect(rows.slice(1, -1).map((row) => row.replace(place, ""))).toEqual([
      "opening,,10.00,1000",
      `line,"'=matrix, ""2""",0.90,90`,
      "line,unilevel,4.10,410",
      "reversal,unilevel,-0.10,-10",
      "reversal,,-0.01,-1",
      "adjustments,,0.07,7",
      "fees,,-0.20,-20",
      "withholding,,-0.30,-30",
      "payouts,,-10.00,-1000",
      "other,,0.00,0",
      "closing,,4.46,446",
      "pending,,0.33,33",
      "in_transit,,10.00,1000",
    ]);
  });

  test("the page tells everything in marked-up text, and can run nothing", async () => {
    const rig = await twoMonths();
    const evil = '<img src=x onerror="alert(1)">&\'';
    await rig.mirror(`dist:${evil}`, [entry({})]);
    const page = async (path: string) => {
      const response = await apiAt()(rig.tenant, path, { Accept: "text/html" });
      return {
        policy: response.headers.get("Content-Security-Policy"),
        text: await response.text(),
      };
    };
    const { policy, text } = await page(PATH);
    const style = /<style>([^<]*)<\/style>/.exec(text)?.[1] ?? "";
    const hash = createHash("sha256").update(style).digest("base64");
    expect(policy).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    );
    expect(text).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(text).not.toMatch(/<script|<link|<img|\sstyle=|\son\w+=|javascript:|https?:/i);
    expect(text).toContain('<th scope="col">Amount in USD</th>');
    expect(text).toContain('<th scope="row">Commission: =matrix, &quot;2&quot;</th><td>0.90</td>');
    expect(text).toContain(
      '<tr class="sum"><th scope="row">Closing balance</th><td>4.46</td></tr>',
    );
    expect(text.match(/<tr[ >]/g)).toHaveLength(1 + 13);
    const other = await page(`distributors/${encodeURIComponent(evil)}/earnings/2026-07`);
    expect(other.text).not.toContain("<img");
    expect(other.text).toContain(
      "<dd>&lt;img src=x onerror=&quot;alert(1)&quot;&gt;&amp;&#39;</dd>",
    );
    expect(other.text).toContain("Nothing moved and nothing is left.");
  });
});
