export class DeadlineError extends Error {
  readonly code = 'deadline'
}

/**
 * The promise's value, or a rejection with DeadlineError after `ms`; what the promise does later is ignored. After a pause of this
 * process an answer may lie in a socket unread: it is read first.
 */
export async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  const timeUp = Promise.withResolvers<never>()
  const giveUp = () => timeUp.reject(new DeadlineError(`not done within ${ms} ms`))
  const timer = setTimeout(setImmediate, ms, giveUp)
  try {
    return await Promise.race([promise, timeUp.promise])
  } finally {
    clearTimeout(timer)
  }
}
