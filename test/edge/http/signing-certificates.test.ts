import { describe, expect, test, vi } from "vitest";
import { type CertificatePorts, signingCertificates } from "#src/edge/http/signing-certificates.ts";
import certificates from "../../senders/fixtures/certificates/paypal.json" with { type: "json" };

const { ca, leaf, other } = certificates;
const URL_ASKED = "https://api.paypal.com/v1/notifications/certs/CERT-1";
const NOW_MS = Date.UTC(2026, 6, 25, 17, 20);
const HOUR_MS = 3_600_000;

/** Certificates at whatever `answer` says; `clock.nowMs` is the time. */
function rig(answer: (url: string, init?: RequestInit) => Response | Promise<Response>) {
  const clock = { nowMs: NOW_MS };
  const asked: string[] = [];
  const log = vi.fn<NonNullable<CertificatePorts["log"]>>();
  const certificateAt = signingCertificates({
    fetch: async (input, init) => {
      const url = input instanceof Request ? input.url : input.toString();
      asked.push(url);
      return answer(url, init);
    },
    nowMs: () => clock.nowMs,
    log,
  });
  return { certificateAt, clock, asked, log };
}

const pem = (text: string) => () => new Response(text);

describe("signingCertificates()", () => {
  test("tells a certificate's key, names and dates", async () => {
    const { certificateAt } = rig(pem(leaf));
    expect(await certificateAt(URL_ASKED)).toEqual({
      publicKey: expect.stringMatching(/^-----BEGIN PUBLIC KEY-----\n/),
      names: ["messageverificationcerts.paypal.com", "messageverificationcerts.paypal.com"],
      notBeforeMs: Date.UTC(2020, 0, 1),
      notAfterMs: Date.UTC(2120, 0, 1),
    });
  });

  test("asks without following anywhere", async () => {
    const inits: (RequestInit | undefined)[] = [];
    const { certificateAt } = rig((_url, init) => {
      inits.push(init);
      return new Response(leaf + ca);
    });
    expect(await certificateAt(URL_ASKED)).toBeDefined();
    expect(inits).toMatchObject([{ redirect: "manual", signal: expect.any(AbortSignal) }]);
  });

  test.each([
    ["leaf and issuer", leaf + ca],
    ["a text around them", `Certificate:\n${leaf}\nIssuer:\n${ca}`],
  ])("believes %s", async (_name, text) => {
    expect(await rig(pem(text)).certificateAt(URL_ASKED)).toBeDefined();
  });

  test.each<[string, () => Response | Promise<Response>]>([
    ["a leaf issued by none that follows", pem(leaf + other)],
    ["a chain the wrong way round", pem(ca + leaf)],
    ["no certificate", pem("nothing")],
    ["what is no certificate inside", pem(leaf.replace(/\n\w{8}/, "\nAAAAAAAA"))],
    ["nine certificates", pem(leaf + ca.repeat(8))],
    ["a body too long", pem(leaf + " ".repeat(64 * 1024))],
    ["a redirection", () => Response.redirect("https://api.paypal.com/else", 302)],
    ["an error", () => new Response(leaf, { status: 404 })],
    ["no body", () => new Response(null, { status: 200 })],
    ["no answer", () => Promise.reject(new Error("Network connection lost"))],
  ])("has none of %s", async (_name, answer) => {
    const { certificateAt, log } = rig(answer);
    expect(await certificateAt(URL_ASKED)).toBeUndefined();
    expect(log).toHaveBeenCalledWith("warn", "certificate_unavailable", {
      host: "api.paypal.com",
      error: expect.any(Error),
    });
  });

  test.each([Date.UTC(2019, 11, 31, 23, 59, 59), Date.UTC(2120, 0, 1, 0, 0, 1)])(
    "has none that is not valid at %s",
    async (nowMs) => {
      const { certificateAt, clock } = rig(pem(leaf));
      clock.nowMs = nowMs;
      expect(await certificateAt(URL_ASKED)).toBeUndefined();
    },
  );

  test.each(["http://api.paypal.com/cert", "file:///cert", "no URL"])(
    "never asks for %s",
    async (url) => {
      const { certificateAt, asked } = rig(pem(leaf));
      expect(await certificateAt(url)).toBeUndefined();
      expect(asked).toEqual([]);
    },
  );

  test("asks again after an hour, and not before", async () => {
    const { certificateAt, clock, asked } = rig(pem(leaf));
    await certificateAt(URL_ASKED);
    clock.nowMs += HOUR_MS - 1;
    await certificateAt(URL_ASKED);
    expect(asked).toHaveLength(1);
    clock.nowMs += 1;
    expect(await certificateAt(URL_ASKED)).toBeDefined();
    expect(asked).toHaveLength(2);
  });

  test("asks for one that failed again after a minute, and not before", async () => {
    let isDown = true;
    const { certificateAt, clock, asked } = rig(
      () => new Response(leaf, { status: isDown ? 503 : 200 }),
    );
    await certificateAt(URL_ASKED);
    clock.nowMs += 59_999;
    isDown = false;
    expect(await certificateAt(URL_ASKED)).toBeUndefined();
    expect(asked).toHaveLength(1);
    clock.nowMs += 1;
    expect(await certificateAt(URL_ASKED)).toBeDefined();
  });

  test("asks once for what many want at once", async () => {
    const { certificateAt, asked } = rig(async () => {
      await new Promise((resolve) => setTimeout(resolve, 120));
      return new Response(leaf);
    });
    const all = await Promise.all(Array.from({ length: 10 }, () => certificateAt(URL_ASKED)));
    expect(all.every((certificate) => certificate !== undefined)).toBe(true);
    expect(asked).toHaveLength(1);
  });

  test("gives no more of itself to made-up URLs than thirty fetches a minute", async () => {
    const { certificateAt, clock, asked } = rig(
      (url) => new Response(leaf, { status: url.includes("forged") ? 404 : 200 }),
    );
    expect(await certificateAt(URL_ASKED)).toBeDefined();
    for (let at = 0; at < 250; at += 1) await certificateAt(`${URL_ASKED}?forged=${at}`);
    expect(asked).toHaveLength(30);
    expect(await certificateAt(URL_ASKED)).toBeDefined();
    expect(asked).toHaveLength(30);
    clock.nowMs += 60_000;
    expect(await certificateAt(`${URL_ASKED}-2`)).toBeDefined();
  });

  test("keeps twenty", async () => {
    const { certificateAt, asked } = rig(pem(leaf));
    for (let at = 0; at < 21; at += 1) await certificateAt(`${URL_ASKED}-${at}`);
    await certificateAt(`${URL_ASKED}-20`);
    expect(asked).toHaveLength(21);
    await certificateAt(`${URL_ASKED}-0`);
    expect(asked).toHaveLength(22);
  });

  test("waits no longer than five seconds", async () => {
    vi.useFakeTimers();
    try {
      const { certificateAt } = rig(() => new Promise(() => {}));
      const asked = certificateAt(URL_ASKED);
      await vi.advanceTimersByTimeAsync(5001);
      expect(await asked).toBeUndefined();
    } finally {
      vi.useRealTimers();
    }
  });
});
