import fc from "fast-check";

// Arbitraries take their size when they are made. Plans and sales have theirs by then: companies
// where nobody is paid would show nothing.
await Promise.all([import("../histories/plan.ts"), import("../histories/sales.ts")]);
const usual = fc.readConfigureGlobal();
fc.configureGlobal({ ...usual, baseSize: "xsmall" });
const { histories } = await import("../histories/history.ts");
fc.configureGlobal(usual);

/** Companies of a few people: thousands of their histories fit into a test run. */
export const smallHistories = histories({ sales: 2 });
