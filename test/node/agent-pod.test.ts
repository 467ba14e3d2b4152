import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { apply } from '../../local/edition/cluster/prepare-cluster.ts'
import { API_SERVICE_ADDRESS } from '../../local/node/machine.ts'
import { leasegate } from '../../local/node/product/node-stage.ts'
import type { Ran } from '../../local/process/run.ts'
import { until } from '../support/until.ts'
import { theNode, theProduct } from './the-node.ts'

const EXAMPLE = join(import.meta.dirname, '../../docs/examples/kubernetes/agent.yaml')
const node = theNode()
const product = theProduct()
const { names } = product
const AGENT = `deployment/${names.agent}`
const HERE = ['-n', names.agentNamespace]
const POD = new RegExp(`^${names.deployment}-\\S+ +1/1 +Running`, 'm')
const LEASE = /lease (lse_[\w-]+), /

/** As its reader would change it: names, images, and nothing else. */
async function example(): Promise<string> {
  const text = await readFile(EXAMPLE, 'utf8')
  const ours: readonly (readonly [string, string])[] = [
    ['registry.corp.example/agents/web-operator:1', node.images.agent],
    ['registry.corp.example/leasegate/client:0.1.0', node.images.client],
    ['web-operator', names.agent],
    ['namespace: agents', `namespace: ${names.agentNamespace}`],
    ['name: agents', `name: ${names.agentNamespace}`],
    ['restart-web', names.restart],
    ['--namespace shop', `--namespace ${names.app}`],
  ]
  for (const [theirs] of ours) expect(text).toContain(theirs)
  return ours.reduce((changed, [theirs, own]) => changed.replaceAll(theirs, own), text)
}

const inside = (...command: readonly string[]) => node.admin(['exec', AGENT, ...HERE, '--', ...command])
const asAdmin = (...args: readonly string[]) => leasegate(node, product, 'admin', args)

/** Another task in the same pod, which watches until its lease has ended. */
const watching = (reason: string, ttl: string) =>
  inside(
    ...['leasegate', 'run', '--template', names.restart, '--reason', reason, '--namespace', names.app, '--ttl', ttl],
    ...['--', 'kubectl', 'get', 'pods', '--watch'],
  )

interface Watch {
  readonly agent: string
  readonly sponsor: string
  readonly lease: string
  readonly decision: string
  readonly what: string
  readonly state: string
  readonly endReason: string
  /** Epoch milliseconds. */
  readonly endedAt: string
}

/** What the record has of the watch under the lease that was given for this reason, once it is in that state. */
async function watched(reason: string, state: string): Promise<Watch> {
  const row = `SELECT agent, sponsor, lease, decision, what, state, end_reason AS endReason,
    toString(toUnixTimestamp64Milli(ended_at)) AS endedAt FROM requests
    WHERE verb = 'watch' AND task_reason = '${reason}' AND state = '${state}'`
  let found: Watch | undefined
  await until(`a watch that is ${state}: ${reason}`, async () => {
    found = (JSON.parse((await asAdmin('sql', row, '-o', 'json')).stdout || '[]') as readonly Watch[])[0]
    return found !== undefined
  })
  if (found === undefined) throw new Error(`no watch: ${reason}`)
  return found
}

interface Shown {
  readonly expiresAt: number
  readonly state: { readonly kind: string; readonly reason?: string }
}

async function shown(lease: string): Promise<Shown> {
  return JSON.parse((await asAdmin('lease', 'show', lease, '-o', 'json')).stdout)
}

async function stateOf(lease: string): Promise<Shown['state']> {
  return (await shown(lease)).state
}

describe('the agent of docs/examples/kubernetes, from its file', () => {
  let lease: string
  let [short, stopped]: Promise<Ran>[] = []

  beforeAll(async () => {
    await apply(node, await example())
    let said = ''
    await until(
      'the agent to see pods',
      async () => {
        said = (await node.admin(['logs', AGENT, ...HERE])).stdout
        return POD.test(said)
      },
      60_000,
    )
    lease = LEASE.exec(said)?.[1] ?? ''
    // Meanwhile the rest is looked at.
    short = watching('a short look', '10s')
    stopped = watching('a look that is stopped', '10m')
  })
  afterAll(() => node.admin(['delete', AGENT, ...HERE, '--ignore-not-found', '--wait=false']))

  test('begins with nothing, and sees pods under a lease of its own', async () => {
    expect(await watched('see that web is up', 'open')).toMatchObject({
      ...{ agent: names.agent, sponsor: names.sponsor, lease, decision: 'allow' },
      what: expect.stringContaining(`pods in ${names.app}`),
    })
  })

  test('has nothing for the API server, and no way to it', async () => {
    expect((await inside('ls', '/var/run/secrets')).code).not.toBe(0)
    const { stdout } = await inside('cat', '/var/run/leasegate/token')
    const claims = JSON.parse(Buffer.from(stdout.split('.')[1] ?? '', 'base64url').toString())
    expect(claims.aud).toEqual(['leasegate'])
    const tries = `require('node:net').connect({ host: '${API_SERVICE_ADDRESS}', port: 443, timeout: 5000 })
      .on('connect', () => process.exit(0)).on('timeout', () => process.exit(7)).on('error', () => process.exit(7))`
    expect((await inside('node', '-e', tries)).code).toBe(7)
    expect((await inside('sh', '-c', 'echo x > /opt/leasegate/new || echo x > /usr/new')).code).not.toBe(0)
  })

  test('is cut off when its lease has ended: by itself, or because an admin says so', async () => {
    const open = await watched('a look that is stopped', 'open')
    expect(await asAdmin('lease', 'revoke', open.lease, '--reason', 'enough')).toMatchObject({ code: 0 })
    expect((await stopped)?.stderr).toContain(`lease ${open.lease} ended: enough`)
    for (const ran of [await stopped, await short]) expect(ran?.stdout).toMatch(POD)
    expect(await watched('a look that is stopped', 'done')).toMatchObject({ endReason: 'lease cut' })
    // The API server is told to end a watch with its lease, in whole seconds; Envoy does where it does not.
    const { lease: over, endedAt, endReason } = await watched('a short look', 'done')
    expect(['completed', 'lease expired']).toContain(endReason)
    expect(Number(endedAt)).toBeLessThan((await shown(over)).expiresAt + 1000)
    // Other tasks of the same agent go on.
    expect(await stateOf(lease)).toMatchObject({ kind: 'active' })
  })

  test('gives its lease back when its pod is told to end', async () => {
    expect(await node.admin(['delete', AGENT, ...HERE, '--wait=false'])).toMatchObject({ code: 0 })
    await until('its lease to have ended', async () => (await stateOf(lease)).kind !== 'active')
    expect(await stateOf(lease)).toMatchObject({ kind: 'revoked', reason: expect.stringContaining('kubectl ended') })
  })
})
