/** What Vite makes of it, as far as the tests use it: https://vite.dev/guide/features#glob-import */
interface ImportMeta {
  glob(
    pattern: string,
    options: { readonly query: "?raw"; readonly import: "default"; readonly eager: true },
  ): Record<string, string>;
  glob<Value>(
    pattern: string | readonly string[],
    options: { readonly import: string; readonly eager: true },
  ): Record<string, Value | undefined>;
}
