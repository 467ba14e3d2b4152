import type { Redis } from 'ioredis'
import { partitionPrefix } from './keys.ts'
import { LOOK } from './scripts.ts'

/** Longer than any upgrade or reboot leaves the store alone, and shorter than backups are old. */
const OLD_MS = 10 * 60_000
const KEEP_NUMBER_MS = 24 * 3_600_000
/** As long as what is kept least of all that may be looked for (`once`), less some. */
const WITNESS_MS = 150_000

const REASON = 'the store had not kept what it had acknowledged, or nobody had looked at it for long'

/** What one process leaves in each partition and looks for later: whoever restored the store, or took it over, has it or has lost something. */
export class StoreLook {
  readonly #redis: Redis
  readonly #prefixes: readonly string[]
  readonly #process = crypto.randomUUID()
  readonly #left = new Map<string, number>()
  readonly #witnesses = new Map<string, { readonly key: string; readonly at: number }>()
  #next = 1

  constructor(redis: Redis, partitions: number) {
    this.#redis = redis
    this.#prefixes = Array.from({ length: partitions }, (_, at) => partitionPrefix(at.toString(16).padStart(2, '0')))
  }

  /** Was acknowledged just now, so this key of the partition is there as long as the store keeps its word. */
  witnessed(prefix: string, key: string): void {
    this.#witnesses.set(prefix, { key, at: Date.now() })
  }

  /** True when all is there. Rejects when it cannot be asked. */
  async look(): Promise<boolean> {
    const number = this.#next++
    const found = await Promise.all(this.#prefixes.map(prefix => this.#lookAt(prefix, number)))
    return found.every(why => why === '')
  }

  async #lookAt(prefix: string, number: number): Promise<unknown> {
    const witness = this.#witnesses.get(prefix)
    const key = witness !== undefined && Date.now() - witness.at < WITNESS_MS ? witness.key : ''
    const defined = this.#redis as unknown as Record<string, (...args: (string | number)[]) => Promise<unknown>>
    const keys = [`${prefix}seen:${this.#process}`, `${prefix}journal`]
    const left = this.#left.get(prefix) ?? ''
    const args = [prefix, left, number, key, OLD_MS, anEvent(), KEEP_NUMBER_MS]
    const why = await defined[LOOK.name]?.(...keys, ...args)
    this.#left.set(prefix, number)
    if (this.#witnesses.get(prefix) === witness) this.#witnesses.delete(prefix)
    return why
  }
}

/** As the record has what is done to all leases at once. */
function anEvent(): string {
  const subject = { kind: 'all', name: '' }
  return JSON.stringify({ kind: 'stop', event: 'end', at: Date.now(), subject, by: 'leasegate', reason: REASON })
}
