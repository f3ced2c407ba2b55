import { fromText } from "./bytes.ts";

const PLACES = /(\{[a-z]+\})/;

/** What is signed, as its document prints it: `{timestamp}.{body}`. */
export interface Template {
  readonly text: string;
  readonly bytesOf: (values: Readonly<Record<string, string | Uint8Array>>) => Uint8Array;
}

/** The body enters as the bytes that arrived: no decoding, no trimming (PROVIDERS 0.1.1). */
export function template(text: string): Template {
  const parts = text.split(PLACES).filter((part) => part !== "");

  return {
    text,
    bytesOf(values) {
      const pieces = parts.map((part) => {
        const value = PLACES.test(part) ? (values[part.slice(1, -1)] ?? "") : part;
        return typeof value === "string" ? fromText(value) : value;
      });
      const bytes = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
      let at = 0;
      for (const piece of pieces) {
        bytes.set(piece, at);
        at += piece.length;
      }
      return bytes;
    },
  };
}
