import { mark } from "./parts.js";

/** How the states and degrees of the API are to be taken. */
const TONES = new Map([
  ["page", "bad"],
  ["dead", "bad"],
  ["failed", "bad"],
  ["rejected", "bad"],
  ["frozen", "bad"],
  ["ticket", "warn"],
  ["quarantined", "warn"],
  ["conflict", "warn"],
  ["parked", "warn"],
  ["buffered", "warn"],
  ["paused", "warn"],
  ["pending", "warn"],
  ["open", "warn"],
  ["applied", "good"],
  ["active", "good"],
  ["done", "good"],
  ["delivered", "good"],
  ["healed", "good"],
  ["resolved", "good"],
]);

export const toned = (state) =>
  state === null || state === undefined ? "–" : mark(state, TONES.get(state));
