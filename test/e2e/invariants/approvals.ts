import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { apply } from '../../../local/edition/cluster/prepare-cluster.ts'
import { answer } from '../../../local/story/answer.ts'
import { until } from '../../support/until.ts'
import { playing, pods, send } from './the-guarded-edition.ts'

/** Of pods that never run. */
const HANDS_SECRET = { containers: [{ name: 'web', image: 'web:2', envFrom: [{ secretRef: { name: 'db' } }] }] }

/** Nobody writes to it but who is asked to. */
function nightly(namespace: string): object {
  const spec = {
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    containers: [{ name: 'web', image: 'web:1' }],
  }
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'nightly', namespace },
    spec: { schedule: '0 0 1 1 *', suspend: true, jobTemplate: { spec: { template: { spec } } } },
  }
}

describe('an approval binds one exact request', () => {
  const secret = () => `/api/v1/namespaces/${playing.edition.names.app}/secrets/db`
  let bearer: string

  async function heldAs(line: string): Promise<string> {
    const answer = await send(line, [], '', bearer)
    expect(answer.status).toBe(429)
    expect(answer.head.toLowerCase()).toContain('retry-after:')
    return /apr_\w+/.exec(answer.body)?.[0] ?? ''
  }

  /** How many changes of the policy each authorizer has noticed. */
  async function changesSeen(): Promise<readonly number[]> {
    const logs = ['authorizer-0', 'authorizer-1'].map(name => join(playing.edition.directory, `${name}.log`))
    return Promise.all(logs.map(async log => (await readFile(log, 'utf8')).split('policy changed').length))
  }

  test('nothing but that request passes, and that only once', async () => {
    bearer = await playing.token(await playing.lease(playing.edition.names.retire))
    const id = await heldAs(`GET ${secret()}`)
    expect(await heldAs(`GET ${secret()}`)).toBe(id)
    expect((await answer(playing.stage, 'agent', 'approve', id)).code).not.toBe(0)
    expect((await answer(playing.stage, 'approver', 'approve', id)).code).toBe(0)
    for (const other of [`GET ${secret()}?resourceVersion=0`, `HEAD ${secret()}`]) {
      const answer = await send(other, [], '', bearer)
      expect(answer.status).toBe(429)
    }
    expect((await send(`GET ${secret()}`, [], '', bearer)).status).toBe(200)
    expect(await heldAs(`GET ${secret()}`)).not.toBe(id)
  })

  test('of many that come at once, to both authorizers, one passes', async () => {
    const id = await heldAs(`GET ${secret()}`)
    expect((await answer(playing.stage, 'approver', 'approve', id)).code).toBe(0)
    const answers = await Promise.all(Array.from({ length: 12 }, () => send(`GET ${secret()}`, [], '', bearer)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(11)
  })

  test('is for the object as the approver saw it: the API server compares, of what comes through Envoy', async () => {
    const { cluster, names } = playing.edition
    await apply(cluster, [nightly(names.app)])
    const own = await playing.lease(names.own)
    const held = await playing.token(own)
    const path = `/apis/batch/v1/namespaces/${names.app}/cronjobs/nightly`
    const body = JSON.stringify({ spec: { jobTemplate: { spec: { template: { spec: HANDS_SECRET } } } } })
    const headers = ['Content-Type: application/merge-patch+json', `Content-Length: ${body.length}`]
    const patch = () => send(`PATCH ${path}`, headers, body, held)
    const agreed = async () => {
      const asked = await patch()
      expect(asked).toMatchObject({ status: 429 })
      const id = /apr_\w+/.exec(asked.body)?.[0] ?? ''
      expect(await answer(playing.stage, 'approver', 'approve', id)).toMatchObject({ code: 0 })
    }
    await agreed()
    await cluster.admin(['label', 'cronjob', 'nightly', '-n', names.app, 'moved=yes'])
    const late = await patch()
    expect(late).toMatchObject({ status: 403, body: expect.stringContaining('as the approver saw it') })
    const images = ['get', 'cronjob', 'nightly', '-n', names.app, '-o', 'jsonpath={..image}']
    expect((await cluster.admin(images)).stdout).toBe('web:1')
    await agreed()
    expect(await patch()).toMatchObject({ status: 200 })
    expect((await cluster.admin(images)).stdout).toBe('web:2')
    await playing.leasegate('agent', 'lease', 'revoke', own, '--reason', 'was a test')
  })

  async function edited(text: string): Promise<void> {
    const before = await changesSeen()
    await writeFile(playing.edition.policyFile, text)
    await until('both authorizers to know', async () => (await changesSeen()).every((n, i) => n > (before[i] ?? 0)))
  }

  test('an edit of the policy that makes it stricter takes a yes back, and one about something else does not', async () => {
    const text = await readFile(playing.edition.policyFile, 'utf8')
    const elsewhere = text.replace('productionNamespaces:', 'productionNamespaces:\n  - elsewhere')
    const here = `${text}\nriskRules:\n  - {id: secrets-get, tier: critical}\n`
    expect([elsewhere === text, /^riskRules:/m.test(text)]).toEqual([false, false])
    try {
      const id = await heldAs(`GET ${secret()}`)
      expect((await answer(playing.stage, 'approver', 'approve', id)).code).toBe(0)
      await edited(here)
      const asked = await send(`GET ${secret()}`, [], '', bearer)
      expect(asked.status).toBe(429)
      expect(asked.body).toContain(`what was said to ${id} does not hold for it: the policy for this task was edited`)
      await edited(elsewhere)
      expect((await send(`GET ${secret()}`, [], '', bearer)).status).toBe(200)
    } finally {
      await writeFile(playing.edition.policyFile, text)
    }
  })
})

describe('the policy', () => {
  const works = async () => (await send(`GET ${pods()}`)).status

  test('a broken file changes nothing, a stricter one binds running leases at once', async () => {
    const { policyFile, names } = playing.edition
    const text = await readFile(policyFile, 'utf8')
    await writeFile(policyFile, 'templates: [')
    await pause(1500)
    expect(await works()).toBe(200)
    await writeFile(policyFile, text.replace(`name: ${names.inspect}\n`, 'name: something-else\n'))
    await until('the lease to be of no use', async () => (await works()) === 403)
    await writeFile(policyFile, text)
    await until('the lease to be good again', async () => (await works()) === 200)
    await until('the broker to know', async () =>
      (await playing.leasegate('agent', 'whoami')).stdout.includes(names.inspect),
    )
  })
})
