import { describe, expect, test } from "vitest";
import { localSide } from "#src/core/reconciliation/break-id.ts";
import { differenceOf } from "#src/core/reconciliation/differ.ts";
import { FLIGHT_MS_MAX, flightName, isStranded } from "#src/core/reconciliation/flights.ts";
import { judge } from "#src/core/reconciliation/judge.ts";
import { NOW_MS } from "../support/events.ts";
import { contextOf, coreLine, localLine } from "./support.ts";

const core = coreLine({ amount_minor: 450, updated_ms: NOW_MS });
const local = localLine();
const found = differenceOf(core, local);
if (found === undefined) throw new Error("They differ");

const since = (agoMs: number, had: Parameters<typeof localSide>[0] = local) =>
  new Map([[flightName(found), { since_ms: NOW_MS - agoMs, local: localSide(had) }]]);

describe("isStranded()", () => {
  test.each([
    { name: "in flight for a day", flights: since(FLIGHT_MS_MAX), is: true },
    { name: "in flight for less", flights: since(FLIGHT_MS_MAX - 1), is: false },
    { name: "never before", flights: new Map(), is: false },
    {
      name: "in flight with another mirror's side",
      flights: since(FLIGHT_MS_MAX, localLine({ amount_minor: 399 })),
      is: false,
    },
    { name: "not there at all before", flights: since(FLIGHT_MS_MAX, null), is: false },
  ])("$name: $is", ({ flights, is }) => {
    expect(isStranded(found, flights, NOW_MS)).toBe(is);
    const { breaks, in_flight } = judge([found], contextOf({ flights }));
    expect([breaks.length, in_flight.length]).toEqual(is ? [1, 0] : [0, 1]);
  });
});
