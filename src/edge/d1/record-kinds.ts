/** Under which kind the mirror shows the registers whose keys begin so. */
export const RECORD_KINDS: ReadonlyMap<string, string> = new Map([
  ["cust", "customer"],
  ["sku", "inventory"],
  ["period", "period"],
  ["ticket", "ticket"],
  ["autoship", "autoship"],
]);
