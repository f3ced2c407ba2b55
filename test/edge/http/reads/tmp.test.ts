import { test } from "vitest";
import { posted, readRig } from "./rig.ts";
test("x", async () => {
  const rig = await readRig();
  await rig.mirror("dist:d1", [posted("d1", "L1", 400)], "A. K.");
  const r = await rig.call("GET distributors/d1");
  console.log(r.status, [...r.headers], await r.text());
  for (const p of ["distributors/d1/ledger", "distributors/d1/lines", "lines?order_id=o1","ledger/balances","events","held","pipeline","breaks", "distributors/d1?consistency=strong","distributors/d1?consistency=x&foo=1"]) {
    const q = await rig.call("GET " + p);
    console.log(p, q.status, await q.text());
  }
});
