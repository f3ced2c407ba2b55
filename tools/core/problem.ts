/** What a caller did wrong, or the core cannot do: told as RFC 9457 has it. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly status: number;
  readonly errors: readonly ProblemError[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    title: string,
    errors: readonly ProblemError[] = [],
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(title);
    this.status = status;
    this.errors = errors;
    this.headers = headers;
  }
}

export interface ProblemError {
  /** A parameter's or a member's name. */
  readonly path: string;
  readonly rule: string;
  readonly message: string;
}

/** One parameter or member is wrong. */
export const badParameter = (path: string, rule: string, message: string): Problem =>
  new Problem(400, "A parameter is invalid", [{ path, rule, message }]);

export const problemText = ({ status, message: title, errors }: Problem): string =>
  JSON.stringify({
    type: "about:blank",
    title,
    status,
    ...(errors.length > 0 && { errors }),
  });
