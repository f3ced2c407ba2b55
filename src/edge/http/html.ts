import { createHash } from "node:crypto";

/** What makes a page one to print: given with its style, as the policy names that alone. */
export interface PageLook {
  readonly style: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Nothing is loaded, nothing runs, nobody frames it: such a page is text and this one style. */
function pageLook(style: string): PageLook {
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

/** A page to read and to print: a column of text and tables, so wide, and what else it needs. */
export const printLook = (width: string, more: string): PageLook =>
  pageLook(`
@page { size: A4; margin: 15mm }
body { font: 11pt/1.4 system-ui, sans-serif; max-width: ${width}; margin: 2rem auto; padding: 0 1rem; color: #111; background: #fff; overflow-wrap: anywhere }
h1 { font-size: 1.4rem; margin: 0 }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 1rem }
dd { margin: 0 }
table { width: 100%; border-collapse: collapse; margin: 1.5rem 0; break-inside: avoid }
caption { text-align: left; font-weight: bold; padding-bottom: .3rem }
th { text-align: left; font-weight: normal }
thead th { font-weight: bold }
th, td { padding: .15rem .3rem; border-bottom: 1px solid #ccc }
p { font-size: .9rem }
@media print { body { margin: 0; padding: 0; max-width: none } }
${more}`);

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
