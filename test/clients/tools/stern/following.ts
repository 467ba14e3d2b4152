import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { until } from '../../../support/until.ts'

/** A program that goes on until it is stopped, and all that it has said so far. */
export class Following {
  readonly #process: ChildProcessByStdio<null, Readable, Readable>
  readonly #exited: Promise<unknown>
  #said = ''

  constructor(program: string, args: readonly string[]) {
    this.#process = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#exited = new Promise(resolve => this.#process.once('close', resolve))
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream.setEncoding('utf8').on('data', text => (this.#said += text))
    }
  }

  /** Until so many lines match. */
  async says(pattern: RegExp, times: number): Promise<void> {
    const all = new RegExp(pattern, `${pattern.flags}g`)
    const enough = () => [...this.#said.matchAll(all)].length >= times
    await until(`${times} of ${pattern}`, enough, 60_000).catch(error => {
      throw new Error(`${error.message}:\n${this.#said}`)
    })
  }

  async stop(): Promise<void> {
    this.#process.kill('SIGTERM')
    await this.#exited
  }
}
