import { expect, test } from "vitest";
import { labelText } from "#src/edge/http/label-text.ts";
import { call, controlRig, newTenant } from "../support/control-rig.ts";

const rig = controlRig();

const TAKEN = ["Acme", "  Acme  ", "Ä 日本 ✓", "👩‍👩‍👧", "عربى ‏", "x".repeat(100)];
const REFUSED = [
  { name: "nothing", text: "" },
  { name: "blanks alone", text: " \t " },
  { name: "too many characters", text: "x".repeat(101) },
  { name: "NUL", text: "a\u0000b" },
  { name: "a line's end", text: "a\nb" },
  { name: "half a character", text: "a\ud800b" },
  { name: "a turned direction", text: "a\u202etxt.exe" },
  { name: "an isolated direction", text: "a\u2066b" },
];

test.each(TAKEN)("%s can be what something is called", (text) => {
  expect(labelText("A name", 100).parse(text)).toBe(text.trim());
});

test.each(REFUSED)("neither a tenant nor a key is called $name", async ({ text }) => {
  const tenant = await newTenant(rig);
  const name = text.length > 100 ? text.repeat(2) : text;
  const answers = [
    await call(rig, `PUT /v1/tenants/${tenant}`, {
      body: { name, mode: "mirror", currency: "USD" },
    }),
    await call(rig, `POST /v1/tenants/${tenant}/keys`, { body: { role: "support", label: text } }),
  ];
  const told = answers.map(async (answer) => {
    const { errors } = await answer.json<{ errors: { path: string }[] }>();
    return [answer.status, [...new Set(errors.map(({ path }) => path))]];
  });
  expect(await Promise.all(told)).toEqual([
    [422, ["name"]],
    [422, ["label"]],
  ]);
});
