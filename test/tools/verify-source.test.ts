import { expect, test } from "vitest";
import { openSource } from "../../scripts/verify/source.ts";

const bookmark = (n: number): string =>
  `0000000${n}-00000000-00004d5e-0123456789abcdef0123456789abcdef`;

/** Reads as often as there are answers, and tells what each read brought. */
async function brought(given: readonly (string | undefined)[]): Promise<readonly string[]> {
  const asked: string[] = [];
  const answers = [...given];
  const source = openSource({
    url: "https://gateway.example",
    tenant: "acme",
    token: "t",
    fetch: (_url, { headers }) => {
      asked.push(new Headers(headers).get("D1-Bookmark") ?? "");
      const mark = answers.shift();
      const more = mark === undefined ? {} : { "D1-Bookmark": mark };
      return Promise.resolve(Response.json({}, { headers: more }));
    },
  });
  for (let reads = 0; reads < given.length; reads += 1) await source.get("lines");
  return asked;
}

test("each read brings the newest bookmark of either database, whichever answer had it", async () => {
  const [one, two, three] = [bookmark(1), bookmark(2), bookmark(3)];
  expect(
    await brought([
      `${two}, control=${one}`,
      // Further on in one, further back in the other: an answer of another moment.
      `${one}, control=${three}`,
      `control=${two}`,
      undefined,
      three,
      undefined,
    ]),
  ).toEqual([
    "",
    `${two}, control=${one}`,
    `${two}, control=${three}`,
    `${two}, control=${three}`,
    `${two}, control=${three}`,
    `${three}, control=${three}`,
  ]);
});

test("brings none before there is any", async () => {
  expect(await brought([undefined, undefined])).toEqual(["", ""]);
});
