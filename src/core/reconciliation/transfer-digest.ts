/** A transfer as a digest sees it: whose log has it, where, and what it moves. */
export interface DigestTransfer {
  readonly subject: string;
  readonly position: number;
  readonly n: number;
  readonly debit: string;
  readonly credit: string;
  readonly currency: string;
  /** Minor units, above zero. */
  readonly amount_minor: number;
  readonly effective_ms: number;
}

/** `subject|position|n|debit|credit|currency|amount|effective_ms` */
export const canonicalTransfer = (transfer: DigestTransfer): string =>
  [
    transfer.subject,
    transfer.position,
    transfer.n,
    transfer.debit,
    transfer.credit,
    transfer.currency,
    transfer.amount_minor,
    transfer.effective_ms,
  ].join("|");
