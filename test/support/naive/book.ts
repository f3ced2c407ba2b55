/** Account → amount, debit above zero. */
export type Entries = Readonly<Record<string, bigint>>;
export type Balances = Record<string, Record<string, bigint>>;

/** Adds up transactions of one currency each, and refuses one that does not balance. */
export class Book {
  readonly #sums = new Map<string, Map<string, bigint>>();

  post(currency: string, entries: Entries): void {
    let sum = 0n;
    const accounts = this.#sums.get(currency) ?? new Map<string, bigint>();
    this.#sums.set(currency, accounts);
    for (const [account, amount] of Object.entries(entries)) {
      sum += amount;
      accounts.set(account, (accounts.get(account) ?? 0n) + amount);
    }
    if (sum !== 0n)
      throw new Error(`Cannot post ${Object.keys(entries).join(", ")}: off by ${sum}`);
  }

  /** By currency and account, without zeros. */
  balances(): Balances {
    const balances: Balances = {};
    for (const [currency, accounts] of this.#sums) {
      const left = [...accounts].filter(([, amount]) => amount !== 0n);
      if (left.length === 0) continue;
      balances[currency] = Object.fromEntries(left.toSorted(([a], [b]) => (a < b ? -1 : 1)));
    }
    return balances;
  }
}
