import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Node } from '../../../local/node/node.ts'
import { leasegate } from '../../../local/node/product/node-stage.ts'
import { execArgs, inPod, type Product } from '../../../local/node/product/product.ts'
import { until } from '../../support/until.ts'

export interface Load {
  readonly sent: number
  /** So many a second, where more were wanted than the machine had room for. */
  readonly held: number
  /** How often the watch beside the requests was opened. */
  readonly watches: number
  readonly failures: readonly string[]
  readonly lease: string
}

const PROGRAM = 'load.mjs'

/** Requests from the agent's pod while something else happens, under a lease of their own. */
export async function underLoad(
  node: Node,
  product: Product,
  perSecond: number,
  meanwhile: () => Promise<unknown>,
): Promise<Load> {
  const { agent, names } = product
  const text = await readFile(join(import.meta.dirname, PROGRAM), 'utf8')
  await inPod(node, agent, ['sh', '-c', `cat > ${PROGRAM}`], text)
  const id = await requestLease(node, product, names.inspect)
  const path = `/api/v1/namespaces/${names.app}/pods?limit=5`
  const load = startLoad(node, execArgs(agent, ['node', PROGRAM, id, path, String(perSecond)], true))
  try {
    await load.begun
    await meanwhile()
  } finally {
    load.end()
    await load.output
    await leasegate(node, product, 'agent', ['lease', 'revoke', id, '--reason', 'done'])
  }
  const said = (await load.output).trim().split('\n').at(-1) ?? ''
  return { ...(JSON.parse(said) as Omit<Load, 'lease'>), lease: id }
}

/** The id of a lease for the agent. */
export async function requestLease(node: Node, product: Product, template: string): Promise<string> {
  const asked = await leasegate(node, product, 'agent', [
    ...['lease', 'request', '--template', template, '--ttl', '50m', '--reason', 'load', '-o', 'json'],
  ])
  const { id } = JSON.parse(asked.stdout || '{}') as { readonly id?: string }
  if (id === undefined) throw new Error(asked.stderr)
  return id
}

function startLoad(node: Node, args: readonly string[]) {
  const [command, there] = node.place.command(node.kubectl, ['--kubeconfig', node.adminKubeconfig, ...args])
  const child = spawn(command, there, { stdio: ['pipe', 'pipe', 'inherit'] })
  const begun = Promise.withResolvers<void>()
  let text = ''
  child.stdout.setEncoding('utf8').on('data', part => {
    text += part
    begun.resolve()
  })
  const output = new Promise<string>(resolve => child.once('close', () => resolve(text)))
  void output.then(() => begun.reject(new Error('the load ended before it began')))
  // Whoever waits for it hears of it.
  begun.promise.catch(() => undefined)
  return { end: () => child.stdin.end(), begun: begun.promise, output }
}

export interface Recorded {
  readonly rows: number
  /** By what became of them. */
  readonly states: Readonly<Record<string, number>>
  /** Those of which nobody heard an end. */
  readonly unknown: number
}

/** What the record has of the lease's requests. */
async function recorded(node: Node, product: Product, { lease, failures }: Load): Promise<Recorded> {
  const sql = `SELECT state, count() AS n FROM requests WHERE lease = '${lease}' GROUP BY state`
  const { stdout } = await leasegate(node, product, 'admin', ['sql', sql, '-o', 'json'])
  const rows = JSON.parse(stdout || '[]') as readonly { readonly state: string; readonly n: string }[]
  const states = Object.fromEntries(rows.map(({ state, n }) => [state, Number(n)]))
  const count = Object.values(states).reduce((sum, n) => sum + n, 0)
  // One that failed may have been committed and never sent on; one that was answered was sent.
  const unsent = Math.max(0, (states['committed, not forwarded'] ?? 0) - failures.length)
  return { rows: count, states, unknown: (states['unknown'] ?? 0) + (states['open'] ?? 0) + unsent }
}

const SETTLED_WITHIN_MS = 150_000

/** The same once it has all that was answered, and nothing is open: what nobody was heard of for a minute is unknown. */
export async function settled(node: Node, product: Product, load: Load): Promise<Recorded> {
  const answered = load.sent - load.failures.length + load.watches
  let found = await recorded(node, product, load)
  await until(
    `${answered} rows without one that is open`,
    async () => {
      found = await recorded(node, product, load)
      return found.rows >= answered && (found.states['open'] ?? 0) === 0
    },
    SETTLED_WITHIN_MS,
  ).catch((error: Error) => {
    throw new Error(`${error.message}: ${JSON.stringify(found)}`)
  })
  return found
}
