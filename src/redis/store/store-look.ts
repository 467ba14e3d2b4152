import { z } from 'zod'
import { type Ahead, CLOCK_LIMIT_MS } from '../../support/time/clock.ts'
import type { Line } from '../line.ts'
import { parseReply } from '../parse-reply.ts'
import { LOOK } from '../scripts.ts'

/** Longer than any upgrade or reboot leaves the store alone, and shorter than backups are old. */
const OLD_MS = 10 * 60_000
const KEEP_NUMBER_MS = 24 * 3_600_000
/** As long as what is kept least of all that may be looked for (`once`), less some. */
const WITNESS_MS = 150_000

const REASON =
  'the store had not kept what it had acknowledged, nobody had looked at it for long, or its clock went back'

/** A key of a partition that was acknowledged. */
interface Witness {
  readonly key: string
  /** When it was asked for: it is not older. */
  readonly askedAt: number
}

/** What this process knows of a partition since its last look there. */
interface Known {
  /** The number that it left. */
  readonly left: number
  /** By the clock of the store. */
  readonly at: number
  readonly epoch: number
}

const FOUND = z.object({ why: z.enum(['', 'lost', 'old', 'back']), at: z.number(), epoch: z.number() })

/** What one process leaves in each partition and looks for later: whoever restored the store, or took it over, has it or has lost something. */
export class StoreLook {
  readonly #line: Pick<Line, 'run'>
  readonly #prefixes: readonly string[]
  readonly #process = crypto.randomUUID()
  readonly #known = new Map<string, Known>()
  readonly #witnesses = new Map<string, Witness>()
  #next = 1
  #ahead: Ahead | null = null

  constructor(line: Pick<Line, 'run'>, prefixes: readonly string[]) {
    this.#line = line
    this.#prefixes = prefixes
  }

  /**
   * This key of the partition was written and acknowledged: where it is missing soon after, the store has lost something. Only for what
   * nobody deletes, and what stays by itself for longer than it is looked for.
   */
  witnessed(prefix: string, key: string, askedAt: number): void {
    this.#witnesses.set(prefix, { key, askedAt })
  }

  /** How far this process is ahead of the store, as the last look told; null before the first. */
  get ahead(): Ahead | null {
    return this.#ahead
  }

  /** True when all is there. Rejects when it cannot be asked. */
  async look(): Promise<boolean> {
    const number = this.#next++
    const found = await Promise.all(this.#prefixes.map(prefix => this.#lookAt(prefix, number)))
    return found.every(why => why === '')
  }

  async #lookAt(prefix: string, number: number): Promise<string> {
    const witness = this.#witnesses.get(prefix)
    const key = witness !== undefined && Date.now() - witness.askedAt < WITNESS_MS ? witness.key : ''
    const { left, at, epoch } = this.#known.get(prefix) ?? { left: '', at: '', epoch: '' }
    const keys = [`${prefix}seen:${this.#process}`, `${prefix}journal`]
    const args = [prefix, left, number, key, OLD_MS, anEvent(), KEEP_NUMBER_MS, at, epoch, WITNESS_MS, CLOCK_LIMIT_MS]
    const before = Date.now()
    const found = parseReply('look', FOUND, await this.#line.run(LOOK, keys, args))
    this.#ahead = { least: before - found.at, most: Date.now() - found.at }
    this.#known.set(prefix, { left: number, at: found.at, epoch: found.epoch })
    if (this.#witnesses.get(prefix) === witness) this.#witnesses.delete(prefix)
    return found.why
  }
}

/** As the record has what is done to all leases at once. */
function anEvent(): string {
  const subject = { kind: 'all', name: '' }
  return JSON.stringify({ kind: 'stop', event: 'end', at: Date.now(), subject, by: 'leasegate', reason: REASON })
}
