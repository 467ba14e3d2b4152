/** So many more may come of what it was woken for. */
const GATHER_MS = 20

/** A pause between rounds, shorter where there is something to do. */
export class Nap {
  #wake: () => void = () => {}

  async take(ms: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, ms)
    let soon: NodeJS.Timeout | null = null
    this.#wake = () => {
      soon ??= setTimeout(resolve, GATHER_MS)
    }
    const stop = () => resolve()
    signal.addEventListener('abort', stop)
    if (signal.aborted) resolve()
    await promise
    signal.removeEventListener('abort', stop)
    clearTimeout(timer)
    clearTimeout(soon ?? undefined)
  }

  wake(): void {
    this.#wake()
  }
}
