import type { MessagePort, Worker } from 'node:worker_threads'

/** Why something that was asked did not go well, as far as it can be told on the other side. */
interface Failure {
  readonly message: string
  readonly code: unknown
}

type Message<Asked> =
  | { readonly asked: Asked; readonly id: number }
  | { readonly answered: number; readonly failure: Failure | null }

/** The other side could not do it; `code` is that of its error. */
export class LineError extends Error {
  readonly code: unknown

  constructor({ message, code }: Failure) {
    super(message)
    this.code = code
  }
}

interface Waiting {
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** Between two threads, each of which asks the other to do things and hears when they are done. */
export class Line<Ours, Theirs> {
  readonly #port: Pick<MessagePort | Worker, 'postMessage'>
  readonly #waiting = new Map<number, Waiting>()
  #asked = 0
  #over: Error | null = null

  constructor(port: MessagePort | Worker, act: (asked: Theirs) => Promise<void>) {
    this.#port = port
    port.on('message', (message: Message<Theirs>) => {
      if ('asked' in message) void this.#act(message.id, act(message.asked))
      else this.#settle(message.answered, message.failure)
    })
  }

  /** Rejects with a LineError where the other side could not, and with the reason once the line is closed. */
  ask(asked: Ours): Promise<void> {
    if (this.#over !== null) return Promise.reject(this.#over)
    const id = this.#asked++
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#port.postMessage({ asked, id } satisfies Message<Ours>)
    })
  }

  /** The other side is gone. */
  close(why: Error): void {
    this.#over = why
    for (const { reject } of this.#waiting.values()) reject(why)
    this.#waiting.clear()
  }

  async #act(id: number, done: Promise<void>): Promise<void> {
    const failure = await done.then(
      () => null,
      ({ message, code }: Failure) => ({ message, code }),
    )
    this.#port.postMessage({ answered: id, failure } satisfies Message<Ours>)
  }

  #settle(id: number, failure: Failure | null): void {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (failure === null) waiting?.resolve()
    else waiting?.reject(new LineError(failure))
  }
}
