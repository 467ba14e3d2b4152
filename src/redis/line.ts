import type { Redis } from 'ioredis'
import { type Deadlines, deadlinesOf } from '../support/time/deadlines.ts'
import { RedisError, toRedisError } from './redis-error.ts'
import { ScriptCalls } from './script-calls.ts'
import type { Script } from './scripts.ts'

/** Most that a write waits for the disk. */
export const DURABLE_MS = 3000

export interface ScriptCall {
  readonly keys: readonly string[]
  readonly args: readonly (string | number)[]
  /** The same without its entry for the journal, for where another part of the store has that already. */
  readonly unrecorded?: ScriptCall['args']
}

/** One connection with a deadline. */
export class Line {
  readonly redis: Redis
  readonly #deadlineMs: number
  readonly #deadlines: Deadlines
  readonly #guard: readonly string[]
  readonly #calls: ScriptCalls

  /** The guard is one more key of every script, where nothing is: see Share. */
  constructor(redis: Redis, deadlineMs: number, guard: string | null = null) {
    this.redis = redis
    this.#deadlineMs = deadlineMs
    this.#deadlines = deadlinesOf(deadlineMs)
    this.#guard = guard === null ? [] : [guard]
    this.#calls = new ScriptCalls(redis)
  }

  run(script: Script, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
    const declared = this.#guard.length === 0 ? keys : [...keys, ...this.#guard]
    return this.ask(script.name, () => this.#calls.run(script, declared, args))
  }

  /** With the script's text: whether the server has it cannot be asked within a transaction, and these are rare. */
  async runTogether({ name, lua }: Script, calls: readonly ScriptCall[]): Promise<readonly unknown[]> {
    const replies = await this.ask(name, () => {
      const together = this.redis.multi()
      for (const { keys, args } of calls) {
        const declared = [...keys, ...this.#guard]
        together.eval(lua, declared.length, ...declared, ...args)
      }
      return together.exec()
    })
    if (replies === null) throw new RedisError('refused', `${name}: the transaction was not run`)
    return replies.map(([error, reply]) => {
      if (error !== null) throw toRedisError(name, error)
      return reply
    })
  }

  ask<T>(what: string, command: () => Promise<T>): Promise<T> {
    const deadlines = this.#deadlines
    return new Promise((resolve, reject) => {
      const waiting = deadlines.add(() => {
        reject(new RedisError('timeout', `${what}: no answer within ${this.#deadlineMs} ms`))
        this.#drop()
      })
      command().then(
        value => {
          deadlines.met(waiting)
          resolve(value)
        },
        error => {
          deadlines.met(waiting)
          reject(toRedisError(what, error))
        },
      )
    })
  }

  /** Resolves when everything written before on this connection is on disk, here and with so many replicas. */
  async flush(replicas: number): Promise<void> {
    const reply = await this.ask('waitaof', () =>
      this.redis.call('WAITAOF', '1', String(replicas), String(DURABLE_MS - 500)),
    )
    const [here, there] = Array.isArray(reply) ? reply.map(Number) : []
    if (!((here ?? 0) >= 1 && (there ?? -1) >= replicas)) {
      throw new RedisError('not-durable', 'written, but not known to be on disk wherever it has to be')
    }
  }

  /** The connection goes with the call: what is still queued behind it must not run later, when nobody waits for it. */
  #drop(): void {
    if (this.redis.status === 'ready') this.redis.disconnect(true)
  }
}
