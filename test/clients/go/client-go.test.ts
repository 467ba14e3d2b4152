import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { TestEdition } from '../../e2e/an-edition.ts'
import { stretched, until } from '../../support/until.ts'
import { aClientsEdition, unrecorded } from '../a-clients-edition.ts'
import { ClientProgram } from '../client-program.ts'
import { buildClientGo, type ClientGoSaid } from './client-go.ts'

const WITHIN = 180_000

let playing: TestEdition
let program: string
let app: string
const leases: string[] = []
let live: string[] = []
const running: ClientProgram<ClientGoSaid>[] = []

beforeAll(async () => {
  program = await buildClientGo()
  playing = await aClientsEdition(() => [])
  app = playing.edition.names.app
}, 600_000)
afterAll(async () => {
  await Promise.all(running.map(each => each.stop()))
  await playing.stop()
})

// What a failed test left would be in the way of the next.
afterEach(async () => {
  for (const id of live.splice(0)) await playing.leasegate('admin', 'lease', 'revoke', id)
})

async function lease(template: string, ...args: readonly string[]): Promise<string> {
  const id = await playing.lease(template, ...args)
  leases.push(id)
  live.push(id)
  return id
}

/** When it took effect, epoch milliseconds. */
async function revoke(id: string): Promise<number> {
  expect(await playing.leasegate('admin', 'lease', 'revoke', id)).toMatchObject({ code: 0 })
  const shown = await playing.leasegate('admin', 'lease', 'show', id, '-o', 'json')
  const { state } = JSON.parse(shown.stdout) as { readonly state: { readonly kind: string; readonly at: number } }
  expect(state.kind).toBe('revoked')
  live = live.filter(each => each !== id)
  return state.at
}

function start(task: string, ...args: readonly string[]): ClientProgram<ClientGoSaid> {
  return startWith(playing.stage.kubeconfigFile, task, ...args)
}

function startWith(kubeconfig: string, task: string, ...args: readonly string[]): ClientProgram<ClientGoSaid> {
  const started = new ClientProgram<ClientGoSaid>({ command: program }, [task, kubeconfig, app, ...args])
  running.push(started)
  return started
}

async function makePod(name: string): Promise<void> {
  const made = await playing.edition.cluster.admin(['run', name, '-n', app, '--image=web:1', '--restart=Never'])
  expect(made.stderr).toBe('')
}

describe('an informer', () => {
  test(
    'lists and watches, is cut when its lease is revoked, and lists and watches again under the next one',
    async () => {
      const { restart, deployment } = playing.edition.names
      const kubeconfig = join(playing.edition.directory, 'by-template.kubeconfig')
      const first = await lease(restart, '--ttl', '30s')
      const written = await playing.leasegate('agent', 'kubeconfig', '--template', restart, '--out', kubeconfig)
      expect(written, written.stderr).toMatchObject({ code: 0 })
      const informer = startWith(kubeconfig, 'inform')
      await informer.says({ says: 'synced' })
      await informer.says({ says: 'added', resource: 'deployments', name: deployment })
      await makePod('before')
      await informer.says({ says: 'added', resource: 'pods', name: 'before' })
      const revokedAt = await revoke(first)
      const refused = await informer.says({ says: 'interrupted', resource: 'pods' })
      expect(refused.error).toContain('leasegate: the lease was revoked; ask for a new one: leasegate lease request')
      await lease(restart, '--ttl', '10m')
      await makePod('after')
      const seen = await informer.says({ says: 'added', resource: 'pods', name: 'after' }, 80_000)
      const answers = informer.said.filter(({ says, at }) => says === 'answer' && at > revokedAt && at <= seen.at)
      // Nothing passes in between; then both are followed again.
      expect(answers.map(({ status }) => status).join(' ')).toMatch(/^(403 )+200( 200)*$/)
      await until(
        'deployments to be followed again',
        () => {
          const followed = informer.all({ says: 'answer', status: 200, watch: true })
          return followed.some(({ path, at }) => path?.endsWith('/deployments') === true && at > revokedAt)
        },
        40_000,
      )
      await informer.stop()
    },
    WITHIN,
  )
})

