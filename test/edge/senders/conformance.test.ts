import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { SENDERS } from "#src/senders/index.ts";
import type { Sample } from "../../senders/sample.ts";
import { everySample } from "../../senders/samples/every.ts";
import { layLine, type Line } from "../support/line.ts";
import { gateOf, type Made, taking, tlsOf } from "./gate.ts";

const MALFORMED = ["{", "", "\u0000"] as const;

let line: Line;
beforeAll(async () => {
  // A source for every case of every sender.
  line = await layLine({}, { quotas: { sources: 10_000 } });
});

const { call, makeSource, prove, post } = gateOf(() => line);

const unproven = ({ headers = {}, method = "POST" }: Sample, made: Made): Made => ({
  url: made.url.split("?")[0] ?? "",
  method,
  headers,
  body: "{}",
});

const rowsOf = async (source: string) =>
  (
    await env.MIRROR_0.prepare(
      `SELECT e.sender_id AS id, e.outcome, e.repeated, h.state FROM events e
        LEFT JOIN held h ON h.tenant = e.tenant AND h.event_id = e.event_id
        WHERE e.tenant = ? AND e.source = ? ORDER BY e.event_id`,
    )
      .bind(line.company.tenant, source)
      .all<{ id: string; outcome: string; repeated: number; state: string | null }>()
  ).results;

test("every scheme of every sender has a sample", () => {
  const known = new Set(everySample.map(({ sender, scheme }) => `${sender.name} ${scheme}`));
  const wanted = [...new Set(SENDERS.values())].flatMap(({ name, schemes }) =>
    Object.entries(schemes).flatMap(([scheme, { isTrial }]) =>
      isTrial ? [] : `${name} ${scheme}`,
    ),
  );
  expect(wanted.filter((one) => !known.has(one))).toEqual([]);
});

describe.each(
  taking.map((sample) => [`${sample.sender.name} by ${sample.scheme}`, sample] as const),
)("%s, through the gateway", (_name, sample) => {
  test("is taken in once, however often it is sent", async () => {
    const source = await makeSource(sample);
    const made = await prove(sample, source);
    const first = await post(made);
    expect([first.status, await first.text()]).toEqual([
      expect.toBeOneOf([200, 202]),
      expect.anything(),
    ]);
    await line.drain();
    const rows = await rowsOf(source);
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.filter(({ outcome }) => outcome === "dead")).toEqual([]);

    // A retry is signed anew, unless its time stands in the body: nobody makes that anew.
    const anew = await prove(sample, source);
    const second = await post(anew.body === made.body ? anew : made);
    expect(second.status).toBe(first.status);
    await line.drain();
    const both = await rowsOf(source);
    expect(both.slice(0, rows.length)).toEqual(rows);
    const again = both.slice(rows.length).map(({ id }) => id);
    expect(again.toSorted()).toEqual(rows.map(({ id }) => id).toSorted());
    expect(new Set(both.slice(rows.length).map(({ outcome }) => outcome))).toEqual(
      new Set(["duplicate"]),
    );
    expect(both.filter(({ state }) => state !== null)).toEqual(
      rows.filter(({ state }) => state !== null),
    );
  });

  test("is refused without its proof, and explained", async () => {
    const source = await makeSource(sample);
    const made = await prove(sample, source);
    const stranger = unproven(sample, made);
    const response = await post(stranger);
    expect(response.status).toBe(401);

    const path = `/v1/tenants/${line.company.tenant}/sources/${source}/explain`;
    const ask = async (request: Made) => {
      const certificate = tlsOf(request);
      const captured = { ...request, certificate };
      const answer = await call(`POST ${path}`, captured);
      return answer.json<{ verdict: string; steps: { step: string; ok: boolean }[] }>();
    };
    const refused = await ask(stranger);
    expect(refused).toMatchObject({ verdict: "refused", reason: expect.any(String) });
    expect(refused.steps.some(({ ok }) => !ok)).toBe(true);
    const believed = await ask(made);
    expect(["accepted", "quarantined"]).toContain(believed.verdict);
    expect(JSON.stringify([refused, believed])).not.toContain(sample.secret);
    expect(line.queued).toEqual([]);
  });

  test("is answered by policy where nobody can read it", async () => {
    const source = await makeSource(sample);
    const given = sample.malformed?.map(([, body]) => body) ?? MALFORMED;
    const texts = given.filter((body) => typeof body === "string");
    // A proof that stands in the body, or is judged by it, is gone with it.
    const isWithin = sample.proof === "body" || sample.sender.name === "gohighlevel";
    const refused = isWithin ? [400, 401] : [400];
    const wanted = sample.sender.family === "connector" ? [200, 202] : refused;
    for (const body of texts) {
      const genuine = await prove(sample, source, sample.proof === "body" ? sample.body : body);
      const response = await post({ ...genuine, body });
      expect([body, response.status]).toEqual([body, expect.toBeOneOf(wanted)]);
    }
    await line.drain();
  });
});
