import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'

/** What a terminal sends to everybody before it when a key is pressed. */
const BY_KEY = ['SIGINT', 'SIGQUIT'] as const
const ENDING = ['SIGTERM', 'SIGHUP'] as const
const OTHERS = ['SIGUSR1', 'SIGUSR2'] as const

/**
 * The signals that come to this process, from its making until `stop`. None of them ends it meanwhile: before there is a command they are kept,
 * then it gets those that came to us alone.
 */
export class Signals {
  readonly #listeners = new Map<NodeJS.Signals, () => void>()
  readonly #neighbour = new Neighbour()
  #kept: NodeJS.Signals | null = null
  readonly #ended = new AbortController()
  #command: ChildProcess | null = null

  constructor() {
    for (const signal of BY_KEY) this.#on(signal, () => void this.#byKey(signal))
    for (const signal of ENDING) this.#on(signal, () => this.#pass(signal))
    for (const signal of OTHERS) this.#on(signal, () => void this.#command?.kill(signal))
  }

  /** The first by which we were asked to end before there was a command. */
  get kept(): NodeJS.Signals | null {
    return this.#kept
  }

  /** Aborted with that. */
  get ended(): AbortSignal {
    return this.#ended.signal
  }

  /** From now on it gets them. */
  passTo(command: ChildProcess): void {
    this.#command = command
  }

  stop(): void {
    for (const [signal, listener] of this.#listeners) process.off(signal, listener)
    this.#neighbour.stop()
  }

  #on(signal: NodeJS.Signals, listener: () => void): void {
    this.#listeners.set(signal, listener)
    process.on(signal, listener)
  }

  async #byKey(signal: NodeJS.Signals): Promise<void> {
    if (this.#command === null || !(await this.#neighbour.hadIt())) this.#pass(signal)
  }

  #pass(signal: NodeJS.Signals): void {
    if (this.#command !== null) {
      this.#command.kill(signal)
      return
    }
    this.#kept ??= signal
    this.#ended.abort()
  }
}

/** A process that has had a signal is gone by then, on a busy machine as well. */
const SOON_MS = 500

/**
 * A process of our group that any signal ends, and nothing else while we are there. Where it goes, a signal was for the whole group: the
 * command had it as well. Nothing else tells that from one for us alone.
 */
class Neighbour {
  #child: ChildProcess | null = null
  #gone = Promise.withResolvers<void>()
  #goneAt = Number.NEGATIVE_INFINITY
  #isStopped = false
  #isMissing = false

  constructor() {
    this.#start()
  }

  async hadIt(): Promise<boolean> {
    if (this.#isMissing) return process.stdin.isTTY
    if (performance.now() - this.#goneAt < SOON_MS) return true
    const late = sleep(SOON_MS, false, { ref: false })
    return Promise.race([this.#gone.promise.then(() => true), late])
  }

  stop(): void {
    this.#isStopped = true
    this.#child?.kill()
  }

  #start(): void {
    // It reads what nobody writes; when we are killed there is nothing more to read.
    const child = spawn('cat', [], { stdio: ['pipe', 'ignore', 'ignore'] })
    this.#child = child
    child.unref()
    child.stdin.on('error', () => undefined)
    child.once('error', () => {
      this.#isMissing = true
    })
    child.once('exit', (_, signal) => {
      if (this.#isStopped || signal === null) return
      this.#goneAt = performance.now()
      this.#gone.resolve()
      this.#gone = Promise.withResolvers<void>()
      this.#start()
    })
  }
}
