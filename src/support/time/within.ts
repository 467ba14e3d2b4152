import { deadlinesOf } from './deadlines.ts'

export class DeadlineError extends Error {
  readonly code = 'deadline'
}

/** The promise's value, or a rejection with DeadlineError after `ms`; what the promise does later is ignored. */
export function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  const deadlines = deadlinesOf(ms)
  return new Promise((resolve, reject) => {
    const waiting = deadlines.add(() => reject(new DeadlineError(`not done within ${ms} ms`)))
    promise.then(
      value => {
        deadlines.met(waiting)
        resolve(value)
      },
      error => {
        deadlines.met(waiting)
        reject(error)
      },
    )
  })
}
