import * as z from "zod";

const ADDRESS_CHARS_MAX = 2048;

function isWebAddress(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || !["http:", "https:"].includes(url.protocol)) return false;
  // Credentials have a field of their own, where they are sealed; an address is shown.
  return url.username === "" && url.password === "";
}

/** An http or https address without credentials in it. */
export const WebAddress = z
  .string()
  .max(ADDRESS_CHARS_MAX)
  .refine(isWebAddress, {
    message: "Must be an http or https address without user and password",
    params: { rule: "url" },
  });
