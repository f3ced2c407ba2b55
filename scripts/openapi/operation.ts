import type * as z from "zod";
import type { Permission } from "../../src/core/access.ts";
import type { ProblemCode } from "../../src/edge/http/problem.ts";
import type { AnswerName } from "./answers.ts";
import type { TAGS } from "./sections.ts";

/** One operation, as far as the document cannot work it out by itself. */
export interface Operation {
  readonly id: string;
  readonly tag: (typeof TAGS)[number]["name"];
  readonly summary: string;
  readonly description?: string;
  readonly permission: Permission | "public";
  readonly query?: z.ZodObject;
  readonly body?: { readonly schema: z.ZodType; readonly example: object };
  readonly answer: Answer;
  /** Beside those that every operation of its kind has. */
  readonly problems?: readonly ProblemCode[];
}

export interface Answer {
  readonly status: 200 | 201 | 202 | 204;
  readonly name?: AnswerName;
  /** An element of the list, where the answer is one. */
  readonly isList?: true;
  /** What a list says beside its elements. */
  readonly beside?: { readonly schema: z.ZodObject; readonly example: object };
  /** Of a body that no schema of ours describes: any JSON, a stream of events. */
  readonly media?: string;
  /** Other media types that `Accept` can choose, each with the beginning of an example. */
  readonly alsoAs?: Readonly<Record<string, string>>;
  /** From D1, the mirror or the control tables: a read gives a bookmark and takes one, a write gives one. */
  readonly isMirrored?: true;
  /** Of the answer, or of one element of the list. */
  readonly example?: object | string;
}
