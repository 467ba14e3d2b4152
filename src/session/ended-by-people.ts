import { partitionOf } from '../lease/lease-id.ts'
import type { EndedStreams } from '../lease/stream/stream-ends.ts'
import type { CutReason, LiveStream } from './live-streams.ts'

interface Settings {
  readonly ends: EndedStreams
  readonly everyMs: number
  readonly onCut: (stream: LiveStream, reason: CutReason) => void
  /** The store does not say; that ends streams elsewhere, with their leases unconfirmed. */
  readonly onFailure: (error: unknown) => void
}

/** Cuts single streams that people ended, whatever becomes of their leases. */
export class EndedByPeople {
  readonly #settings: Settings
  readonly #streams = new Map<string, LiveStream>()
  /** Were cut, and whoever ended them does not know it yet. */
  readonly #untold = new Set<LiveStream>()

  constructor(settings: Settings) {
    this.#settings = settings
  }

  open(stream: LiveStream): void {
    this.#streams.set(stream.auditId, stream)
  }

  close(stream: LiveStream): void {
    if (this.#streams.get(stream.auditId) === stream) this.#streams.delete(stream.auditId)
  }

  /** Until aborted. Each look is for all that the store tells, so what was ended before a stream was known here ends it too. */
  async run(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    let isLooking = false
    const timer = setInterval(async () => {
      if (isLooking) return
      isLooking = true
      await this.#look().catch(this.#settings.onFailure)
      isLooking = false
    }, this.#settings.everyMs)
    signal.addEventListener('abort', () => resolve(), { once: true })
    if (!signal.aborted) await promise
    clearInterval(timer)
  }

  async #look(): Promise<void> {
    await this.#cutEnded()
    for (const stream of this.#untold) {
      await this.#settings.ends.cut(stream)
      this.#untold.delete(stream)
    }
  }

  async #cutEnded(): Promise<void> {
    const partitions = new Set([...this.#streams.values()].map(({ lease }) => partitionOf(lease)))
    if (partitions.size === 0) return
    const { ends, onCut } = this.#settings
    for (const auditId of await ends.ended([...partitions])) {
      const stream = this.#streams.get(auditId)
      if (stream === undefined) continue
      this.#streams.delete(auditId)
      stream.cut('session_ended')
      this.#untold.add(stream)
      onCut(stream, 'session_ended')
    }
  }
}
