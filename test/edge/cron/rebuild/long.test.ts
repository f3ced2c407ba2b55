import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import type { RebuildPorts } from "#src/edge/cron/rebuild/ports.ts";
import { w2 } from "../../support/company.ts";
import { expectMirrorEqualsObjects, type Line, lineOf } from "../../support/line.ts";
import { walkOver } from "../reconciliation/walk.ts";
import {
  backUp,
  type Dump,
  dump,
  empty,
  NOTHING_WRONG,
  rebuild,
  restore,
  tamper,
  told,
} from "./support.ts";

let line: Line;
let tenant: string;
let before: Dump;

beforeEach(async () => {
  line = await lineOf("B", "C");
  ({ tenant } = line.company);
  await line.post(...w2("B"));
  await line.drain();
  before = await dump(tenant);
});

/** Logs of more than five rows are long, as is what has more than some rows in the mirror. */
const faults =
  (rowsOfOneMax = 1000) =>
  (ports: RebuildPorts): Partial<RebuildPorts> => ({
    logRowsMax: 5,
    rowsOfOneMax,
    // A part of a log is a row.
    logAfter: async (place, position) => {
      const { rows, view, more } = await ports.logAfter(place, position);
      const part = rows.slice(0, 1);
      const isCut = part.length < rows.length;
      return { rows: part, more: more || isCut, ...(isCut || view === undefined ? {} : { view }) };
    },
  });

const reversal = (n: number) => ({
  id: `B-${n}`,
  type: "commission.reversed",
  version: 1,
  key: "dist:B",
  seq: n,
  occurred_at: "2026-07-09T10:00:00.000Z",
  data: {
    line_id: `B-L1-R${n}`,
    reverses_line_id: "B-L1",
    currency: "USD",
    amount_minor: 100,
  },
});

const longest = async () => {
  const { results } = await env.MIRROR_0.prepare(
    "SELECT subject, position FROM subjects WHERE tenant = ?1 AND position > 5",
  )
    .bind(tenant)
    .all<{ subject: string; position: number }>();
  return results.map(({ subject }) => subject);
};

describe("a subject whose log is longer than one look holds", () => {
  it("comes back into a mirror that is empty", async () => {
    expect(await longest()).toContain("dist:B");
    await empty(tenant);
    const { state, report } = await rebuild(line, { faults: faults() });
    expect(state).toBe("done");
    expect(report).toMatchObject(NOTHING_WRONG);
    expect(await dump(tenant)).toEqual(before);
    await expectMirrorEqualsObjects(tenant);
  });

  it("comes back while events come in, and nothing is counted twice", async () => {
    await empty(tenant);
    let sent = 5;
    const between = async () => {
      sent += 1;
      if (sent <= 12) await line.post(reversal(sent));
    };
    const { report } = await rebuild(line, { faults: faults(), between });
    expect(report).toMatchObject(NOTHING_WRONG);
    await line.drain();
    await expectMirrorEqualsObjects(tenant);
    const now = await dump(tenant);
    await rebuild(line);
    expect(await dump(tenant)).toEqual(now);
  });

  it("goes on from where a backup has it; what differs in its rows the walk finds", async () => {
    const backup = await backUp(tenant);
    await line.post(reversal(6), reversal(7));
    await line.drain();
    const now = await dump(tenant);
    await restore(tenant, backup);
    await tamper(
      told(tenant, "UPDATE transfers SET amount_minor = 1 WHERE tenant = ? AND subject = 'dist:B'"),
    );
    const { report } = await rebuild(line, { faults: faults() });
    expect(report).toMatchObject({ behind: 0, sums_left: true, failed: await longest() });
    expect(await walkOver(line)).toMatchObject({ repaired: 1, failed: 0 });
    expect(await dump(tenant)).toMatchObject({
      transfers: now["transfers"],
      lines: now["lines"],
      account_days: now["account_days"],
      standings: now["standings"],
    });
  });

  it("begins anew where the mirror had another log, and more rows than go at once", async () => {
    await tamper(
      told(tenant, "UPDATE subjects SET head = 'another' WHERE tenant = ? AND subject = 'dist:B'"),
    );
    const { report } = await rebuild(line, { faults: faults(2) });
    expect(report.results).toMatchObject({ begun_anew: 1 });
    expect(report).toMatchObject({ behind: 0, frozen: [] });
    await expectMirrorEqualsObjects(tenant);
    expect(sums(await dump(tenant))).toEqual(sums(before));
  });
});

/** What of the mirror the rows of a subject count in. */
const sums = ({ transfers, lines, account_days, standings, volumes, digests }: Dump) => ({
  transfers,
  lines,
  account_days,
  standings,
  volumes,
  digests,
});

