import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { goTools } from '../../../local/toolchain/go-tools.ts'

export interface WindowSize {
  readonly Width: number
  readonly Height: number
}

export interface SessionToHold {
  readonly upgrade: 'websocket' | 'spdy'
  readonly protocol: string
  readonly tty: boolean
  /** Write by write. */
  readonly input: readonly Buffer[]
  /** The command waits for the end of its input: over SPDY, and from v5 on. */
  readonly toEnd?: true
  readonly output: readonly Buffer[]
  readonly errorOutput: readonly Buffer[]
  readonly sizes: readonly WindowSize[]
  readonly exitCode: number
}

export interface HeldSession {
  /** What went over the wire behind the heads of the upgrade. */
  readonly chunks: readonly { readonly from: 'client' | 'server'; readonly bytes: Buffer }[]
  /** What the command read. */
  readonly input: Buffer
  readonly sizes: readonly WindowSize[]
  /** What the client read. */
  readonly output: Buffer
  readonly errorOutput: Buffer
  /** What the client was told of the end. */
  readonly end: string
}

interface Answer {
  readonly error?: string
  readonly chunks: readonly { readonly from: 'client' | 'server'; readonly bytes: string }[]
  readonly input: string | null
  readonly sizes: readonly WindowSize[] | null
  readonly output: string | null
  readonly errorOutput: string | null
  readonly end: string
}

/** Sessions of kubectl's client with a container runtime's server, and what went over the wire. */
export class SessionOracle {
  readonly #process: ChildProcessWithoutNullStreams
  readonly #answers: AsyncIterator<string>

  private constructor(program: string) {
    this.#process = spawn(program)
    this.#process.stderr.pipe(process.stderr)
    this.#answers = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]()
  }

  static async start(): Promise<SessionOracle> {
    const module = join(import.meta.dirname, '../../session/sessions-oracle')
    const report = (line: string) => void process.stderr.write(`${line}\n`)
    const programs = { 'sessions-oracle': '.' }
    return new SessionOracle(
      join(await goTools({ name: 'sessions-oracle', module, programs, report }), 'sessions-oracle'),
    )
  }

  /** One at a time. */
  async hold(session: SessionToHold): Promise<HeldSession> {
    const texts = (parts: readonly Buffer[]) => parts.map(part => part.toString('base64'))
    const { input, output, errorOutput } = session
    const question = { ...session, input: texts(input), output: texts(output), errorOutput: texts(errorOutput) }
    this.#process.stdin.write(`${JSON.stringify(question)}\n`)
    const { value, done } = await this.#answers.next()
    if (done === true) throw new Error('the oracle ended')
    return toHeld(JSON.parse(value) as Answer)
  }

  async stop(): Promise<void> {
    const exited = once(this.#process, 'exit')
    this.#process.stdin.end()
    await exited
  }
}

function toHeld(answer: Answer): HeldSession {
  if (answer.error !== undefined) throw new Error(answer.error)
  const bytes = (text: string | null) => Buffer.from(text ?? '', 'base64')
  return {
    chunks: answer.chunks.map(({ from, bytes: text }) => ({ from, bytes: bytes(text) })),
    ...{ input: bytes(answer.input), output: bytes(answer.output), errorOutput: bytes(answer.errorOutput) },
    ...{ sizes: answer.sizes ?? [], end: answer.end },
  }
}
