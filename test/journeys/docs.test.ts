import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LocalGateway, makeStateDir, startLocal } from "./support/gateway.ts";

const { stateDir, remove } = makeStateDir();
let gateway: LocalGateway;

beforeAll(async () => {
  gateway = await startLocal(stateDir);
});

afterAll(async () => {
  await gateway.stop();
  remove();
});

const page = async (): Promise<{ readonly html: string; readonly response: Response }> => {
  const response = await fetch(`${gateway.url}/docs`, { redirect: "manual" });
  return { html: await response.text(), response };
};

const namedIn = (html: string): readonly string[] =>
  [...html.matchAll(/\b(?:href|src)="([^"]*)"/g)].map(([, address = ""]) => address);

describe("/docs", () => {
  test("is a page of which every file is there, and each of its own", async () => {
    const { html, response } = await page();
    expect(response.status).toBe(200);
    expect(response.headers.get("Content-Type")).toMatch(/^text\/html/);
    const named = namedIn(html);
    expect(named).toContain("/openapi.json");
    expect(named.length).toBeGreaterThan(5);
    for (const address of named) {
      expect(address).toMatch(/^\/(?!\/)/);
      const file = await fetch(`${gateway.url}${address}`, { redirect: "manual" });
      expect(`${address} ${file.status}`).toBe(`${address} 200`);
      expect((await file.arrayBuffer()).byteLength).toBeGreaterThan(20);
    }
  });

  test("has nothing inline, and a policy that lets nothing come from elsewhere", async () => {
    const { html, response } = await page();
    expect(html).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=|https?:/i);
    const policy = response.headers.get("Content-Security-Policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    expect(response.headers.get("X-Content-Type-Options")).toBe("nosniff");
  });

  test("starts with this deployment's document and nobody's validator", async () => {
    const script = await (await fetch(`${gateway.url}/docs/page.js`)).text();
    expect(script).toContain('url: "/openapi.json"');
    expect(script).toContain("validatorUrl: null");
    expect(script).not.toMatch(/https?:/);
    const document = await (await fetch(`${gateway.url}/openapi.json`)).json();
    expect(document).toMatchObject({ openapi: "3.1.1", servers: [{ url: "/" }] });
  });
});
