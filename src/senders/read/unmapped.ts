import type { Item } from "../sender.ts";

/** What a product tells that no event of the catalogue says: kept for a person to look at. */
export const unmapped = (
  told: { readonly id: string; readonly type: string },
  message: string,
): Item => ({
  kind: "broken",
  id: told.id,
  code: "unmapped",
  type: told.type,
  errors: [{ path: "type", rule: "unmapped", message }],
});
