import { beforeAll, describe, expect, test } from 'vitest'
import { BOUNDARY_NAMESPACE } from '../../local/edition/cluster/boundary-namespace.ts'
import { API_SERVICE_ADDRESS, NODE_ADDRESS } from '../../local/node/machine.ts'
import { RELEASE } from '../../local/node/product/release.ts'
import { until } from '../support/until.ts'
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
const AGENT = client('agent', agent)
const STRANGER = client('stranger', people)
const ENVOY = part('envoy', 'companion')
const [AUTHORIZER, TAP, BROKER] = [part('authorizer'), part('tap'), part('broker')]

/** Where to: addresses of pods, for those are what a policy is about. */
let at: Readonly<Record<string, string>>
/** By from, then by `host:port`. */
const seen = new Map<Place, Readonly<Record<string, string>>>()

const found = (from: Place, to: string, port: number) => seen.get(from)?.[`${at[to]}:${port}`]

beforeAll(async () => {
  const pods = { ...(await addresses(BOUNDARY_NAMESPACE)), web: (await addresses(names.app))[names.deployment] ?? '' }
  at = { ...pods, 'api-server': API_SERVICE_ADDRESS, node: NODE_ADDRESS }
  for (const from of new Set([...OPEN, ...CLOSED].map(([place]) => place))) {
    seen.set(from, await tries(from, targets(from, [...OPEN, ...CLOSED])))
  }
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

/** Tries them all at once: by `host:port`, whether a connection came about. */
async function tries({ exec, program }: Place, to: readonly string[]): Promise<Record<string, string>> {
  const script = `
    const tries = target => new Promise(resolve => {
      const [host, port] = target.split(':')
      const socket = require('node:net').connect({ host, port, timeout: 5000 })
      const end = word => { socket.destroy(); resolve([target, word]) }
      socket.on('connect', () => end('open')).on('timeout', () => end('closed')).on('error', () => end('closed'))
    })
    Promise.all(process.argv.slice(1).map(tries)).then(all => console.log(JSON.stringify(Object.fromEntries(all))))`
  const { stdout, stderr } = await node.admin(['exec', ...exec, '--', program, '-e', script, ...to])
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout) as Record<string, string>
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

const targets = (from: Place, all: typeof OPEN) =>
  all.filter(([place]) => place === from).map(([, to, port]) => `${at[to]}:${port}`)

const row = ([from, to, port]: readonly [Place, string, number]) => ({ from, name: from.name, to, port })

describe('NetworkPolicies, by connections that are tried', () => {
  test.each(OPEN.map(row))('$name reaches $to at $port', ({ from, to, port }) => {
    expect(found(from, to, port)).toBe('open')
  })

  test.each(CLOSED.map(row))('$name does not reach $to at $port', ({ from, to, port }) => {
    expect(found(from, to, port)).toBe('closed')
  })
})

describe('the firewall of pods, which is made anew for each that comes or goes', () => {
  test('lets nothing through at the moment in which neither the old nor the new one is asked', async () => {
    for (const chain of ['FORWARD', 'INPUT']) await node.place.must('iptables', ['-D', chain, '1'])
    const words = await tries(AGENT, targets(AGENT, CLOSED))
    expect(new Set(Object.values(words))).toEqual(new Set(['closed']))
    await node.admin(['label', 'pod', agent.name, '-n', agent.namespace, 'firewall=again'])
    const { must } = node.place
    await until('the chains of pods to be asked again', async () => {
      const rules = await must('iptables', ['-S'])
      return ['FORWARD', 'INPUT'].every(chain => rules.includes(`-j KUBE-ROUTER-${chain}`))
    })
    // The tests after this one need the way that is open.
    await until('the agent to reach Envoy again', async () => {
      const open = Object.values(await tries(AGENT, targets(AGENT, OPEN)))
      return open.length > 0 && open.every(word => word === 'open')
    })
  })
})
