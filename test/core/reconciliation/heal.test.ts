import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readEnvelope } from "#src/core/contracts/envelope.ts";
import type { GatewayEvent } from "#src/core/contracts/event.ts";
import { formatInstant } from "#src/core/contracts/instant.ts";
import type { CoreLine } from "#src/core/reconciliation/core-line.ts";
import { differ, type LocalLine } from "#src/core/reconciliation/differ.ts";
import { healingEvents, resolvingEvents } from "#src/core/reconciliation/heal.ts";
import { judge, type JudgedBreak, type KnownBreak } from "#src/core/reconciliation/judge.ts";
import { runs } from "../../support/runs.ts";
import { event, NOW_MS, OUT } from "../support/events.ts";
import { contextOf, coreLine, HOUR_MS, localLine, PAST_MS, ToldObject } from "./support.ts";

const DAYS_AGO_MS = NOW_MS - 50 * HOUR_MS;

/** Judged as breaks that are open for two days. */
function breaksIn(core: readonly CoreLine[], local: readonly LocalLine[]): readonly JudgedBreak[] {
  const { differences } = differ(core, local);
  const opened = judge(differences, contextOf()).breaks.map(
    ({ break_id }): readonly [string, KnownBreak] => [
      break_id,
      { break_id, opened_ms: DAYS_AGO_MS, outcome: null },
    ],
  );
  return judge(differences, contextOf({ known: new Map(opened) })).breaks;
}

const healing = (core: readonly CoreLine[], local: readonly LocalLine[]) =>
  breaksIn(core, local).flatMap(healingEvents);

const placeOf = ({ type }: Pick<GatewayEvent, "type">, seq: number) =>
  type === "recon.correction" ? {} : { seq };

/** What a contract makes of an event, once it has a place in a stream. */
function readAgain({ occurredAtMs, causationId, ...rest }: GatewayEvent, seq: number) {
  const envelope = {
    ...rest,
    ...placeOf(rest, seq),
    occurred_at: formatInstant(occurredAtMs),
    causation_id: causationId,
  };
  const read = readEnvelope(envelope, { tenant: "acme", source: "upline:recon" });
  if (!read.ok) throw new Error(JSON.stringify(read.refusal));
  return read.value;
}

const amount = fc.nat({ max: 900 });
const shares = fc.array(fc.nat({ max: 60 }), { maxLength: 3 });
const coreLines = (ids: fc.Arbitrary<string>): fc.Arbitrary<readonly CoreLine[]> =>
  fc.uniqueArray(
    fc
      .record({
        line_id: ids,
        amount_minor: amount,
        shares,
        currency: fc.constantFrom("USD", "JPY"),
        status: fc.constantFrom("held" as const, "available" as const),
        hoursHeld: fc.option(fc.integer({ min: -3, max: 3 })),
        hour: fc.nat({ max: 9 }),
        isBonus: fc.boolean(),
      })
      .map(({ shares: parts, hour, hoursHeld, isBonus, ...given }): CoreLine => {
        const effective_ms = PAST_MS + hour * HOUR_MS;
        const bonus = {
          order_id: null,
          level: null,
          paid_level: null,
          cv_x100: null,
          rate_ppm: null,
        };
        const isOver = hoursHeld !== null && hoursHeld <= 0;
        return coreLine({
          ...given,
          ...(isBonus ? bonus : { order_id: `O${given.line_id}` }),
          effective_ms,
          updated_ms: effective_ms + HOUR_MS,
          available_ms: hoursHeld === null ? null : effective_ms + hoursHeld * HOUR_MS,
          ...(isOver ? { status: "available" } : {}),
          ...reversed(given.line_id, given.amount_minor, parts),
        });
      }),
    { selector: ({ line_id }) => line_id, minLength: 1, maxLength: 5 },
  );

/** Reversals of these percentages, as far as there is anything left. */
function reversed(
  lineId: string,
  of: number,
  parts: readonly number[],
): Pick<CoreLine, "reversals"> {
  let left = of;
  const reversals = parts.map((part, i) => {
    const amount_minor = Math.floor((left * part) / 100);
    left -= amount_minor;
    return { line_id: `${lineId}-R${i}`, amount_minor };
  });
  return { reversals };
}

