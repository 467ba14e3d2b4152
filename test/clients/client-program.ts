import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { until } from '../support/until.ts'

/** How a program is started; each test adds arguments. */
export interface Command {
  readonly command: string
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** A line of a program; which fields there are depends on `says`. */
export interface Line {
  readonly says: string
  /** When it came, epoch milliseconds. */
  readonly at: number
}

/** A running program that says what it sees in JSON lines, and all that it has said so far. */
export class ClientProgram<Said extends Line> {
  readonly said: Said[] = []
  readonly exited: Promise<number>
  readonly #process: ChildProcessByStdio<null, Readable, Readable>
  #errors = ''

  constructor({ command, args = [], env = {} }: Command, more: readonly string[]) {
    const stdio = ['ignore', 'pipe', 'pipe'] as ['ignore', 'pipe', 'pipe']
    this.#process = spawn(command, [...args, ...more], { stdio, env: { ...process.env, ...env } })
    this.exited = new Promise(resolve => this.#process.once('close', code => resolve(code ?? 128)))
    this.#process.once('error', error => {
      this.#errors += error.message
    })
    createInterface({ input: this.#process.stdout }).on('line', line => this.#hear(line))
    this.#process.stderr.setEncoding('utf8').on('data', text => {
      this.#errors += text
    })
  }

  /** What it and its exec plugin wrote for people. */
  get errors(): string {
    return this.#errors
  }

  /** Everything that matches, in order. */
  all(wanted: Partial<Said>): readonly Said[] {
    const fields = Object.entries(wanted)
    return this.said.filter(said => fields.every(([name, value]) => said[name as keyof Said] === value))
  }

  /** Resolves with the first that matches; rejects after the deadline with what was said last. */
  async says(wanted: Partial<Said>, withinMs = 15_000): Promise<Said> {
    await until(JSON.stringify(wanted), () => this.all(wanted).length > 0, withinMs).catch(error => {
      const last = this.said.slice(-8).map(said => JSON.stringify(said))
      throw new Error(`${error.message}; last: ${last.join('\n')}\n${this.#errors}`)
    })
    return this.all(wanted)[0] as Said
  }

  async stop(): Promise<void> {
    this.#process.kill('SIGTERM')
    await this.exited
  }

  /** Libraries, too, write to standard output now and then. */
  #hear(line: string): void {
    try {
      this.said.push({ ...JSON.parse(line), at: Date.now() })
    } catch {
      this.#errors += `${line}\n`
    }
  }
}
