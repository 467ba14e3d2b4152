import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { text } from 'node:stream/consumers'

export type Running = ChildProcessByStdio<Writable, Readable, Readable>

export interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

interface Given {
  readonly input?: string
  readonly env?: Readonly<Record<string, string>>
}

/** Which kubectl, and where it works. */
export class At {
  readonly program: string
  readonly kubeconfig: string
  readonly namespace: string
  readonly prefix: string
  readonly deployment: string

  constructor([program, kubeconfig, namespace, prefix, deployment]: readonly [string, string, string, string, string]) {
    this.program = program
    this.kubeconfig = kubeconfig
    this.namespace = namespace
    this.prefix = prefix
    this.deployment = deployment
  }

  start(args: readonly string[], { env = {} }: Given = {}): Running {
    // What it remembers of a server goes by its port, and ports come back.
    const remembered = ['--cache-dir', `${this.kubeconfig}.cache`]
    const where = ['--kubeconfig', this.kubeconfig, '--namespace', this.namespace, ...remembered]
    return spawn(this.program, [...where, ...args], { stdio: 'pipe', env: { ...process.env, ...env } })
  }

  /** To its end, whatever that is. */
  async try(args: readonly string[], given: Given = {}): Promise<Ended> {
    const running = this.start(args, given)
    const closed = new Promise<number>(resolve => running.once('close', code => resolve(code ?? 128)))
    running.stdin.end(given.input ?? '')
    const [stdout, stderr, code] = await Promise.all([text(running.stdout), text(running.stderr), closed])
    return { code, stdout, stderr }
  }

  /** What it printed; it has to end well. */
  async do(args: readonly string[], given: Given = {}): Promise<string> {
    const { code, stdout, stderr } = await this.try(args, given)
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`)
    return stdout
  }

  async json<T>(args: readonly string[], given: Given = {}): Promise<T> {
    return JSON.parse(await this.do([...args, '-o', 'json'], given)) as T
  }

  configMap(name: string, data: Record<string, string> = {}, labels: Record<string, string> = {}): string {
    const metadata = { name: `${this.prefix}-${name}`, labels: { client: this.prefix, ...labels } }
    return JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data })
  }

  async pod(): Promise<string> {
    const which = ['-l', `app=${this.deployment}`, '--field-selector', 'status.phase=Running']
    return this.do(['get', 'pods', ...which, '-o', 'jsonpath={.items[0].metadata.name}'])
  }
}