/** The core's own events of a line, as its stream has them. */
function originals(line: CoreLine, firstSeq: number): readonly GatewayEvent[] {
  const key = "dist:B";
  const { line_id, currency, available_ms } = line;
  const orOut = <T>(value: T | null) => value ?? OUT;
  const posted = event(
    "commission.posted",
    { id: `p-${line_id}`, key, seq: firstSeq, occurred_at: formatInstant(line.effective_ms) },
    {
      line_id,
      distributor_id: "B",
      order_id: orOut(line.order_id),
      component: line.component,
      level: orOut(line.level),
      paid_level: orOut(line.paid_level),
      cv_x100: orOut(line.cv_x100),
      rate_ppm: orOut(line.rate_ppm),
      currency,
      amount_minor: line.amount_minor,
      period_id: line.period_id,
      run_id: line.run_id,
      available_at: available_ms === null ? OUT : formatInstant(available_ms),
    },
  );
  const more = line.reversals.map((reversal, i) =>
    event(
      "commission.reversed",
      { id: `r-${reversal.line_id}`, key, seq: firstSeq + 1 + i },
      { ...reversal, reverses_line_id: line_id, currency },
    ),
  );
  const released =
    line.status === "held"
      ? []
      : [
          event(
            "commission.released",
            { id: `f-${line_id}`, key, seq: firstSeq + 1 + more.length },
            { line_id },
          ),
        ];
  return [posted, ...more, ...released];
}

function tellAll(object: ToldObject, lines: readonly CoreLine[]): readonly string[] {
  let seq = 1;
  return lines.flatMap((line) =>
    originals(line, seq).map((told) => {
      seq += 1;
      return object.tell(told);
    }),
  );
}

/** What can become of a core's line that the object does not hear of. */
const DRIFTS = ["lost", "new", "amount", "reversed", "released", "moved"] as const;
const drift = fc.record({
  kind: fc.constantFrom(...DRIFTS),
  nth: fc.nat(),
  by: fc.integer({ min: -99, max: 99 }).filter((by) => by !== 0),
});

function drifted(
  lines: readonly CoreLine[],
  { kind, nth, by }: typeof drift extends fc.Arbitrary<infer T> ? T : never,
): readonly CoreLine[] {
  const at = nth % lines.length;
  const change = (part: (line: CoreLine) => Partial<CoreLine>) =>
    lines.map((line, i) => (i === at ? { ...line, ...part(line) } : line));
  const leftOf = ({ amount_minor, reversals }: CoreLine) =>
    reversals.reduce((left, reversal) => left - reversal.amount_minor, amount_minor);
  switch (kind) {
    case "lost":
      return lines.toSpliced(at, 1);
    case "new":
      return [...lines, coreLine({ ...lines[at], line_id: "new", reversals: [] })];
    case "amount":
      return change((line) => ({ amount_minor: line.amount_minor + Math.max(by, -leftOf(line)) }));
    case "reversed":
      return change((line) => {
        const more = {
          line_id: `${line.line_id}-R${line.reversals.length}-late`,
          amount_minor: Math.min(99, leftOf(line)),
        };
        return { reversals: [...line.reversals, more] };
      });
    case "released":
      return change(() => ({ status: "available" }));
    case "moved":
      return change(({ effective_ms }) => ({
        effective_ms: effective_ms + by,
        period_id: "2026-06",
      }));
  }
}

const alike = (core: readonly CoreLine[], object: ToldObject) =>
  expect(differ(core, object.lines()).differences).toEqual([]);

