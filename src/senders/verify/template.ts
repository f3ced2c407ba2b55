import { fromText } from "./bytes.ts";

const PLACES = /(\{[a-z]+(?::[a-z\d-]+)?\})/;

/** What is signed, as its document prints it: `{timestamp}.{body}`. */
export interface Template {
  readonly text: string;
  /** The places it names, as `timestamp` or `header:x-id`. */
  readonly places: readonly string[];
  readonly bytesOf: (values: Readonly<Record<string, string | Uint8Array>>) => Uint8Array;
}

/** The body enters as the bytes that arrived: no decoding, no trimming (PROVIDERS 0.1.1). */
export function template(text: string): Template {
  const parts = text
    .split(PLACES)
    .filter((part) => part !== "")
    .map((part) => (PLACES.test(part) ? { name: part.slice(1, -1) } : { text: part }));

  return {
    text,
    places: parts.flatMap((part) => ("name" in part ? [part.name] : [])),
    bytesOf(values) {
      const pieces: Uint8Array[] = [];
      // Texts side by side are encoded at once: each encoding is a call out of JavaScript.
      let pending = "";
      for (const part of parts) {
        const value = "text" in part ? part.text : (values[part.name] ?? "");
        if (typeof value === "string") {
          pending += value;
        } else {
          pieces.push(fromText(pending), value);
          pending = "";
        }
      }
      if (pending !== "") pieces.push(fromText(pending));
      return joined(pieces);
    },
  };
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
