import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { CliError } from '../command/cli-error.ts'
import type { Terminal } from '../command/terminal.ts'
import { type Recorded, startRecorder } from './recorder.ts'
import { withoutWayOut } from './way-out.ts'

export interface Command {
  readonly program: string
  readonly args: readonly string[]
  /** What it reads on standard input. */
  readonly input: Buffer
}

/**
 * Runs a client against a stand-in for the API server, and gives what it would change: the very bytes, since it is the client that makes
 * them. Rejects when it fails, with what it said, and when nothing came of it: then it asked nobody, or somebody else.
 */
export async function recordCommand(
  command: Command,
  namespace: string,
  terminal: Pick<Terminal, 'env'>,
): Promise<readonly Recorded[]> {
  // Nobody else looks into it (mode 0700), so nobody else reaches the cluster through its socket.
  const directory = await mkdtemp(join(tmpdir(), 'leasegate-plan-'))
  const started: ChildProcess[] = []
  try {
    const upstream = join(directory, 's')
    started.push(await kubectlProxy(upstream, terminal))
    const secret = randomBytes(32).toString('hex')
    const recorder = await startRecorder({ upstream, secret })
    try {
      const kubeconfig = join(directory, 'config')
      await writeFile(kubeconfig, toKubeconfig(`http://127.0.0.1:${recorder.port}/${secret}`, namespace), {
        mode: 0o600,
      })
      await run(command, withoutWayOut(terminal.env, kubeconfig))
      if (recorder.heard() === 0)
        throw new CliError('refused', `nothing of it reached the stand-in for the API server: ${UNPLANNED}`)
      return recorder.recorded
    } finally {
      recorder.close()
    }
  } finally {
    for (const child of started) child.kill()
    await rm(directory, { recursive: true, force: true })
  }
}

const UNPLANNED = 'nothing was planned, and if it reached a cluster in another way, it was done'
const STARTS_WITHIN_MS = 20_000

/** kubectl itself, with whatever kubeconfig and credential it has: reads go through it to the boundary. */
async function kubectlProxy(socket: string, { env }: Pick<Terminal, 'env'>): Promise<ChildProcess> {
  const args = ['proxy', `--unix-socket=${socket}`, '--reject-methods=^(POST|PUT|PATCH|DELETE)$']
  const child = spawn('kubectl', args, { env: { ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const failed = (why: string) => reject(new CliError('unavailable', `kubectl proxy could not be started: ${why}`))
  const timer = setTimeout(failed, STARTS_WITHIN_MS, 'it says nothing')
  child.once('error', error => failed(error.message)).once('exit', () => failed(said.trim()))
  child.stderr.on('data', chunk => (said += String(chunk)))
  child.stdout.on('data', chunk => {
    if (String(chunk).includes('Starting to serve')) resolve()
  })
  await promise.catch(error => {
    child.kill()
    throw error
  })
  clearTimeout(timer)
  return child
}

function toKubeconfig(server: string, namespace: string): string {
  const context = { cluster: 'plan', user: 'plan', ...(namespace === '' ? {} : { namespace }) }
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'plan', cluster: { server } }],
    users: [{ name: 'plan', user: {} }],
    contexts: [{ name: 'plan', context }],
    'current-context': 'plan',
  })
}

/** What it prints is about something that did not happen, so nobody reads it but when it fails. */
async function run({ program, args, input }: Command, env: Terminal['env']): Promise<void> {
  const child = spawn(program, args, { env: { ...env }, stdio: ['pipe', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', chunk => (said = `${said}${String(chunk)}`.slice(-16_384)))
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  child.once('error', error => reject(new CliError('usage', `cannot run ${program}: ${error.message}`)))
  child.once('close', code => resolve(code ?? 128))
  const code = await promise
  if (code !== 0) throw new CliError('refused', `${program} failed, so nothing was asked: ${said.trim()}`)
}

/** The namespace of the kubeconfig's context, and the lease or template that its credential is for. */
export interface Kubeconfig {
  readonly namespace: string
  readonly lease?: string
  readonly template?: string
}

export async function readKubeconfig({ env }: Pick<Terminal, 'env'>): Promise<Kubeconfig> {
  const child = spawn('kubectl', ['config', 'view', '--minify', '-o', 'json'], {
    env: { ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const { promise, resolve } = Promise.withResolvers<void>()
  let text = ''
  child.stdout.on('data', chunk => (text += String(chunk)))
  child.once('close', () => resolve()).once('error', () => resolve())
  await promise
  return fromConfig(text)
}

interface ConfigView {
  readonly contexts?: readonly { readonly context?: { readonly namespace?: string } }[]
  readonly users?: readonly { readonly user?: { readonly exec?: { readonly args?: readonly string[] } } }[]
}

function fromConfig(text: string): Kubeconfig {
  try {
    const { contexts, users } = JSON.parse(text) as ConfigView
    const namespace = contexts?.[0]?.context?.namespace ?? ''
    const args = users?.[0]?.user?.exec?.args ?? []
    const of = (option: string) => args[args.indexOf(option) + 1] ?? ''
    if (args.includes('--lease')) return { namespace, lease: of('--lease') }
    return args.includes('--template') ? { namespace, template: of('--template') } : { namespace }
  } catch {
    throw new CliError(
      'usage',
      'kubectl has no kubeconfig with a context: leasegate kubeconfig --out FILE, then export KUBECONFIG=FILE',
    )
  }
}
