import worker from "../src/worker.ts";
import { createStopwatch } from "./stopwatch.ts";
import { captureQueue } from "./billed/counting.ts";
export { Distributor, Record } from "../src/worker.ts";
const sw = createStopwatch(); const captured: any[] = []; const cap = new WeakMap(); const prof = new WeakMap();
const T: Record<string, number> = {};
const add = (k: string, ms: number) => { T[k] = (T[k] ?? 0) + ms; };
const names = new WeakMap<object, string>();
let callStart = 0, callEnd = 0, calls = 0;
function over(t: any, m: any): any { return new Proxy(t, { get(f, n) { if (Object.hasOwn(m, n)) return m[n]; const v = Reflect.get(f, n); return typeof v === "function" ? v.bind(f) : v; } }); }
const real = new WeakMap<object, any>();
function stmt(sql: string, s: any): any {
  const w = over(s, { bind: (...v: any[]) => stmt(sql, s.bind(...v)), all: async () => { const t = performance.now(); const r = await s.all(); add("d1.all wall", performance.now() - t); add("d1.all dur", r.meta.duration); return r; } });
  real.set(w, { s, sql }); return w;
}
function profEnv(env: any): any {
  const known = prof.get(env); if (known) return known;
  const d1 = (d: any): any => over(d, {
    prepare: (sql: string) => stmt(sql, d.prepare(sql)),
    withSession: (c: any) => d1(d.withSession(c)),
    batch: async (list: any[]) => { const t = performance.now(); const k = list.map((x) => real.get(x)); const r = await d.batch(k.map((x) => x.s)); add("d1.batch wall", performance.now() - t);
      for (const [i, x] of r.entries()) { const m = /\b(INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM)\s+(\w+)/i.exec(k[i].sql); add("d1 " + (m ? m[1] + " " + m[2] : "read"), x.meta.duration); add("d1 rowsread " + (m ? m[1] + " " + m[2] : "read"), x.meta.rows_read); } return r; } });
  const fresh = { ...env, MIRROR_0: d1(env.MIRROR_0),
    ARCHIVE_0: over(env.ARCHIVE_0, { put: async (...a: any[]) => { const t = performance.now(); const r = await env.ARCHIVE_0.put(...a); add("r2 wall", performance.now() - t); return r; } }),
    DISTRIBUTOR: over(env.DISTRIBUTOR, { getByName: (n: string) => { const s = env.DISTRIBUTOR.getByName(n); return { settle: async (c: any) => { if (calls++ === 0) callStart = performance.now(); const r = await s.settle(c); if (--calls === 0) add("rpc wall", performance.now() - callStart); return r; }, tail: (a: any) => s.tail(a) }; } }) };
  prof.set(env, fresh); return fresh;
}
export default {
  async fetch(request: any, env: any, ctx: any) {
    const p = new URL(request.url).pathname;
    if (p === "/bench/captured") return Response.json(captured.splice(0));
    if (p === "/bench/profile") { const r = Response.json(T); for (const k in T) delete T[k]; return r; }
    const a = await sw.answer(request, env.EVENTS_0); if (a) return a;
    const ce = cap.get(env) ?? { ...env, EVENTS_0: captureQueue(env.EVENTS_0, captured) }; cap.set(env, ce);
    return worker.fetch(request, ce, ctx);
  },
  queue: (batch: any, env: any, ctx: any) => sw.time(batch.messages.length, async () => { const t = performance.now(); await worker.queue(batch, profEnv(env), ctx); add("total", performance.now() - t); }),
};
