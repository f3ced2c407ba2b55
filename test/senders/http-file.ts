/** A request as a `.http` file has it: request line, headers, an empty line and the body. */
interface HttpFile {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Takes a `.http` file apart. Throws where it is none, so that a broken fixture shows. */
export function parseHttpFile(text: string): HttpFile {
  const head = /^([A-Z]+) (\S+) HTTP\/1\.1\r?\n((?:[^\r\n]+\r?\n)*)\r?\n/.exec(text);
  const [whole = "", method = "", target = "", lines = ""] = head ?? [];
  if (head === null) throw new Error("A .http file begins with a request line and headers");
  const headers = Object.fromEntries(
    lines
      .split(/\r?\n/)
      .filter((line) => line !== "")
      .map((line) => {
        const at = line.indexOf(":");
        if (at < 1) throw new Error(`No header: ${line}`);
        return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()];
      }),
  );
  const url = `https://${headers["host"] ?? "hooks.example.net"}${target}`;
  return { method, url, headers, body: text.slice(whole.length) };
}
