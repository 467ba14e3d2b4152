import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { Client, credentials } from '@grpc/grpc-js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MAIN } from '../../local/edition/leasegate.ts'
import { listensOn } from '../../local/process/listens-on.ts'
import { serviceDefinition } from '../../src/envoy/server/protos.ts'
import { partitionOf } from '../../src/lease/lease-id.ts'
import type { RedisLink } from '../../src/redis/connect/connect-redis.ts'
import { partitionPrefix } from '../../src/redis/keys.ts'
import { CliWorld } from '../cli/cli-world.ts'
import { SURROUNDINGS } from '../cli/leasegate.ts'
import { until } from '../support/until.ts'

/** When the process is killed, after a request that uses a yes was sent: before it was read, in between, and when it was answered. */
const MOMENTS_MS = [0, 1, 2, 4, 8, 30]
const READY_MS = 60_000

let world: CliWorld
let link: RedisLink
let authorizer: ChildProcess
let lease: string
let token: string
let asked = 0

beforeAll(async () => {
  world = await CliWorld.start()
  link = await world.valkey.connected({ deadlineMs: 20_000 })
  authorizer = await startAuthorizer()
  const wish = [
    'lease',
    'request',
    '--template',
    'restart-web',
    '--namespace',
    'shop',
    '--reason',
    'slow',
    '-o',
    'json',
  ]
  lease = JSON.parse((await world.as('web-operator', ...wish)).stdout).id
  token = JSON.parse((await world.as('web-operator', 'credential', '--lease', lease)).stdout).status.token
})
afterAll(async () => {
  authorizer?.kill('SIGKILL')
  await world?.stop()
})

const socket = () => world.path('authorizer.sock')

async function startAuthorizer(): Promise<ChildProcess> {
  const { LEASEGATE_SIGNING_KEYS_FILE: _, LEASEGATE_BROKER_LISTEN: __, ...env } = world.brokerEnv()
  const listen = { LEASEGATE_AUTHORIZER_LISTEN: `unix:${socket()}`, ...SURROUNDINGS }
  const child = spawn(process.execPath, [MAIN, 'authorizer'], { env: { ...env, ...listen }, stdio: 'ignore' })
  await until('the authorizer to listen', () => listensOn(socket()), READY_MS)
  return child
}

async function killed(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

interface Said {
  readonly allowed: boolean
  /** metav1.Status of a denial, '' for none. */
  readonly body: string
}

/** Null when nobody answered. */
async function check(secret: string): Promise<Said | null> {
  const method = serviceDefinition('envoy.service.auth.v3.Authorization')['Check']
  if (method === undefined) throw new Error('no Check in the service')
  const line = (key: string, value: string) => ({ key, raw_value: Buffer.from(value) })
  const headers = [
    line('authorization', `Bearer ${token}`),
    line('x-request-id', `killed-${asked++}-${crypto.randomUUID()}`),
  ]
  const path = `/api/v1/namespaces/shop/secrets/${secret}`
  const request = { http: { method: 'GET', path, header_map: { headers } } }
  const source = { address: { socket_address: { address: '127.0.0.1', port_value: 1 } } }
  const attributes = { source, request, context_extensions: { route: 'read' } }
  const client = new Client(`unix:${socket()}`, credentials.createInsecure())
  const { promise, resolve } = Promise.withResolvers<Said | null>()
  type Answer = { status?: { code?: number }; denied_response?: { body?: string } }
  client.makeUnaryRequest<object, Answer>(
    method.path,
    method.requestSerialize,
    bytes => method.responseDeserialize(bytes) as Answer,
    { attributes },
    { deadline: Date.now() + 10_000 },
    (error, answer) => {
      if (error !== null) return resolve(null)
      resolve({ allowed: (answer?.status?.code ?? 0) === 0, body: answer?.denied_response?.body ?? '' })
    },
  )
  return promise.finally(() => client.close())
}

/** A yes that nobody has used, and what it is to. */
async function approved(): Promise<{ secret: string; approval: string }> {
  const secret = `db-${crypto.randomUUID()}`
  const pattern = /apr_[0-9a-z]+/
  let approval = ''
  await until('a question', async () => {
    approval = pattern.exec((await check(secret))?.body ?? '')?.[0] ?? ''
    return approval !== ''
  })
  // The broker finds the store again by itself, and not necessarily before the authorizer does.
  await until('a yes', async () => {
    const { digest, state } = await broker('GET', `/v1/approvals/${approval}`)
    if (state === 'pending') await broker('POST', `/v1/approvals/${approval}/approve`, { digest })
    return state === 'approved'
  })
  return { secret, approval }
}

// biome-ignore lint/suspicious/noExplicitAny: of an answer tests say what they expect
async function broker(method: string, path: string, body?: object): Promise<any> {
  const identity = await world.corp.token({ sub: 'hana', email: 'hana@corp.example' })
  const headers = { authorization: `Bearer ${identity}`, 'content-type': 'application/json' }
  const sent = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) }
  return (await fetch(`${world.brokerUrl}${path}`, sent)).json()
}

/** How often the record says that it was let through by this yes. */
async function onRecord(approval: string): Promise<number> {
  const key = `${partitionPrefix(partitionOf(approval))}journal`
  const entries = await link.ask('journal', redis => redis.xrange(key, '-', '+'))
  return entries.filter(([, fields]) => {
    const settled = fields[fields.indexOf('s') + 1] ?? ''
    return fields.includes('s') && settled.includes('"decision":"allow"') && settled.includes(approval)
  }).length
}

const stateOf = async (approval: string): Promise<string> =>
  (await link.ask('state', redis =>
    redis.hget(`${partitionPrefix(partitionOf(approval))}approval:${approval}`, 'state'),
  )) ?? ''

/** Sends what the yes is to again and again, until there was an answer twice. */
async function again(secret: string): Promise<readonly Said[]> {
  const answers: Said[] = []
  await until('two answers', async () => {
    const said = await check(secret)
    // What says that nothing could be decided is no answer.
    if (said !== null && !said.body.includes('ServiceUnavailable')) answers.push(said)
    return answers.length >= 2
  })
  return answers
}

async function expectOnce(approval: string, said: readonly (Said | null)[]): Promise<void> {
  await until('a connection to the store', () => link.unready === null)
  const passed = said.filter(one => one?.allowed === true).length
  expect(passed).toBeLessThanOrEqual(1)
  // Somebody may have been killed between the record and the answer: then it is on record, and did not run.
  expect(await onRecord(approval)).toBe(1)
  expect(await stateOf(approval)).toBe('used')
}

describe('one yes is used once, and on record once,', () => {
  test.each(MOMENTS_MS)('when the authorizer is killed %i ms after it was sent', async moment => {
    const { secret, approval } = await approved()
    const first = check(secret)
    await pause(moment)
    await killed(authorizer)
    const said = await first
    authorizer = await startAuthorizer()
    await expectOnce(approval, [said, ...(await again(secret))])
  })

  test.each(MOMENTS_MS)('when the store is killed %i ms after it was sent', async moment => {
    const { secret, approval } = await approved()
    const first = check(secret)
    await pause(moment)
    await world.valkey.kill()
    const said = await first
    await world.valkey.boot()
    await expectOnce(approval, [said, ...(await again(secret))])
  })

  test('when the broker is killed between the yes and its use', async () => {
    const { secret, approval } = await approved()
    await world.stopBroker()
    const said = await again(secret)
    expect(said[0]?.allowed).toBe(true)
    await expectOnce(approval, said)
    await world.startBroker()
  })
})
