import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Report } from '../../../local/toolchain/cache.ts'
import { goTools } from '../../../local/toolchain/go-tools.ts'
import type { RequestInfo } from '../../../src/request/api-request.ts'

export interface Question {
  readonly method: string
  /** As in the request line. */
  readonly target: string
}

/** Asks what a body is decoded to. */
export interface BodyQuestion {
  readonly contentType: string
  readonly body: Uint8Array
}

/** What the API server decodes a body to. */
export interface DecodedObject {
  readonly error?: string
  readonly name: string
  readonly namespace: string
  readonly generateName: string
  readonly uid: string
  readonly resourceVersion: string
  readonly labels: Readonly<Record<string, string>> | null
  /** What a Pod reaches for; null for other objects. */
  readonly escapes: readonly string[] | null
}

export interface BodyAnswer {
  /** As the built-in kind Pod. */
  readonly builtIn: DecodedObject
  /** As a custom resource. */
  readonly custom: DecodedObject
}

/** With an error the API server answers 400 or 500, whatever the other fields hold. */
export type Answer = RequestInfo & { readonly error?: string }

/** The folder that the program is in. */
export function buildOracle(report: Report): Promise<string> {
  const module = join(import.meta.dirname, '../../oracle')
  return goTools({ name: 'request-oracle', module, programs: { 'request-oracle': '.' }, report })
}

/** The API server's own reading of requests: k8s.io/apiserver's RequestInfo in a Go program, fed a line at a time. */
export class GoOracle {
  readonly #process: ChildProcessWithoutNullStreams
  readonly #answers: AsyncIterator<string>

  private constructor(program: string) {
    this.#process = spawn(program)
    this.#process.stderr.pipe(process.stderr)
    this.#answers = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]()
  }

  static async start(): Promise<GoOracle> {
    const folder = await buildOracle(line => process.stderr.write(`${line}\n`))
    return new GoOracle(join(folder, 'request-oracle'))
  }

  async ask(question: Question): Promise<Answer> {
    const [answer] = await this.askAll([question])
    if (answer === undefined) throw new Error('no question, no answer')
    return answer
  }

  /** Answers in the order of the questions. One call at a time. */
  async askAll(questions: readonly Question[]): Promise<readonly Answer[]> {
    return this.#ask(questions.map(({ method, target }) => ({ method, target })))
  }

  /** The same for what is sent. */
  async askBodies(questions: readonly BodyQuestion[]): Promise<readonly BodyAnswer[]> {
    return this.#ask(
      questions.map(({ contentType, body }) => ({ contentType, body: Buffer.from(body).toString('base64') })),
    )
  }

  async #ask<T>(questions: readonly object[]): Promise<readonly T[]> {
    this.#process.stdin.write(questions.map(question => `${JSON.stringify(question)}\n`).join(''))
    const answers: T[] = []
    while (answers.length < questions.length) {
      const { value, done } = await this.#answers.next()
      if (done === true) throw new Error(`the oracle ended at ${JSON.stringify(questions[answers.length])}`)
      answers.push(JSON.parse(value))
    }
    return answers
  }

  async stop(): Promise<void> {
    const exited = once(this.#process, 'exit')
    this.#process.stdin.end()
    await exited
  }
}
