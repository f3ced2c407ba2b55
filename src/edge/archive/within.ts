/**
 * Waits for `work` no longer than `msMax`, then throws. A queue has been seen to hang for 57 s
 * (workerd #6053): the work may still succeed later, so it must bear being done twice.
 */
export async function within<Value>(msMax: number, work: () => Promise<Value>): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Cannot wait longer than ${msMax} ms`)), msMax);
  });
  try {
    return await Promise.race([work(), timeout]);
  } finally {
    clearTimeout(timer);
  }
}
