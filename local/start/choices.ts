import { isAbsolute, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { OwnClusterChoice } from '../own-cluster/own-cluster.ts'

export const USAGE = `npm start -- [options]
  --port PORT            the boundary's port (7443)
  --broker-port PORT     the broker's port (7444)
  --sign-in-port PORT    where people sign in to the console of the story (7445)
  --clickhouse-url URL   a ClickHouse server for the record, instead of the embedded engine
  --keep                 leave data and logs behind
The story, on a cluster that it starts:
  --once                 end after the story, with exit code 0 only if every step went as it should
Inside a cluster with a real node, from the chart (Linux and root):
  --node                 instead of beside a cluster of pretended nodes
  --install              install the Debian packages that are missing (apt-get)
In front of a cluster of your own:
  --kubeconfig FILE      which; shows what would be created there, and changes nothing
  --context NAME         one of its contexts (the current one)
  --policy FILE          the policy file; without it a first one is written, for you to edit
  --impersonation MODE   constrained or legacy (what the server has)
  --apply                create it, and start the boundary
  --teardown             remove what --apply created`

export interface Common {
  readonly keep: boolean
  readonly boundaryPort: number
  readonly brokerPort: number
  readonly signInPort: number
  readonly clickhouseUrl: string | null
}

export type Choices =
  | { readonly kind: 'help' }
  | { readonly kind: 'story'; readonly once: boolean; readonly common: Common }
  | { readonly kind: 'node'; readonly once: boolean; readonly install: boolean; readonly keep: boolean }
  | {
      readonly kind: 'own'
      readonly action: 'show' | 'apply' | 'teardown'
      readonly choice: OwnClusterChoice
      readonly common: Common
    }

const OPTIONS = {
  once: { type: 'boolean', default: false },
  keep: { type: 'boolean', default: false },
  node: { type: 'boolean', default: false },
  install: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
  port: { type: 'string', default: '7443' },
  'broker-port': { type: 'string', default: '7444' },
  'sign-in-port': { type: 'string', default: '7445' },
  'clickhouse-url': { type: 'string' },
  kubeconfig: { type: 'string' },
  context: { type: 'string' },
  policy: { type: 'string' },
  impersonation: { type: 'string' },
  apply: { type: 'boolean', default: false },
  teardown: { type: 'boolean', default: false },
} as const

/** Of processes beside the cluster. */
const BESIDE = ['port', 'broker-port', 'sign-in-port', 'clickhouse-url']

/** Throws a sentence for people. Paths are those of the folder that npm was called in. */
export function readChoices(args: readonly string[], folder = process.env['INIT_CWD'] ?? process.cwd()): Choices {
  const { values } = parseArgs({ args: [...args], options: OPTIONS })
  if (values.help) return { kind: 'help' }
  const common = {
    keep: values.keep,
    boundaryPort: toPort(values.port, '--port'),
    brokerPort: toPort(values['broker-port'], '--broker-port'),
    signInPort: toPort(values['sign-in-port'], '--sign-in-port'),
    clickhouseUrl: values['clickhouse-url'] ?? null,
  }
  const { kubeconfig, context, policy, impersonation, apply, teardown, once, node, install } = values
  if (node && kubeconfig !== undefined)
    throw new Error('--node has a cluster of its own: it does not go with --kubeconfig')
  if (install && !node) throw new Error('--install goes with --node')
  if (kubeconfig === undefined) {
    const alone = Object.entries({ context, policy, impersonation, apply, teardown }).find(([, value]) => value)
    if (alone !== undefined) throw new Error(`--${alone[0]} goes with --kubeconfig FILE`)
    const beside = BESIDE.find(name => args.some(arg => arg === `--${name}` || arg.startsWith(`--${name}=`)))
    if (node && beside !== undefined)
      throw new Error(
        `--node is installed by the chart, which has ports and stores of its own: it does not go with --${beside}`,
      )
    if (node) return { kind: 'node', once, install, keep: common.keep }
    return { kind: 'story', once, common }
  }
  if (once) throw new Error('--once is of the story, which has a cluster of its own: it does not go with --kubeconfig')
  if (apply && teardown) throw new Error('--apply and --teardown are opposites: choose one')
  const choice = {
    kubeconfig: inFolder(folder, kubeconfig),
    context: context ?? null,
    policy: policy === undefined ? null : inFolder(folder, policy),
    impersonation: toMode(impersonation),
  }
  return { kind: 'own', action: apply ? 'apply' : teardown ? 'teardown' : 'show', choice, common }
}

function inFolder(folder: string, path: string): string {
  return isAbsolute(path) ? path : resolve(folder, path)
}

function toMode(text: string | undefined): OwnClusterChoice['impersonation'] {
  if (text === undefined || text === 'constrained' || text === 'legacy') return text ?? null
  throw new Error('--impersonation must be constrained or legacy')
}

function toPort(text: string, option: string): number {
  const port = Number(text)
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port
  throw new Error(`${option} must be a port from 1 to 65535`)
}
