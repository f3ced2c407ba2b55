import fc from "fast-check";

// Arbitraries take their size when they are made: these are made after it was set.
const usual = fc.readConfigureGlobal();
fc.configureGlobal({ ...usual, baseSize: "xsmall" });
const [{ histories }, { script }] = await Promise.all([
  import("../histories/history.ts"),
  import("./play.ts"),
]);

/** Companies of a few people: thousands of their histories fit into a test run. */
export const smallHistories = histories({ sales: 2 });

export { script };

fc.configureGlobal(usual);
