import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import type { Report } from '../../local/toolchain/cache.ts'
import { goTools } from '../../local/toolchain/go-tools.ts'
import { until } from '../support/until.ts'

/** A line of the program; which fields there are depends on `says`. */
export interface Said {
  readonly says: string
  readonly resource?: string
  readonly name?: string
  readonly error?: string
  readonly count?: number
  readonly replicas?: number
  readonly path?: string
  readonly watch?: boolean
  readonly status?: number
  readonly protocol?: string
  /** When it came, epoch milliseconds. */
  readonly at: number
}

/** A running program made with client-go, and all that it has said so far. */
export class ClientGoProgram {
  readonly said: Said[] = []
  readonly exited: Promise<number>
  readonly #process: ChildProcessByStdio<null, Readable, Readable>
  #errors = ''

  constructor(program: string, args: readonly string[]) {
    this.#process = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    this.exited = new Promise(resolve => this.#process.once('close', code => resolve(code ?? 128)))
    createInterface({ input: this.#process.stdout }).on('line', line => {
      this.said.push({ ...(JSON.parse(line) as Omit<Said, 'at'>), at: Date.now() })
    })
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
}

export async function buildClientGo(report: Report = line => void process.stderr.write(`${line}\n`)): Promise<string> {
  const folder = await goTools({
    name: 'client-go-program',
    module: join(import.meta.dirname, 'client-go'),
    programs: { 'client-go': '.' },
    report,
  })
  return join(folder, 'client-go')
}