const ANOTHER_LOG = "UPDATE subjects SET head = 'another' WHERE tenant = ? AND subject = 'dist:B'";
const transfersOfB = async (): Promise<number | null> =>
  env.MIRROR_0.prepare(
    "SELECT count(*) AS n FROM transfers WHERE tenant = ?1 AND subject = 'dist:B'",
  )
    .bind(tenant)
    .first<number>("n");

const headOfB = (): string =>
  before["subjects"]?.map((text) => JSON.parse(text)).find(({ subject }) => subject === "dist:B")
    .head;

/** Does something once: between two slices, after the rows of B were taken away. */
const onceTakenAway = (then: () => Promise<unknown>) => {
  let isDone = false;
  return async () => {
    if (isDone || (await transfersOfB()) !== 0) return;
    isDone = true;
    await then();
  };
};

describe("a subject whose rows are taken away in parts", () => {
  beforeEach(async () => {
    await tamper(told(tenant, ANOTHER_LOG));
  });

  it("is left alone by the hourly walk meanwhile", async () => {
    const between = onceTakenAway(async () => {
      expect(await walkOver(line)).toMatchObject({ frozen: 0, repaired: 0 });
    });
    const { report } = await rebuild(line, { faults: faults(2), between });
    expect(report).toMatchObject({ ...NOTHING_WRONG, results: { begun_anew: 1 } });
    expect(sums(await dump(tenant))).toEqual(sums(before));
    await expectMirrorEqualsObjects(tenant);
  });

  it("takes no event in meanwhile: it waits among the dead", async () => {
    const between = onceTakenAway(async () => {
      await line.post(reversal(6));
      await line.drain();
    });
    const { report } = await rebuild(line, { faults: faults(2), between });
    expect(report).toMatchObject({ ...NOTHING_WRONG, results: { begun_anew: 1 } });
    expect(sums(await dump(tenant))).toEqual(sums(before));
    const { held = [] } = await dump(tenant);
    expect(held.filter((row) => row.includes("subject_frozen"))).toHaveLength(1);
    await expectMirrorEqualsObjects(tenant);
  });

  it.each([
    ["stands frozen", ""],
    [
      "was set free by a person",
      "UPDATE subjects SET frozen_ms = NULL, head = '?' WHERE tenant = ? AND subject = 'dist:B'",
    ],
  ])("is gone on with by the next rebuild where one died, and it %s", async (_, decided) => {
    const between = onceTakenAway(async () => {
      await tamper(
        told(tenant, "UPDATE reconciliation_runs SET state = 'failed' WHERE tenant = ?"),
      );
      // As somebody does whose log holds where the mirror stood.
      if (decided !== "") await tamper(told(tenant, decided.replace("'?'", `'${headOfB()}'`)));
    });
    // The first one had a person's word for it.
    await walkOver(line);
    const asked = { thaw: ["dist:B"] };
    const died = await rebuild(line, { asked, faults: faults(2), between });
    expect(died.state).toBe("failed");
    expect(await transfersOfB()).toBe(0);
    const { report } = await rebuild(line, { faults: faults(2) });
    expect(report).toMatchObject({ ...NOTHING_WRONG, results: { begun_anew: 1 } });
    expect(sums(await dump(tenant))).toEqual(sums(before));
    expect(await walkOver(line)).toMatchObject({ frozen: 0, repaired: 0 });
    await expectMirrorEqualsObjects(tenant);
  });

  it("ends with sums as they were where it does not come through", async () => {
    let taken = 0;
    const stuck = (ports: RebuildPorts): Partial<RebuildPorts> => ({
      ...faults(2)(ports),
      found: async (sought, limits) =>
        sought.length === 1 && sought[0]?.subject === "dist:B"
          ? undefined
          : ports.found(sought, limits),
      takeAway: async (place) => {
        taken += 1;
        if (taken === 1) await ports.takeAway(place);
      },
    });
    const { state, report } = await rebuild(line, { faults: stuck });
    expect(state).toBe("done");
    expect(report).toMatchObject({ failed: ["dist:B"], sums_left: true });
    expect(await transfersOfB()).toBe(0);
    const { transfers, lines, standings } = await dump(tenant);
    expect(sums(await dump(tenant))).toEqual({ ...sums(before), transfers, lines, standings });
    // Ended, it is known all the same.
    await rebuild(line, { faults: faults(2) });
    expect(sums(await dump(tenant))).toEqual(sums(before));
  });

  it("stays as it is, with what counts it, where a person has not set it free", async () => {
    await walkOver(line);
    const { report } = await rebuild(line, { faults: faults(2) });
    expect(report).toMatchObject({ frozen: ["dist:B"], sums_left: true });
    expect(sums(await dump(tenant))).toEqual(sums(before));
  });
});
