import type { Command, Redis } from 'ioredis'
import { ScriptCommand } from './script-command.ts'
import type { Script } from './scripts.ts'

type Arguments = readonly (string | number)[]

interface Call {
  readonly script: Script
  readonly keys: Arguments
  readonly args: Arguments
  /** It went out before to a server that did not know the script. */
  readonly isAgain: boolean
  readonly resolve: (reply: unknown) => void
  readonly reject: (error: unknown) => void
}

/**
 * The scripts that are called over one connection: those of one turn of the event loop go out in one write. ioredis' own pipelines do that
 * too, with a promise more for each command and one for all. What is written stands in ioredis' queue in the same order, since nothing else
 * runs between the first and the last of them: which reply is whose, and what becomes of all when the connection ends, is its own to tell.
 */
export class ScriptCalls {
  readonly #redis: Redis
  #waiting: Call[] = []
  /** By connection the scripts that went out on it whole: the server has them, unless it forgets. */
  readonly #sent = new WeakMap<Redis['stream'], Set<Script>>()

  constructor(redis: Redis) {
    this.#redis = redis
  }

  /** Its reply, text as UTF-8. Rejects with what ioredis rejects with. */
  run(script: Script, keys: Arguments, args: Arguments): Promise<unknown> {
    return new Promise((resolve, reject) => this.#add({ script, keys, args, isAgain: false, resolve, reject }))
  }

  #add(call: Call): void {
    if (this.#waiting.push(call) === 1) setImmediate(this.#write)
  }

  readonly #write = (): void => {
    const calls = this.#waiting
    this.#waiting = []
    // The server is gone, or not there yet: ioredis says so.
    if (this.#redis.status !== 'ready') {
      for (const call of calls) this.#send(call, this.#redis.stream, 'eval')
      return
    }
    let text = ''
    const together = {
      write: (more: string) => {
        text += more
        return true
      },
    } as unknown as Redis['stream']
    const sent = this.#sentOn(this.#redis.stream)
    for (const call of calls) {
      this.#send(call, together, sent.has(call.script) ? 'evalsha' : 'eval')
      sent.add(call.script)
    }
    if (text !== '') this.#redis.stream.write(text)
  }

  #sentOn(stream: Redis['stream']): Set<Script> {
    const sent = this.#sent.get(stream) ?? new Set()
    this.#sent.set(stream, sent)
    return sent
  }

  #send(call: Call, stream: Redis['stream'], how: 'eval' | 'evalsha'): void {
    const { script, keys, args, isAgain, resolve, reject } = call
    const command = new ScriptCommand(how, script, keys, args, resolve, error => {
      if (isAgain || !isUnknown(error)) {
        reject(error)
        return
      }
      // It was not run. Of all that the server forgot the first one goes out whole.
      this.#sent.get(this.#redis.stream)?.delete(script)
      this.#add({ ...call, isAgain: true })
    })
    this.#redis.sendCommand(command as unknown as Command, stream)
  }
}

function isUnknown(error: unknown): boolean {
  return error instanceof Error && error.name === 'ReplyError' && error.message.startsWith('NOSCRIPT')
}
