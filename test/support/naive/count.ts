import type { CatalogueEvent } from "#src/core/contracts/catalogue.ts";
import type { Plan } from "#src/core/plans/plan.ts";
import type { Book } from "./book.ts";
import type { Company } from "./company.ts";
import type { Held } from "./event.ts";

export type Mode = "mirror" | "gateway_final";

/** What every part of the calculator reads, and the three places it writes to. */
export interface Count {
  readonly mode: Mode;
  readonly plans: readonly Plan[];
  readonly events: readonly CatalogueEvent[];
  readonly company: Company;
  readonly book: Book;
  readonly held: Held;
  /** Which of several came first: lower is earlier. Asked where facts exclude each other. */
  readonly arrival: (ids: readonly string[]) => number;
  /** Notes that another order of arrival may have ended otherwise. */
  readonly doubt: (why: string) => void;
}
