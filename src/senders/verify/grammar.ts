/** How a signature header is written, as data: a `custom` source gives its own as JSON. */
export type Grammar =
  /** The whole header is the signature, after a prefix such as `sha256=`. */
  | { readonly kind: "bare"; readonly prefix?: string }
  /** `t=1785000000,v1=<hex>,v1=<hex>`: one signature for each secret live; other names are skipped. */
  | {
      readonly kind: "fields";
      readonly signature: string;
      readonly timestamp?: string;
      /** A comma where absent. */
      readonly separator?: string;
    }
  /** `v1,<base64> v1,<base64>`: entries without the prefix are skipped. */
  | { readonly kind: "list"; readonly separator: string; readonly prefix?: string };

export interface Signed {
  readonly candidates: readonly string[];
  readonly timestamp?: string;
}

/** The whole header is the signature. */
export const bare: Grammar = { kind: "bare" };

/** Takes a signature header apart; nothing, where it does not follow the grammar. */
export function parseSignature(grammar: Grammar, header: string): Signed | undefined {
  switch (grammar.kind) {
    case "bare": {
      const { prefix = "" } = grammar;
      if (!header.startsWith(prefix)) return undefined;
      return { candidates: [header.slice(prefix.length)] };
    }
    case "fields":
      return parseFields(grammar, header);
    case "list": {
      const { separator, prefix = "" } = grammar;
      const entries = header.split(separator).filter((entry) => entry.startsWith(prefix));
      return { candidates: entries.map((entry) => entry.slice(prefix.length)) };
    }
  }
}

function parseFields(
  grammar: Extract<Grammar, { kind: "fields" }>,
  header: string,
): Signed | undefined {
  const pairs = header.split(grammar.separator ?? ",").map((field) => {
    const at = field.indexOf("=");
    return { name: field.slice(0, Math.max(at, 0)), value: field.slice(at + 1) };
  });
  const valuesOf = (wanted: string) =>
    pairs.filter(({ name }) => name === wanted).map(({ value }) => value);
  const candidates = valuesOf(grammar.signature);
  if (grammar.timestamp === undefined) return { candidates };

  const [timestamp, ...others] = valuesOf(grammar.timestamp);
  if (others.length > 0) return undefined;
  return timestamp === undefined ? { candidates } : { candidates, timestamp };
}
