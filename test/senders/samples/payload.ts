// Vite reads the files when it transforms this one: the edge's tests have no file system.
const files: Readonly<Record<string, string>> = import.meta.glob(
  "../fixtures/payloads/*.{json,txt,xml,http}",
  {
    query: "?raw",
    import: "default",
    eager: true,
  },
);

/** A file of `fixtures/payloads/`, as it is. */
export function payload(name: string): string {
  const text = files[`../fixtures/payloads/${name}`];
  if (text === undefined) throw new Error(`Cannot find the payload "${name}"`);
  return text;
}
