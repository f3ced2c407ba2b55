import * as z from "zod";
import { printable } from "../../core/contracts/fields.ts";

/** No character that turns round how what follows is written: a list would show another name. */
const STRAIGHT = /^[^\u202a-\u202e\u2066-\u2069]*$/u;

/** What people call something, at least one character: blanks around it are taken off first. */
export const labelText = (meaning: string, charsMax: number) =>
  z
    .string()
    .trim()
    .pipe(
      printable(meaning, charsMax).regex(
        STRAIGHT,
        "Must not hold characters that change the direction of writing",
      ),
    );
