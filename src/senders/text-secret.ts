const SECRET_CHARS_MIN = 8;

/** What is wrong with a secret that is used as the text it is. */
export function checkTextSecret(secret: string): string | undefined {
  if (/\s/.test(secret)) return "The secret contains white space: was it copied whole?";
  if (secret.length >= SECRET_CHARS_MIN) return undefined;
  return `The secret has ${secret.length} characters, fewer than ${SECRET_CHARS_MIN}`;
}
