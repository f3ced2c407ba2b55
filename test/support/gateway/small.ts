import fc from "fast-check";

/*
 * Companies of a few people: thousands of their histories fit into a test run. To be imported before
 * the arbitraries, which take the size when they are made.
 */
fc.configureGlobal({ ...fc.readConfigureGlobal(), baseSize: "xsmall" });
