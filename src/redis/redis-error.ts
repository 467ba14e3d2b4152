export type RedisErrorCode =
  /** No connection, or it broke before the answer came: the command may have run. */
  | 'unavailable'
  /** No answer in time: the command may still run. */
  | 'timeout'
  /** The memory limit; nothing was written. */
  | 'out-of-memory'
  /** The server answered with another error. */
  | 'refused'
  /** The answer is not one we know. */
  | 'bad-reply'
  /** Written, but not known to be on disk. */
  | 'not-durable'
  /** Done in a part of the store, and in the rest not; the message says so, for people. */
  | 'half-done'
  /** The journal is at its hard limit. */
  | 'journal-full'
  /** It is set up in a way that leases cannot rest on; the message says how. */
  | 'unfit'
  /** The lease, or one above it, is not live any more, or the id belongs to another lease. */
  | 'not-creatable'

/**
 * The store could not answer. Has no `cause` on purpose: the client's errors carry the arguments of the command, for a
 * failed handshake the password.
 */
export class RedisError extends Error {
  readonly code: RedisErrorCode

  constructor(code: RedisErrorCode, message: string) {
    super(message)
    this.name = 'RedisError'
    this.code = code
  }
}

/** Nobody answers there, or none that may: other servers of the store may. */
export function isAway(error: unknown): boolean {
  return error instanceof RedisError && AWAY.includes(error.code)
}

/** A primary of before, or one that evicts, is as good as none. */
const AWAY: readonly RedisErrorCode[] = ['unavailable', 'timeout', 'unfit']

/** What is wrong with the store, for people; null for any other failure. */
export function whyUnfit(error: unknown): string | null {
  if (!(error instanceof RedisError)) return null
  if (error.code === 'out-of-memory') return 'it is full: its memory limit (maxmemory) is reached'
  return error.code === 'unfit' ? error.message : null
}

/** Of the server's words only the error's code and the place in our script are kept: the rest may quote arguments. */
export function toRedisError(what: string, error: unknown): RedisError {
  if (error instanceof RedisError) return error
  if (!(error instanceof Error) || error.name !== 'ReplyError') {
    return new RedisError('unavailable', `${what}: no connection (${systemCode(error)})`)
  }
  const code = /^-?([A-Z]{2,})/.exec(error.message)?.[1] ?? 'ERR'
  const place = /user_script:\d+/.exec(error.message)?.[0]
  if (ELSEWHERE.includes(code)) return new RedisError('unavailable', `${what}: ${code}`)
  const text = `${what}: ${code}${place === undefined ? '' : ` at ${place}`}`
  return new RedisError(code === 'OOM' ? 'out-of-memory' : 'refused', text)
}

/** What a node of a cluster answers that has nothing to do with it now: it did nothing. */
const ELSEWHERE = ['MOVED', 'ASK', 'TRYAGAIN', 'CLUSTERDOWN']

/** ECONNREFUSED and the like; never the message. */
export function systemCode(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' && /^[A-Z_]+$/.test(code) ? code : 'closed'
}
