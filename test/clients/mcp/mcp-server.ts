import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { cached, type Report } from '../../../local/toolchain/cache.ts'
import { logged } from '../../../local/toolchain/logged.ts'
import type { Command } from '../client-program.ts'

const FILES = ['package.json', 'package-lock.json']

/** `kubernetes-mcp-server` of the containers project: a Go program in npm packages. */
export async function ensureMcpServer(report: Report): Promise<string> {
  const modules = await npmModules('mcp-server', join(import.meta.dirname, 'server'), report)
  return join(modules, 'kubernetes-mcp-server/bin/index.js')
}

/** Packages pinned by the hashes of a lockfile, and no script of theirs is run. */
export async function npmModules(name: string, pinned: string, report: Report): Promise<string> {
  const hash = createHash('sha256')
  for (const file of FILES) hash.update(readFileSync(join(pinned, file)))
  const folder = await cached({
    name: `${name}-${hash.digest('hex').slice(0, 12)}`,
    report,
    build: async (into, logFile) => {
      for (const file of FILES) copyFileSync(join(pinned, file), join(into, file))
      // Not `npm ci`: it wants the packages of every other platform to be in the lockfile.
      const install = ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund']
      await logged('npm', install, { logFile, cwd: into })
    },
  })
  return join(folder, 'node_modules')
}

interface Answer {
  readonly id?: number
  readonly result?: unknown
  readonly error?: { readonly message: string }
}

export interface ToolResult {
  readonly text: string
  readonly isError: boolean
}

/** An MCP server as an agent's host starts it: JSON-RPC, a line a message, over its standard streams. */
export class McpServer {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>
  readonly #waiting = new Map<number, (answer: Answer) => void>()
  #asked = 0

  private constructor({ command, args = [], env = {} }: Command) {
    const stdio = ['pipe', 'pipe', 'ignore'] as ['pipe', 'pipe', 'ignore']
    this.#process = spawn(command, [...args], { stdio, env: { ...process.env, ...env } })
    createInterface({ input: this.#process.stdout }).on('line', line => {
      // What starts the program says a word of its own at the end.
      if (!line.startsWith('{')) return
      const answer = JSON.parse(line) as Answer
      if (answer.id !== undefined) this.#waiting.get(answer.id)?.(answer)
    })
  }

  static async start(command: Command): Promise<McpServer> {
    const started = new McpServer(command)
    const clientInfo = { name: 'a-test', version: '1' }
    await started.#ask('initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo })
    started.#send({ method: 'notifications/initialized' })
    return started
  }

  async tools(): Promise<readonly string[]> {
    const { tools } = (await this.#ask('tools/list', {})) as { readonly tools: readonly { readonly name: string }[] }
    return tools.map(({ name }) => name)
  }

  /** What the model gets to read. */
  async call(name: string, args: object): Promise<ToolResult> {
    const { content, isError = false } = (await this.#ask('tools/call', { name, arguments: args })) as {
      readonly content: readonly { readonly text?: string }[]
      readonly isError?: boolean
    }
    return { text: content.map(({ text = '' }) => text).join('\n'), isError }
  }

  async stop(): Promise<void> {
    const ended = new Promise(resolve => this.#process.once('close', resolve))
    this.#process.kill('SIGTERM')
    await ended
  }

  async #ask(method: string, params: object): Promise<unknown> {
    const id = ++this.#asked
    const answered = new Promise<Answer>(resolve => this.#waiting.set(id, resolve))
    this.#send({ id, method, params })
    const { result, error } = await answered
    if (error !== undefined) throw new Error(error.message)
    return result
  }

  #send(message: object): void {
    this.#process.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
  }
}