describe("healingEvents()", () => {
  const ids = fc.constantFrom("L1", "L2", "L3", "L4", "L5");

  test("brings our line to the core's, whatever the difference, and once", () => {
    fc.assert(
      fc.property(coreLines(ids), drift, (lines, change) => {
        const object = new ToldObject();
        tellAll(object, lines);
        alike(lines, object);
        const core = drifted(lines, change);
        const found = breaksIn(core, object.lines());
        const events = found.flatMap(healingEvents);
        expect(found.filter(({ action }) => action === "none")).toEqual([]);
        const outcomes = new Set(events.map((told) => object.tell(told)));
        expect([...outcomes].filter((told) => told !== "applied" && told !== "duplicate")).toEqual(
          [],
        );
        alike(core, object);
        const rows = object.store.rows.length;
        for (const told of events) object.tell(told);
        expect(object.store.rows.length).toBe(rows);
      }),
      { numRuns: runs(300) },
    );
  });

  test("gives, for a backfill, what the core's own events would have: they come as duplicates", () => {
    fc.assert(
      fc.property(coreLines(ids), (lines) => {
        const [healed, told] = [new ToldObject(), new ToldObject()];
        const outcomes = healing(lines, []).map((each) => healed.tell(each));
        expect(new Set(outcomes)).toEqual(new Set(["applied"]));
        tellAll(told, lines);
        expect(healed.lines()).toEqual(told.lines());
        const balances = () =>
          ["held", "available"].map((bucket) => healed.credit(`dist:B:${bucket}`));
        const before = balances();
        // A release that the bucket made superfluous was not backfilled; it moves nothing.
        const late = tellAll(healed, lines);
        expect(late.filter((each) => each !== "duplicate" && each !== "applied")).toEqual([]);
        expect(balances()).toEqual(before);
        expect(healed.lines()).toEqual(told.lines());
      }),
      { numRuns: runs(200) },
    );
  });

  test("heals what differs in several members within two runs", () => {
    fc.assert(
      fc.property(coreLines(ids), fc.array(drift, { maxLength: 6 }), (lines, changes) => {
        const object = new ToldObject();
        tellAll(object, lines);
        const core = changes.reduce(
          (before, change) => (before.length === 0 ? before : drifted(before, change)),
          lines,
        );
        const unique = [...new Map(core.map((line) => [line.line_id, line])).values()];
        for (const _ of [1, 2])
          for (const told of healing(unique, object.lines())) object.tell(told);
        const left = breaksIn(unique, object.lines());
        expect(left.filter(({ action }) => action !== "none")).toEqual([]);
      }),
      { numRuns: runs(200) },
    );
  });

  test("makes events that pass their contracts once they have a place", () => {
    fc.assert(
      fc.property(coreLines(ids), drift, (lines, change) => {
        const object = new ToldObject();
        tellAll(object, lines);
        const found = breaksIn(drifted(lines, change), object.lines());
        const extra = breaksIn([], object.lines());
        const events = [
          ...found.flatMap(healingEvents),
          ...extra.flatMap(healingEvents),
          ...healing(lines, []),
          ...extra.flatMap((each) => resolvingEvents(each, "keep", NOW_MS)),
          ...extra.flatMap((each) => resolvingEvents(each, "reverse", NOW_MS)),
        ];
        for (const [i, told] of events.entries()) {
          expect(readAgain(told, i + 1)).toEqual({ ...told, ...placeOf(told, i + 1) });
        }
      }),
      { numRuns: runs(100) },
    );
  });

  test("keeps within 128 characters with the longest ids", () => {
    const long = { line_id: "l".repeat(128), distributor_id: "d".repeat(128) };
    const events = [
      ...healing([coreLine({ ...long, status: "available" })], []),
      ...breaksIn([], [localLine(long)]).flatMap((found) => [
        ...healingEvents(found),
        ...resolvingEvents(found, "reverse", NOW_MS),
      ]),
    ];
    expect(events).toHaveLength(4);
    for (const [i, told] of events.entries()) expect(readAgain(told, i + 1)).toMatchObject(told);
  });

  test("names its events by the break, one by one", () => {
    const reversals = [
      { line_id: "R1", amount_minor: 10 },
      { line_id: "R2", amount_minor: 20 },
    ];
    const [found] = breaksIn([coreLine({ status: "available", reversals })], []);
    const name = found?.break_id ?? "";
    expect(healing([coreLine({ status: "available", reversals })], []).map(({ id }) => id)).toEqual(
      [`recon:${name}`, `recon:${name}:1`, `recon:${name}:2`, `recon:${name}:3`],
    );
  });

  test("has the line it was taken from in a correction of an amount, and its own time", () => {
    expect(healing([coreLine({ amount_minor: 425 })], [localLine()])).toMatchObject([
      {
        source: "upline:recon",
        type: "recon.correction",
        key: "dist:B",
        occurredAtMs: PAST_MS,
        data: { amount_minor: 25, line_amount_minor: 400, cause: "AMOUNT", line_id: "L1" },
      },
    ]);
  });

  test("puts aside as of the day after it was found, whenever that is done", () => {
    const [told] = healing([], [localLine({ reversed_minor: 100 })]);
    expect(told).toMatchObject({
      occurredAtMs: DAYS_AGO_MS + 24 * HOUR_MS,
      data: { to: "suspense", amount_minor: -300, cause: "EXTRA_LOCAL" },
    });
  });

  test("does nothing about what is a person's", () => {
    expect(healing([coreLine({ currency: "EUR" })], [localLine()])).toEqual([]);
    expect(healing([coreLine()], [localLine({ state: "available" })])).toEqual([]);
  });
});

