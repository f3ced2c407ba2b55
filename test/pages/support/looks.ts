/** What is looked at in the browser itself: {@link ./in-page.js}. */
interface InPage {
  readonly faintTexts: () => readonly string[];
  readonly focused: () => { readonly name: string; readonly width: number } | null;
  readonly overhang: () => number;
  readonly motions: () => readonly string[];
  readonly headingLevels: () => readonly number[];
  readonly brokenIds: () => readonly string[];
  readonly foreignParts: () => readonly string[];
  readonly storage: () => Promise<Readonly<Record<string, unknown>>>;
}

// A browser's globals are not this program's: these are plain JavaScript, sent as they are written.
export const inPage: InPage = await import(String(new URL("in-page.js", import.meta.url)));
