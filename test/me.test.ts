import fc from "fast-check";
import { describe, expect, test } from "vitest";

interface Line {
  readonly line_id: string;
  readonly effective_at: string;
  readonly state?: string;
}
interface Known {
  readonly status: Readonly<Record<string, unknown>> | null;
  readonly lines: readonly Line[];
  readonly lastId: string | null;
}

/** The page's module as a browser loads it: plain JavaScript, nothing built. */
interface Model {
  readonly NOTHING: Known;
  heard(known: Known, message: object): Known;
  withRead(known: Known, names: readonly string[], status: Known["status"]): Known | undefined;
  withLines(known: readonly Line[], told: readonly Line[]): readonly Line[];
  moneyText(amount: { readonly amount: string; readonly currency: string }): string;
  decimalOf(minor: number | bigint | string, like: string): string;
  pointsText(x100: number | null): string;
  retryMs(tries: number, chance: number): number;
  takeFrames(text: string): { readonly messages: readonly object[]; readonly rest: string };
  pageOf(pathname: string): { readonly path: string; readonly key: string } | undefined;
  refusalText(status: number): string | undefined;
}

const model: Model = await import(String(new URL("../public/me/model.js", import.meta.url)));

const line = (line_id: string, effective_at: string, state = "pending") => ({
  line_id,
  effective_at,
  state,
});

describe("what the page of a distributor makes of the live feed", () => {
  test("a change replaces the members that it names", () => {
    const begun = model.heard(model.NOTHING, {
      type: "status",
      id: "3-aaaaaaaa",
      status: { status: "active", frontline: 2, balances: {}, position: 3 },
    });
    const after = model.heard(begun, {
      type: "change",
      id: "5-bbbbbbbb",
      position: 5,
      as_of: "2026-07-01T10:00:00.000Z",
      set: { balances: { USD: {} } },
      lines: [line("L1", "2026-07-01")],
    });
    expect(after.status).toEqual({
      status: "active",
      frontline: 2,
      balances: { USD: {} },
      position: 5,
      as_of: "2026-07-01T10:00:00.000Z",
    });
    expect(after.lines).toHaveLength(1);
    expect(after.lastId).toBe("5-bbbbbbbb");
    expect(model.heard(after, { type: "something new" })).toBe(after);
  });

  test("a read fills in what the feed could not tell, unless it was overtaken", () => {
    const known = {
      ...model.NOTHING,
      status: { position: 5, name: "A.", ranks: null, status: "active" },
    };
    const read = { position: 5, name: "Ann", ranks: { pay_rank: "Gold" }, status: "left" };
    expect(model.withRead(known, ["name"], read)?.status).toEqual({ ...known.status, name: "Ann" });
    expect(model.withRead(known, ["name"], { ...read, position: 6 })?.status).toEqual({
      ...known.status,
      name: "Ann",
    });
    expect(model.withRead(known, ["name"], { ...read, position: 4 })).toBeUndefined();
  });

  test("lines stand once, the newest first, as they were told last", () => {
    const known = [line("a", "2026-07-01"), line("b", "2026-07-03")];
    const told = [line("a", "2026-07-01", "available"), line("c", "2026-07-02")];
    expect(model.withLines(known, told)).toEqual([known[1], told[1], told[0]]);
    const many = Array.from({ length: 50 }, (_, i) => line(`l${i}`, `2026-07-${10 + (i % 20)}`));
    expect(model.withLines([], many)).toHaveLength(20);
  });

  test.each([
    { amount: "0.00", currency: "USD", text: "0.00 USD" },
    { amount: "1234567.80", currency: "USD", text: "1,234,567.80 USD" },
    { amount: "-999.05", currency: "EUR", text: "−999.05 EUR" },
    { amount: "12345", currency: "JPY", text: "12,345 JPY" },
    { amount: "1000.125", currency: "KWD", text: "1,000.125 KWD" },
    { amount: "90071992547409931.00", currency: "USD", text: "90,071,992,547,409,931.00 USD" },
  ])("writes $amount $currency as $text", ({ text, ...amount }) => {
    expect(model.moneyText(amount)).toBe(text);
  });

  test("writes minor units with the digits of their currency, exactly", () => {
    expect(model.decimalOf(5, "0.00")).toBe("0.05");
    expect(model.decimalOf(-5, "0.00")).toBe("-0.05");
    expect(model.decimalOf(400, "12")).toBe("400");
    expect(model.decimalOf("90071992547409931", "0.00")).toBe("900719925474099.31");
    fc.assert(
      fc.property(fc.bigInt(), fc.integer({ min: 1, max: 4 }), (minor, digits) => {
        const text = model.decimalOf(minor, `0.${"0".repeat(digits)}`);
        expect(BigInt(text.replace(".", ""))).toBe(minor);
        expect(text.length - text.indexOf(".") - 1).toBe(digits);
      }),
    );
    expect(model.pointsText(12_345)).toBe("123.45");
    expect(model.pointsText(null)).toBe("–");
  });

  test("waits longer each time, and never long", () => {
    for (const tries of [0, 1, 5, 50]) {
      const [least, most] = [model.retryMs(tries, 0), model.retryMs(tries, 1)];
      expect(least).toBe(most / 2);
      expect(most).toBeLessThanOrEqual(30_000);
    }
    expect(model.retryMs(0, 1)).toBeLessThan(model.retryMs(3, 0));
  });

  test("reads a stream wherever it is cut", () => {
    const stream =
      'retry: 2000\n\nevent: status\nid: 1\ndata: {"n":1}\n\n: beat\n\nid: 2\ndata: {"n":2}\n\n';
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 6 }), (cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), stream.length];
        let rest = "";
        const messages = at.slice(1).flatMap((end, i) => {
          const taken = model.takeFrames(rest + stream.slice(at[i], end));
          ({ rest } = taken);
          return taken.messages;
        });
        expect(messages).toEqual([{ n: 1 }, { n: 2 }]);
      }),
    );
  });

  test("finds whose page it is in its address alone", () => {
    expect(model.pageOf("/me/acme/1001")).toEqual({
      path: "/v1/tenants/acme/distributors/1001",
      key: "acme/1001",
    });
    expect(model.pageOf("/me/acme/a%2Fb")?.path).toBe("/v1/tenants/acme/distributors/a%2Fb");
    for (const other of ["/me", "/me/acme", "/me/acme/", "/me/acme/1/2", "/you/acme/1"]) {
      expect(model.pageOf(other)).toBeUndefined();
    }
  });

  test("says what a refusal means, and nothing of what passes by", () => {
    expect(model.refusalText(401)).toContain("no longer valid");
    expect(model.refusalText(404)).toContain("nothing to show");
    expect(model.refusalText(503)).toBeUndefined();
  });
});
