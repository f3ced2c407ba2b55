import { env, exports } from "cloudflare:workers";
import { expect, test } from "vitest";
import openapi from "../../../public/openapi.json";
import { SAMPLES } from "../../core/contracts/samples.ts";
import { foundCompany, ORIGIN } from "../support/company.ts";

/** In every place where a person can stand: a name, addresses, what somebody wrote. */
const MARK = "Zyxmarius";
const PII = {
  name: `${MARK} Qworthy`,
  email: `${MARK}@mail.example`,
  phone: `+386 ${MARK}`,
  address: `${MARK} 7`,
};

const company = await foundCompany();
const { tenant } = company;
const enrolment = {
  ...SAMPLES["distributor.enrolled"],
  id: "enrolled",
  key: "dist:B",
  rev: 1,
  data: { distributor_id: "B", status: "active", joined_at: "2026-01-31", country: "US", pii: PII },
};
/** Registers whose unknown members and words are somebody's. */
const registers = (["lead.upserted", "customer.linked", "ticket.upserted"] as const).map(
  (type) => ({
    ...SAMPLES[type],
    id: type,
    data: { ...SAMPLES[type].data, ...PII, note: MARK },
  }),
);
/** Refused by its contract, so that its errors are kept as well. */
const odd = {
  ...SAMPLES["adjustment.posted"],
  id: "odd",
  key: "dist:B",
  seq: 1,
  data: { ...SAMPLES["adjustment.posted"].data, amount_minor: MARK, note: MARK },
};
const accepted = await company.post([enrolment, ...registers]);
if (accepted.status !== 202) throw new Error(await accepted.text());
const refused = await company.post(odd);
if ((await refused.text()).includes(MARK)) throw new Error("A refusal quotes what was sent");
await company.settled(["enrolled", ...registers.map(({ id }) => id)]);

const get = (path: string, token: string) =>
  exports.default.fetch(`${ORIGIN}${path}`, {
    headers: { Authorization: `Bearer ${token}` },
  });

async function keyOf(role: string): Promise<string> {
  const made = await company.api(`POST /v1/tenants/${tenant}/keys`, { role });
  return (await made.json<{ key: string }>()).key;
}

/** Every read there is, of the people above where it names one. */
async function paths(): Promise<readonly string[]> {
  const found = await get(`/v1/tenants/${tenant}/events`, env.ADMIN_TOKEN);
  const { items } = await found.json<{ items: { event_id: string }[] }>();
  const reads = Object.entries(openapi.paths)
    .filter(([path, methods]) => path.startsWith("/v1/tenants/") && "get" in methods)
    .map(([path]) =>
      path
        .replace("{tenant}", tenant)
        .replace("{distributor}", "B")
        .replace("{source}", "core")
        .replace("{month}", "2026-07")
        .replace("{subject}", "dist%3AB"),
    );
  const events = items.map(({ event_id }) => event_id);
  const each = reads.flatMap((path) =>
    path.includes("{event}") ? events.map((id) => path.replace("{event}", id)) : [path],
  );
  const status = `/v1/tenants/${tenant}/distributors/B`;
  return [...each.filter((path) => !path.endsWith("/live")), `${status}?consistency=strong`];
}

async function shown(token: string): Promise<{ status: number; path: string; text: string }[]> {
  const answers = [];
  for (const path of await paths()) {
    const response = await get(path, token);
    answers.push({ path, status: response.status, text: await response.text() });
  }
  return answers;
}

const leaks = (answers: readonly { path: string; text: string }[]) =>
  answers.filter(({ text }) => text.toLowerCase().includes(MARK.toLowerCase()));

test.each(["support", "auditor"])("%s reads nobody's name or address anywhere", async (role) => {
  const answers = await shown(await keyOf(role));
  expect(leaks(answers)).toEqual([]);
  const read = answers.filter(({ status }) => status === 200).map(({ path }) => path);
  expect(read.length).toBeGreaterThanOrEqual(role === "auditor" ? 20 : 5);
  const status = answers.find(({ path }) => path.endsWith("/distributors/B"));
  expect(JSON.parse(status?.text ?? "{}")).toMatchObject({ name: "Z. Q." });
});

test("support reads no more through a link that it makes", async () => {
  const made = await exports.default.fetch(`${ORIGIN}/v1/tenants/${tenant}/distributors/B/links`, {
    method: "POST",
    headers: {
      Authorization: `Bearer ${await keyOf("support")}`,
      "Content-Type": "application/json",
    },
    body: "{}",
  });
  const answers = await shown((await made.json<{ token: string }>()).token);
  expect(leaks(answers)).toEqual([]);
  expect(answers.filter(({ status }) => status === 200).map(({ path }) => path)).toContain(
    `/v1/tenants/${tenant}/distributors/B?consistency=strong`,
  );
});

test("finance reads a name from the object alone, and no address", async () => {
  const answers = leaks(await shown(await keyOf("finance")));
  expect(answers.map(({ path }) => path)).toEqual([
    `/v1/tenants/${tenant}/distributors/B?consistency=strong`,
  ]);
  expect(JSON.parse(answers[0]?.text ?? "{}")).toMatchObject({ name: PII.name });
  expect(answers[0]?.text).not.toContain("mail.example");
});
