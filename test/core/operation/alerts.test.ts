import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Alert,
  ALERT_KINDS,
  type AlertKind,
  type AlertPlace,
  type AlertsFound,
  keyAfter,
  oneList,
  SEVERITIES,
  type Shelf,
  shelfOf,
} from "#src/core/operation/alerts.ts";
import { runs } from "../../support/runs.ts";

const alert = (kind: AlertKind, key: string, severity: Alert["severity"] = "ticket"): Alert => ({
  kind,
  key,
  severity,
  since_ms: 0,
  detail: "d",
  place: [],
});

const names = ({ rows }: AlertsFound) => rows.map(({ kind, key }) => `${kind} ${key}`);
const any = { severity: undefined, limit: 10 };

test("kinds are told in the order of the alphabet", () => {
  expect([...ALERT_KINDS].toSorted()).toEqual(ALERT_KINDS);
});

describe("oneList()", () => {
  test("goes through the shelves by kind, and ends where one was not looked through", () => {
    const shelves: readonly Shelf[] = [
      { kind: "gap", alerts: [alert("gap", "a")], lookedTo: "m" },
      { kind: "break", alerts: [alert("break", "b"), alert("break", "c")] },
      { kind: "run_failed", alerts: [alert("run_failed", "r")] },
    ];
    const found = oneList(shelves, any);
    expect(names(found)).toEqual(["break b", "break c", "gap a"]);
    expect(found.searchedTo).toEqual({ kind: "gap", key: "m" });
    expect(oneList(shelves, { ...any, limit: 2 })).toEqual({
      rows: [alert("break", "b"), alert("break", "c")],
    });
  });

  test("leaves out what is of another urgency", () => {
    const shelves = [
      { kind: "dead" as const, alerts: [alert("dead", "a"), alert("dead", "b", "page")] },
    ];
    expect(names(oneList(shelves, { ...any, severity: "page" }))).toEqual(["dead b"]);
  });

  test("page by page everything is told once and in one order, however much is looked at at once", () => {
    const kinds = ["break", "gap", "quarantined", "source_paused"] as const;
    const stocked = fc.uniqueArray(
      fc.record({
        kind: fc.constantFrom(...kinds),
        key: fc.string({
          unit: fc.constantFrom("a", "b", "c", ":", "~"),
          maxLength: 3,
          minLength: 1,
        }),
        severity: fc.constantFrom(...SEVERITIES),
      }),
      { selector: ({ kind, key }) => `${kind} ${key}`, maxLength: 40 },
    );
    fc.assert(
      fc.property(
        stocked,
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 1, max: 9 }),
        fc.option(fc.constantFrom(...SEVERITIES), { nil: undefined }),
        (stock, limit, looked, severity) => {
          const all = stock.map((one) => alert(one.kind, one.key, one.severity));
          const shelfAt = (kind: AlertKind, after: string): Shelf => {
            const { alerts } = shelfOf(kind, all, after);
            const last = alerts.length > looked ? alerts[looked - 1] : undefined;
            const lookedTo = last === undefined ? {} : { lookedTo: last.key };
            return { kind, alerts: alerts.slice(0, looked), ...lookedTo };
          };
          const told: Alert[] = [];
          let after: AlertPlace | undefined;
          for (let pages = 0; pages < 200; pages += 1) {
            const shelves = kinds.flatMap((kind) => {
              const key = keyAfter(kind, after);
              return key === undefined ? [] : [shelfAt(kind, key)];
            });
            const found = oneList(shelves, { severity, limit: limit + 1 });
            told.push(...found.rows.slice(0, limit));
            const last = found.rows.length > limit ? found.rows[limit - 1] : undefined;
            after = last ?? found.searchedTo;
            if (after === undefined) break;
          }
          const wanted = kinds
            .flatMap((kind) => shelfOf(kind, all, "").alerts)
            .filter((one) => severity === undefined || one.severity === severity);
          expect(told).toEqual(wanted);
        },
      ),
      { numRuns: runs(300) },
    );
  });
});