describe("healingEvents() of reversals that the mirror has under other names", () => {
  const told = (line_id: string, amount_minor: number, seq: number, hours = 1) =>
    event(
      "commission.reversed",
      {
        id: `told-${line_id}`,
        key: "dist:B",
        seq,
        occurred_at: formatInstant(PAST_MS + hours * HOUR_MS),
      },
      { line_id, reverses_line_id: "L1", currency: "USD", amount_minor },
    );
  const withReversals = (...reversals: readonly (readonly [id: string, of: number])[]) =>
    coreLine({
      reversals: reversals.map(([line_id, amount_minor]) => ({ line_id, amount_minor })),
      updated_ms: PAST_MS + 2 * HOUR_MS,
    });
  const reversedOf = (object: ToldObject) => object.line()?.reversed_minor;
  /** An object that the core told of a line and its first reversal, R1 of 100. */
  const withFirst = () => {
    const object = new ToldObject();
    tellAll(object, [coreLine()]);
    object.tell(told("R1", 100, 2));
    return object;
  };

  const KNOWN: readonly { name: string; core: CoreLine }[] = [
    { name: "another one of all", core: withReversals(["R2", 160]) },
    { name: "the first of less, and another one", core: withReversals(["R1", 50], ["R2", 110]) },
    { name: "the first of more", core: withReversals(["R1", 160]) },
    { name: "names of its own", core: withReversals(["rev-1", 100], ["rev-2", 60]) },
    { name: "the first, and another one", core: withReversals(["R1", 100], ["R2", 60]) },
    { name: "one that is a line of ours", core: withReversals(["L1", 100], ["R2", 60]) },
  ];

  test.each(KNOWN)("takes back what the core did: $name", ({ core }) => {
    const object = withFirst();
    const events = healing([core], object.lines());
    for (const each of events) object.tell(each);
    expect(reversedOf(object)).toBe(160);
    expect(object.credit("dist:B:held")).toBe(240n);
    for (const each of events) object.tell(each);
    // The core's own, by whichever name.
    for (const [id, amount_minor] of [
      ["R2", 60],
      ["R1", 100],
    ] as const) {
      object.tell(told(id, amount_minor, 3));
    }
    expect(reversedOf(object)).toBe(160);
    expect(healing([core], object.lines())).toEqual([]);
  });

  test("takes nothing of a later one for its own", () => {
    const object = withFirst();
    const core = withReversals(["rev-1", 100], ["rev-2", 60]);
    for (const each of healing([core], object.lines())) object.tell(each);
    expect(object.tell(told("R3", 20, 3, 60))).toBe("applied");
    expect(reversedOf(object)).toBe(180);
  });

  test("nor, of a line that was put aside, twice where it is brought back", () => {
    const object = withFirst();
    const [extra] = breaksIn([], object.lines());
    for (const each of extra === undefined ? [] : healingEvents(extra)) object.tell(each);
    expect(object.credit("suspense:recon")).toBe(300n);
    const core = withReversals(["R2", 160]);
    // As a run sees it: what is put aside is not compared.
    for (const each of healing([core], [])) object.tell(each);
    expect([reversedOf(object), object.credit("dist:B:held")]).toEqual([160, 240n]);
    expect(object.credit("suspense:recon")).toBe(0n);
  });

  test("nor of one that is backfilled, whose own come late by other names", () => {
    const object = new ToldObject();
    for (const each of healing([withReversals(["rev-1", 100], ["rev-2", 60])], [])) {
      object.tell(each);
    }
    expect(reversedOf(object)).toBe(160);
    tellAll(object, [coreLine()]);
    for (const each of [told("R1", 100, 2), told("R2", 60, 3)]) {
      expect(object.tell(each)).toBe("applied");
    }
    expect([reversedOf(object), object.credit("dist:B:held")]).toEqual([160, 240n]);
  });

  const list = fc.array(
    fc.record({ id: fc.constantFrom("R1", "R2", "R3", "R4"), of: fc.nat({ max: 100 }) }),
    { maxLength: 4 },
  );

  test("ends at the core's total, never beyond, whatever either side names them", () => {
    fc.assert(
      fc.property(list, list, fc.boolean(), (ours, theirs, isLate) => {
        const object = new ToldObject();
        tellAll(object, [coreLine()]);
        const tell = () => ours.forEach(({ id, of }, i) => object.tell(told(id, of, i + 2)));
        if (!isLate) tell();
        const before = reversedOf(object) ?? 0;
        const unique = [...new Map(theirs.map((one) => [one.id, one])).values()];
        const core = withReversals(...unique.map(({ id, of }) => [id, of] as const));
        const total = unique.reduce((sum, { of }) => sum + of, 0);
        const events = healing([core], object.lines());
        for (const each of [...events, ...events]) object.tell(each);
        expect(reversedOf(object)).toBe(Math.max(before, total));
        if (isLate) tell();
        // All that it had told of by then is contained in it.
        const own = ours.filter(({ id }, i) => ours.findIndex((one) => one.id === id) === i);
        const most = own.reduce((sum, { of }) => sum + of, 0);
        expect(reversedOf(object)).toBeLessThanOrEqual(Math.max(most, total));
        expect(object.credit("dist:B:held")).toBe(400n - BigInt(reversedOf(object) ?? 0));
      }),
      { numRuns: runs(300) },
    );
  });

  test("dates them within the line's time and when they were found, whatever the core's clock says", () => {
    const at = (updated_ms: number) => {
      const core = { ...withReversals(["R1", 10]), status: "available" as const, updated_ms };
      return healing([core], [localLine()]).map(({ occurredAtMs }) => occurredAtMs);
    };
    expect(at(0)).toEqual([PAST_MS, PAST_MS]);
    expect(at(PAST_MS + 5)).toEqual([PAST_MS + 5, PAST_MS + 5]);
    expect(at(Date.parse("9999-12-31"))).toEqual([DAYS_AGO_MS, DAYS_AGO_MS]);
  });
});

