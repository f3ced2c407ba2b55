/** How often a random test runs: twenty times as often in `npm run test:long`. */
export const runs = (count: number): number => (process.env["LONG"] === "1" ? 20 * count : count);
