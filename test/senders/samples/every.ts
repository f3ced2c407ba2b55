import type { Sample } from "../sample.ts";

const files = import.meta.glob<readonly Sample[]>("./*.ts", { import: "samples", eager: true });

/** Every sample there is: a sender's own file holds those of its schemes. */
export const everySample: readonly Sample[] = Object.values(files).flatMap((list) => list ?? []);
