import { beforeAll, describe, expect, test } from 'vitest'
import { BOUNDARY_NAMESPACE } from '../../local/edition/boundary-namespace.ts'
import { API_SERVICE_ADDRESS, NODE_ADDRESS } from '../../local/node/machine.ts'
import { RELEASE } from '../../local/node/product/release.ts'
import { theNode, theProduct } from './the-node.ts'

const node = theNode()
const { agent, people, names } = theProduct()

interface Place {
  readonly name: string
  readonly exec: readonly string[]
  readonly program: string
}

const client = (name: string, { namespace, name: pod }: typeof agent): Place => ({
  name,
  exec: ['-n', namespace, pod],
  program: 'node',
})
const part = (name: string, container: string = name): Place => ({
  name,
  exec: ['-n', BOUNDARY_NAMESPACE, `deployment/${RELEASE}-${name}`, '-c', container],
  program: '/nodejs/bin/node',
})

/** From where; only those that run Node.js can be asked to try. Envoy's pod has it in the container beside Envoy. */
const AGENT = client("an agent's pod", agent)
const STRANGER = client("a stranger's pod", people)
const ENVOY = part('envoy', 'companion')
const [AUTHORIZER, TAP, BROKER] = [part('authorizer'), part('tap'), part('broker')]

/** Where to: addresses of pods, for those are what a policy is about. */
let at: Readonly<Record<string, string>>

beforeAll(async () => {
  const pods = { ...(await addresses(BOUNDARY_NAMESPACE)), web: (await addresses(names.app))[names.deployment] ?? '' }
  at = { ...pods, 'api-server': API_SERVICE_ADDRESS, node: NODE_ADDRESS }
})

async function addresses(namespace: string): Promise<Record<string, string>> {
  const label = '{.metadata.labels.app\\.kubernetes\\.io/component}{.metadata.labels.app}'
  const path = `jsonpath={range .items[?(@.status.phase=="Running")]}${label} {.status.podIP}{"\\n"}{end}`
  const { stdout } = await node.admin(['get', 'pods', '-n', namespace, '-o', path])
  return Object.fromEntries(
    stdout
      .trim()
      .split('\n')
      .map(line => line.split(' ')),
  )
}

/** Whether a connection comes about: `open`, or why not. */
async function tries({ exec, program }: Place, host: string, port: number): Promise<string> {
  const script = `
    const socket = require('node:net').connect({ host: '${host}', port: ${port}, timeout: 3000 })
    const end = word => { console.log(word); process.exit() }
    socket.on('connect', () => end('open')).on('timeout', () => end('closed')).on('error', () => end('closed'))`
  const { stdout, stderr } = await node.admin(['exec', ...exec, '--', program, '-e', script])
  return stdout.trim() || stderr
}

const OPEN: readonly (readonly [Place, string, number])[] = [
  [AGENT, 'envoy', 10_443],
  [AGENT, 'envoy', 10_444],
  [STRANGER, 'envoy', 10_443],
  [STRANGER, 'api-server', 443],
  [STRANGER, 'web', 8080],
  [ENVOY, 'authorizer', 9001],
  [ENVOY, 'tap', 9001],
  [ENVOY, 'broker', 9001],
  [ENVOY, 'api-server', 443],
  [AUTHORIZER, 'valkey', 6379],
  [TAP, 'valkey', 6379],
  [BROKER, 'valkey', 6379],
]

const CLOSED: readonly (readonly [Place, string, number])[] = [
  [AGENT, 'api-server', 443],
  [AGENT, 'node', 6443],
  [AGENT, 'node', 10_250],
  [AGENT, 'web', 8080],
  [AGENT, 'envoy', 9091],
  ...[AGENT, STRANGER].flatMap(from =>
    ['authorizer', 'tap', 'broker'].flatMap(to => [9001, 9090].map(port => [from, to, port] as const)),
  ),
  [AGENT, 'valkey', 6379],
  [STRANGER, 'valkey', 6379],
  [ENVOY, 'valkey', 6379],
  [ENVOY, 'web', 8080],
  [AUTHORIZER, 'tap', 9001],
  [AUTHORIZER, 'broker', 9001],
  [AUTHORIZER, 'api-server', 443],
  [AUTHORIZER, 'web', 8080],
  [TAP, 'authorizer', 9001],
  [TAP, 'api-server', 443],
  [TAP, 'web', 8080],
  [BROKER, 'tap', 9001],
  [BROKER, 'web', 8080],
]

const row = ([from, to, port]: readonly [Place, string, number]) => ({ from, name: from.name, to, port })

describe('NetworkPolicies, by connections that are tried', () => {
  test.each(OPEN.map(row))('$name reaches $to at $port', async ({ from, to, port }) => {
    expect(await tries(from, at[to] ?? '', port)).toBe('open')
  })

  test.each(CLOSED.map(row))('$name does not reach $to at $port', async ({ from, to, port }) => {
    expect(await tries(from, at[to] ?? '', port)).toBe('closed')
  })
})
