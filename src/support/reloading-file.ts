import { readFile } from 'node:fs/promises'
import type { Parsed } from './text/parsed.ts'

interface Watching<T> {
  readonly path: string
  readonly parse: (text: string) => Parsed<T> | Promise<Parsed<T>>
  /** A changed file cannot be used; the last good content stays. */
  readonly onProblem: (message: string) => void
  readonly everyMs?: number
}

/** What a file says, kept fresh without a restart. Compares content, not times: mounted volumes change by swapped links. */
export class ReloadingFile<T> {
  readonly #watching: Watching<T>
  readonly #timer: NodeJS.Timeout
  #text: string
  #value: T
  #reported = ''

  private constructor(watching: Watching<T>, text: string, value: T) {
    this.#watching = watching
    this.#text = text
    this.#value = value
    this.#timer = setInterval(() => void this.reload(), watching.everyMs ?? 1000)
    this.#timer.unref()
  }

  /** Rejects when the file cannot be read or used at all. */
  static async open<T>(watching: Watching<T>): Promise<ReloadingFile<T>> {
    const text = await readFile(watching.path, 'utf8')
    const parsed = await watching.parse(text)
    if (parsed.kind === 'problem') throw new Error(`${watching.path}: ${parsed.message}`)
    return new ReloadingFile(watching, text, parsed.value)
  }

  /** The same object until the file changes. */
  get current(): T {
    return this.#value
  }

  async reload(): Promise<void> {
    const { path, parse } = this.#watching
    const text = await readFile(path, 'utf8').catch((error: Error) => error)
    if (text instanceof Error) return this.#report(text.message)
    if (text === this.#text) return
    this.#text = text
    const parsed = await parse(text)
    if (parsed.kind === 'problem') return this.#report(parsed.message)
    this.#value = parsed.value
    this.#reported = ''
  }

  /** Once, however often the file is looked at. */
  #report(message: string): void {
    if (message !== this.#reported) this.#watching.onProblem(`${this.#watching.path}: ${message}`)
    this.#reported = message
  }

  readonly close = (): void => clearInterval(this.#timer)
}
