import { afterEach, expect, test, vi } from "vitest";
import { webhook } from "#src/destinations/webhook.ts";
import { sendDelivery } from "#src/edge/outbound/send.ts";
import { SECRET, URL_OF_HOOK } from "./rig.ts";

afterEach(() => {
  vi.useRealTimers();
});

const sending = {
  kind: webhook,
  settings: { url: URL_OF_HOOK, secrets: [SECRET] },
  delivery: { deliveryId: "out_1", body: "{}" },
};

const ports = (fetched: typeof fetch, isLocal = false) => ({
  fetch: fetched,
  isLocal,
  nowMs: () => Date.now(),
});

test("waits 15 s for an answer, and hangs up", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
  const asked: AbortSignal[] = [];
  const never: typeof fetch = (_input, init) => {
    if (init?.signal) asked.push(init.signal);
    return new Promise(() => undefined);
  };
  const sent = sendDelivery(ports(never), sending);
  // Signing takes real time, of which none of the other passes.
  while (asked.length === 0) await scheduler.wait(1);
  await vi.advanceTimersByTimeAsync(14_999);
  expect(asked[0]?.aborted).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(await sent).toMatchObject({
    attempt: { took_ms: 15_000, error: "No answer within 15000 ms" },
    outcome: { kind: "failed" },
  });
  expect(asked[0]?.aborted).toBe(true);
});

test("reads nothing of an answer, and follows it nowhere", async () => {
  let isCancelled = false;
  const inits: (RequestInit | undefined)[] = [];
  const endless = new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array(1024)),
    cancel: () => {
      isCancelled = true;
    },
  });
  const { attempt, outcome } = await sendDelivery(
    ports(async (_input, init) => {
      inits.push(init);
      return new Response(endless, { status: 302, headers: { Location: "https://x.example/" } });
    }),
    sending,
  );
  expect(isCancelled).toBe(true);
  expect(inits).toMatchObject([{ redirect: "manual", method: "POST" }]);
  expect(outcome).toEqual({ kind: "failed" });
  expect(attempt).toMatchObject({ status: 302, error: "The address redirects (status 302)" });
});

test.each([
  { url: "http://hooks.example.com/", isLocal: false, isAsked: false },
  { url: "https://127.0.0.1/", isLocal: false, isAsked: false },
  { url: "https://metadata.internal/", isLocal: false, isAsked: false },
  { url: "https://[fd00::1]/", isLocal: false, isAsked: false },
  { url: "https://hooks.example.com/", isLocal: false, isAsked: true },
  { url: "http://127.0.0.1:9/", isLocal: true, isAsked: true },
])("asks $url where isLocal is $isLocal: $isAsked", async ({ url, isLocal, isAsked }) => {
  let asked = 0;
  const counting: typeof fetch = async () => {
    asked += 1;
    return new Response();
  };
  const settings = { url, secrets: [SECRET] };
  const { outcome, attempt } = await sendDelivery(ports(counting, isLocal), {
    ...sending,
    settings,
  });
  expect(asked).toBe(isAsked ? 1 : 0);
  expect(outcome.kind).toBe(isAsked ? "delivered" : "failed");
  expect(attempt.error ?? "").not.toContain(new URL(url).hostname);
});

test("a secret that cannot sign is a failure that does not quote it", async () => {
  const settings = { url: URL_OF_HOOK, secrets: ["whsec_no base64"] };
  const { attempt } = await sendDelivery(ports(fetch), { ...sending, settings });
  expect(attempt).toMatchObject({ error: "The request could not be signed" });
});