test("a line that the core holds though its date has come is held here", () => {
  const object = new ToldObject();
  const core = coreLine({ status: "held", available_ms: PAST_MS });
  for (const each of healing([core], [])) object.tell(each);
  alike([core], object);
  expect([object.credit("dist:B:held"), object.credit("dist:B:available")]).toEqual([400n, 0n]);
});

describe("resolvingEvents()", () => {
  const putAside = () => {
    const object = new ToldObject();
    tellAll(object, [coreLine()]);
    const [found] = breaksIn([], object.lines());
    if (found === undefined) throw new Error("Nothing was found");
    for (const told of healingEvents(found)) object.tell(told);
    expect(object.credit("suspense:recon")).toBe(400n);
    return { object, found };
  };
  const decide = ({ object, found }: ReturnType<typeof putAside>, resolution: "keep" | "reverse") =>
    resolvingEvents(found, resolution, NOW_MS).map((told) => object.tell(told));

  test("keep: the line pays again", () => {
    const aside = putAside();
    expect(decide(aside, "keep")).toEqual(["applied"]);
    const { object } = aside;
    expect([object.credit("suspense:recon"), object.credit("dist:B:held")]).toEqual([0n, 400n]);
    expect(object.line()).toMatchObject({ state: "held", amount_minor: 400, reversed_minor: 0 });
    expect(decide(aside, "reverse")).toEqual(["quarantined line_not_in_suspense"]);
  });

  test("reverse: it never should have", () => {
    const aside = putAside();
    expect(decide(aside, "reverse")).toEqual(["applied"]);
    const { object } = aside;
    expect(object.credit("suspense:recon")).toBe(0n);
    expect(object.credit("exp:commission")).toBe(0n);
    expect(decide(aside, "keep")).toEqual(["quarantined correction_exceeds_line"]);
  });

  test("is nothing for any other break", () => {
    const [found] = breaksIn([coreLine()], []);
    expect(found && resolvingEvents(found, "keep", NOW_MS)).toEqual([]);
  });
});
