import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { until } from '../../../support/until.ts'
import type { Command } from '../../client-program.ts'
import { Screen } from './screen.ts'

const ROWS = 40
const COLUMNS = 160
/** What node has no means for: a pseudo-terminal. */
const IN_TERMINAL = 'import pty, sys; pty.spawn(sys.argv[1:])'
const SIZED = `stty rows ${ROWS} cols ${COLUMNS}; exec "$@"`

/** A program in a terminal of its own, what it shows, and a person at the keys. */
export class Terminal {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>
  readonly #screen = new Screen(ROWS, COLUMNS)
  readonly #exited: Promise<unknown>

  constructor({ command, args = [], env = {} }: Command) {
    this.#process = spawn('python3', ['-c', IN_TERMINAL, 'sh', '-c', SIZED, 'sh', command, ...args], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: { ...process.env, TERM: 'xterm-256color', ...env },
    })
    this.#exited = new Promise(resolve => this.#process.once('close', resolve))
    this.#process.stdout.setEncoding('utf8').on('data', text => this.#screen.draw(text))
  }

  get text(): string {
    return this.#screen.text
  }

  type(keys: string): void {
    this.#process.stdin.write(keys)
  }

  async shows(pattern: RegExp, withinMs = 60_000): Promise<void> {
    await until(`the screen to show ${pattern}`, () => pattern.test(this.text), withinMs).catch(error => {
      throw new Error(`${error.message}:\n${this.text}`)
    })
  }

  async stop(): Promise<void> {
    this.#process.kill('SIGTERM')
    await this.#exited
  }
}
