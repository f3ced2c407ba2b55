import { beforeAll, describe, expect, test } from "vitest";
import type * as z from "zod";
import { ANSWERS, type AnswerName } from "../../../../scripts/openapi/answers.ts";
import { entry, logged, posted, readRig, type Rig } from "./rig.ts";

let rig: Rig;

beforeAll(async () => {
  rig = await readRig();
  const base = { period_id: "", epoch: 0, rev: "1", effective_ms: 0 };
  const value = { status: "active", country: "DE", sponsor_id: "d0", leg: "R" };
  const waiting = { outcome: "quarantined", code: "c", reason: "r" } as const;
  const found = { break_id: "b1", class: "BACKDATED", reference: "L1", detail: "Is paid" };
  await rig.mirror("dist:d1", [
    entry({ effects: { standings: [{ ...base, kind: "enrolment", value }] } }),
    { ...posted("d1", "L1", 400), event: logged({ event_id: "evt_1" }) },
    entry({ ...waiting, event: logged(), effects: { breaks: [found] } }),
  ]);
  const errors = [{ path: "data", rule: "required", message: "Is required" }];
  await rig.loose({ outcome: "rejected", errors });
});

describe("every read answers what openapi.json says", () => {
  test.each<{ path: string; name: AnswerName }>([
    { path: "distributors/d1", name: "DistributorStatus" },
    { path: "ledger/balances", name: "Balances" },
    { path: "events/evt_1", name: "EventDetail" },
    { path: "pipeline", name: "Pipeline" },
  ])("GET $path", async ({ path, name }) => {
    const body = await (await rig.call(`GET ${path}`)).json();
    expect(faultsOf(ANSWERS[name], body)).toEqual([]);
  });

  test.each<{ path: string; name: AnswerName }>([
    { path: "distributors/d1/ledger", name: "Transfer" },
    { path: "distributors/d1/lines", name: "Line" },
    { path: "lines?order_id=o1", name: "Line" },
    { path: "events", name: "Event" },
    { path: "held", name: "Held" },
    { path: "breaks", name: "Break" },
    { path: "audit", name: "AuditEntry" },
  ])("GET $path", async ({ path, name }) => {
    const { items } = await (await rig.call(`GET ${path}`)).json<{ items: object[] }>();
    expect(items.length).toBeGreaterThan(0);
    expect(items.flatMap((item) => faultsOf(ANSWERS[name], item))).toEqual([]);
  });
});

const faultsOf = (schema: z.ZodType, value: unknown) => schema.safeParse(value).error?.issues ?? [];
