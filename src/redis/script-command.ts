import type { Script } from './scripts.ts'

type Words = readonly (string | number)[]

/**
 * The call of a script, with all that ioredis asks of what stands in its queue, and without what it makes of a command beside that: a promise, a copy
 * of its arguments, and what other commands want of either.
 */
export class ScriptCommand {
  readonly name: 'eval' | 'evalsha'
  /** What ioredis shows with an error: of ours nobody sees any. */
  readonly args: Words = []
  readonly inTransaction = false
  readonly isTraced = true
  readonly reject: (error: unknown) => void
  readonly #script: Script
  readonly #keys: Words
  readonly #args: Words
  readonly #heard: (reply: unknown) => void

  constructor(
    name: 'eval' | 'evalsha',
    script: Script,
    keys: Words,
    args: Words,
    heard: (reply: unknown) => void,
    reject: (error: unknown) => void,
  ) {
    this.name = name
    this.#script = script
    this.#keys = keys
    this.#args = args
    this.#heard = heard
    this.reject = reject
  }

  /** Of the protocol of the connection: a script's reply is the same in both. */
  setReplyContext(): void {}

  /** As it goes out. */
  toWritable(): string {
    const { lua, sha } = this.#script
    const [keys, args] = [this.#keys, this.#args]
    const begin = `*${3 + keys.length + args.length}\r\n$${this.name.length}\r\n${this.name}\r\n`
    return begin + word(this.name === 'eval' ? lua : sha) + word(keys.length) + words(keys) + words(args)
  }

  resolve(reply: unknown): void {
    this.#heard(asText(reply))
  }
}

function words(all: Words): string {
  let text = ''
  for (const one of all) text += word(one)
  return text
}

function word(one: string | number): string {
  const text = typeof one === 'string' ? one : String(one)
  return `$${Buffer.byteLength(text)}\r\n${text}\r\n`
}

function asText(reply: unknown): unknown {
  if (reply instanceof Buffer) return reply.toString('utf8')
  return Array.isArray(reply) ? reply.map(asText) : reply
}
