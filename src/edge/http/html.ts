import { createHash } from "node:crypto";

/** What makes a page one to print: given with its style, as the policy names that alone. */
export interface PageLook {
  readonly style: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Nothing is loaded, nothing runs, nobody frames it: such a page is text and this one style. */
export function pageLook(style: string): PageLook {
  const hash = createHash("sha256").update(style).digest("base64");
  const policy = [
    "default-src 'none'",
    `style-src 'sha256-${hash}'`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
  const headers = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": policy,
  };
  return { style, headers };
}

/** A whole page of a title and a body, which are HTML already. */
export const htmlPage = (
  { style }: PageLook,
  title: string,
  body: string,
): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`;

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

export const escapeHtml = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
