/** Stops at a broken promise of our own code. What senders and operators get wrong is refused. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`Assertion failed: ${message}`);
}