describe('watches of everything at once', () => {
  test(
    'are all live over one connection, and all cut within a second of the end of their lease',
    async () => {
      const mine = await lease(playing.edition.names.own)
      const watching = start('watch')
      const { count = 0 } = await watching.says({ says: 'watching' })
      expect(count).toBeGreaterThan(20)
      // All but one: Secrets wait for an approver.
      await until('all watches to be live', () => watching.all({ says: 'live' }).length === count - 1)
      const streams = watching.all({ says: 'answer', watch: true, status: 200 })
      expect(new Set(streams.map(({ protocol }) => protocol))).toEqual(new Set(['HTTP/2.0']))
      const revokedAt = await revoke(mine)
      expect(await watching.exited).toBe(0)
      const cuts = watching.all({ says: 'cut' })
      expect(cuts).toHaveLength(count - 1)
      expect(Math.min(...cuts.map(({ at }) => at))).toBeGreaterThan(revokedAt - 100)
      expect(Math.max(...cuts.map(({ at }) => at)) - revokedAt).toBeLessThan(stretched(1000))
      const [held] = watching.all({ says: 'refused' })
      expect(held).toMatchObject({ resource: 'secrets', error: expect.stringContaining('the lease was revoked') })
    },
    WITHIN,
  )
})

describe('longer tasks of a controller', () => {
  test(
    'scale and wait',
    async () => {
      const mine = await lease(playing.edition.names.own)
      const scaling = start('scale', playing.edition.names.deployment, '4')
      const code = await scaling.exited
      expect({ code, errors: scaling.errors, last: scaling.said.at(-1) }).toMatchObject({ code: 0 })
      expect(await scaling.says({ says: 'ready' })).toMatchObject({ replicas: 4 })
      await revoke(mine)
    },
    WITHIN,
  )

  test(
    'lead for as long as the lease lasts',
    async () => {
      const mine = await lease(playing.edition.names.own)
      const leader = start('lead', 'only-one')
      await leader.says({ says: 'leading' })
      await until('it to renew', () => leader.all({ says: 'answer', status: 200 }).length >= 4)
      expect(leader.all({ says: 'no longer leading' })).toEqual([])
      const revokedAt = await revoke(mine)
      const { at } = await leader.says({ says: 'no longer leading' }, 5000)
      // client-go's own time for trying to renew.
      expect(at - revokedAt).toBeLessThan(stretched(3000))
      expect(leader.errors).toContain('leasegate: the lease was revoked')
    },
    WITHIN,
  )
})

/** What `apierrors` takes each for; only a question has a time to wait in it. */
const REFUSALS = {
  'a list outside of the lease': { known: ['IsForbidden'], delay: false, retry: /^(with-lease|never)$/ },
  'a watch outside of the lease': { known: ['IsForbidden'], delay: false, retry: /^(with-lease|never)$/ },
  'a create outside of the lease': { known: ['IsForbidden'], delay: false, retry: /^(with-lease|never)$/ },
  'what is too large': { known: ['IsRequestEntityTooLargeError'], delay: false, retry: undefined },
  'what is not there': { known: ['IsNotFound'], delay: false, retry: undefined },
  'what waits for a human': { known: ['IsTooManyRequests'], delay: true, retry: /^after-approval$/ },
  'as somebody else': { known: ['IsForbidden'], delay: false, retry: /^never$/ },
  'a token of nobody': { known: ['IsUnauthorized'], delay: false, retry: /^with-credential$/ },
} as const

describe('a program that asks what an error is', () => {
  test(
    'is told by the functions of client-go, whether it speaks JSON or protobuf, and reads the causes',
    async () => {
      const { own, foreign } = playing.edition.names
      const mine = await lease(own)
      const asking = start('refuse', foreign, 'db')
      expect(await asking.exited, asking.errors).toBe(0)
      const refused = asking.all({ says: 'refused' })
      for (const form of ['application/json', 'application/vnd.kubernetes.protobuf']) {
        for (const [what, { known, delay, retry }] of Object.entries(REFUSALS)) {
          const found = refused.find(({ name }) => name === `${form} ${what}`)
          expect(found, what).toMatchObject({ known, delay })
          if (delay) expect(found?.seconds).toBeGreaterThan(0)
          if (retry === undefined) continue
          expect(found?.causes, what).toMatchObject({
            LeasegateReason: expect.any(String),
            LeasegateRetry: expect.stringMatching(retry),
            LeasegateAuditID: expect.any(String),
          })
        }
      }
      await revoke(mine)
    },
    WITHIN,
  )
})

describe('the record', () => {
  test('has all that the API server saw of them', async () => {
    await until('every one of them', async () => (await unrecorded(playing, leases)).length === 0)
  })
})
