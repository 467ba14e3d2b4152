export class DeadlineError extends Error {
  readonly code = 'deadline'
}

/** The promise's value, or a rejection with DeadlineError after `ms`; what the promise does later is ignored. */
export async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  const timeUp = Promise.withResolvers<never>()
  const timer = setTimeout(() => timeUp.reject(new DeadlineError(`not done within ${ms} ms`)), ms)
  try {
    return await Promise.race([promise, timeUp.promise])
  } finally {
    clearTimeout(timer)
  }
}
