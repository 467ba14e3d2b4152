import { readFile, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { apply } from '../../local/edition/cluster/prepare-cluster.ts'
import { answer } from '../../local/story/answer.ts'
import { until } from '../../local/story/stage.ts'
import { rawRequest } from '../support/wire/raw-request.ts'
import { anEdition, type TestEdition } from './an-edition.ts'

const RULES = [
  {
    id: 'prod-image',
    tier: 'high',
    why: 'changes the image of what serves',
    apiGroups: ['apps'],
    resources: ['deployments'],
    namespaceClass: 'production',
    changes: ['image'],
  },
  {
    id: 'note',
    tier: 'low',
    why: 'writes annotations and nothing else',
    verbs: ['patch'],
    changesOnly: ['annotations'],
    replaces: ['workload-write'],
  },
  { id: 'many', tier: 'critical', why: 'deletes ten objects or more', changes: ['deletes'], minObjects: 10 },
]
const APPROVAL = {
  require: ['pods-eviction'],
  tiers: { low: 'pass', high: { people: 2, groups: ['oncall'] }, critical: 'never' },
}

interface PolicyFile {
  readonly people: readonly { readonly name: string; readonly roles: readonly string[] }[]
  readonly templates: readonly { readonly name: string }[]
  readonly productionNamespaces: readonly string[]
}

let playing: TestEdition
let lease = ''

beforeAll(async () => {
  playing = await anEdition()
  const { cluster, names, policyFile } = playing.edition
  const file: PolicyFile = parse(await readFile(policyFile, 'utf8'))
  const people = file.people.map(person => ({ ...person, roles: [...new Set([...person.roles, 'approver'])] }))
  await writeFile(
    policyFile,
    stringify({
      ...file,
      people,
      groups: [{ name: 'oncall', members: people.map(({ name }) => name) }],
      productionNamespaces: [...file.productionNamespaces, names.app],
      riskRules: RULES,
      templates: file.templates.map(one => (one.name === names.own ? { ...one, approval: APPROVAL } : one)),
    }),
  )
  await apply(
    cluster,
    ['a', 'b'].map(name => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace: names.app, labels: { of: 'test' } },
    })),
  )
  await untilHeld()
})
afterAll(() => playing.stop())

/** Until broker and authorizer have read the file again: a lease of before never comes to pass more. */
async function untilHeld(): Promise<void> {
  const { names } = playing.edition
  const shows = async () => {
    lease = await playing.lease(names.own)
    const shown = await playing.leasegate('agent', 'lease', 'show', lease, '-o', 'json')
    if (shown.stdout.includes('prod-image')) return true
    await playing.leasegate('agent', 'lease', 'revoke', lease, '--reason', 'issued too early')
    return false
  }
  expect(await until(shows, ok => ok, 60_000)).toBe(true)
  const noted = () =>
    kubectl('annotate', `deployment/${names.deployment}`, '--overwrite', 'a=b', '--request-timeout=2s')
  expect(await until(noted, ({ code }) => code === 0, 60_000)).toMatchObject({ code: 0 })
}

const kubectl = (...args: readonly string[]) => playing.stage.kubectl([...args, '-n', playing.edition.names.app])

async function look(path: string): Promise<string> {
  const { cluster, names } = playing.edition
  const args = ['get', 'deployment', names.deployment, '-n', names.app, '-o', `jsonpath={${path}}`]
  return (await cluster.admin(args)).stdout
}
const image = () => look('.spec.template.spec.containers[0].image')

/** Writes that the API server saw of this lease. */
async function written(): Promise<readonly string[]> {
  const seen = (await playing.stage.audit()).filter(event => event.lease === lease)
  return seen
    .filter(({ verb }) => !['get', 'list', 'watch'].includes(verb))
    .map(({ verb, object, status }) => `${verb} ${object} ${status}`)
}

async function openQuestions(): Promise<readonly { readonly id: string }[]> {
  const { stdout } = await playing.leasegate('approver', 'approvals', '-o', 'json')
  const open: readonly { id: string; lease: string; question: { risk: string } }[] = JSON.parse(stdout || '[]')
  return open.filter(one => one.lease === lease && one.question.risk === 'prod-image')
}

describe('in the local edition, a policy says what is risky', () => {
  test('what changes an annotation and nothing else passes', async () => {
    const { deployment } = playing.edition.names
    const before = (await written()).length
    const ran = await kubectl('annotate', `deployment/${deployment}`, '--overwrite', 'noted=yes')
    expect(ran).toMatchObject({ code: 0 })
    expect(await look('.metadata.annotations.noted')).toBe('yes')
    expect((await written()).slice(before)).toEqual([
      expect.stringMatching(new RegExp(`^patch .*/deployments/${deployment} 200$`)),
    ])
  })

  test('a new image waits for two people on call, and the API server sees it after the second', async () => {
    const { deployment } = playing.edition.names
    const [was, before] = [await image(), (await written()).length]
    const setting = kubectl('set', 'image', `deployment/${deployment}`, 'web=web:risky')
    const [question = { id: '' }] = await until(openQuestions, list => list.length > 0, 30_000)
    const shown = await playing.leasegate('approver', 'approvals', question.id)
    expect(shown.stdout).toContain('risk     this changes the image of what serves (high, prod-image)')
    expect(shown.stdout).toContain('0 of 2 people of oncall said yes')

    expect(await answer(playing.stage, 'approver', 'approve', question.id)).toMatchObject({ code: 0 })
    expect([await image(), (await written()).length]).toEqual([was, before])
    expect(await answer(playing.stage, 'admin', 'approve', question.id)).toMatchObject({ code: 0 })
    expect(await setting).toMatchObject({ code: 0 })
    expect(await image()).toBe('web:risky')
    expect((await written()).slice(before)).toEqual([
      expect.stringMatching(new RegExp(`^patch .*/deployments/${deployment} 200$`)),
    ])
  })

  test('an annotation beside an image is no annotation alone', async () => {
    const { deployment } = playing.edition.names
    const before = (await written()).length
    const patch = {
      metadata: { annotations: { noted: 'no' } },
      spec: { template: { spec: { containers: [{ name: 'web', image: 'x' }] } } },
    }
    const ran = await kubectl('patch', `deployment/${deployment}`, '-p', JSON.stringify(patch), '--request-timeout=2s')
    expect(ran.code).not.toBe(0)
    expect(await look('.metadata.annotations.noted')).toBe('yes')
    expect((await written()).length).toBe(before)
  })

  test('a delete of many never passes, nobody is asked, and one of them goes', async () => {
    const { app } = playing.edition.names
    const before = (await written()).length
    const all = await kubectl('delete', '--raw', `/api/v1/namespaces/${app}/configmaps?labelSelector=of%3Dtest`)
    expect(all.code).toBe(1)
    expect(all.stderr).toContain('lets nothing pass that is as risky: deletes ten objects or more (critical, many)')
    expect((await written()).length).toBe(before)
    expect(await kubectl('delete', 'configmap', 'a')).toMatchObject({ code: 0 })
    const left = await playing.edition.cluster.admin(['get', 'configmaps', '-n', app, '-l', 'of=test', '-o', 'name'])
    expect(left.stdout.trim()).toBe('configmap/b')
    expect((await written()).slice(before)).toEqual([expect.stringMatching(/^delete .*\/configmaps\/a 200$/)])
  })
})

describe('a yes to an eviction', () => {
  let pod = ''
  let bearer = ''

  async function evict(): Promise<{ readonly status: number; readonly body: string }> {
    const { boundaryUrl, names } = playing.edition
    const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: pod, namespace: names.app } }
    const body = JSON.stringify(eviction)
    const head = [
      `POST /api/v1/namespaces/${names.app}/pods/${pod}/eviction HTTP/1.1`,
      'Host: boundary',
      `Authorization: Bearer ${bearer}`,
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(body)}`,
    ]
    return rawRequest(Number(boundaryUrl.split(':').at(-1)), head, body)
  }

  const evictions = async () => (await written()).filter(line => line.includes(`/pods/eviction/${pod} `))
  const stateOf = async (id: string): Promise<string> =>
    JSON.parse((await playing.leasegate('approver', 'approvals', id, '-o', 'json')).stdout).state

  test('is used when the API server evicted, not when it said that a disruption budget is in the way', async () => {
    const { cluster, names } = playing.edition
    bearer = await playing.token(lease)
    const named = await cluster.admin(['get', 'pods', '-n', names.app, '-l', `app=${names.deployment}`, '-o', 'name'])
    pod = named.stdout.split('\n')[0]?.replace('pod/', '') ?? ''
    const budget = {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'web', namespace: names.app },
      spec: { maxUnavailable: 0, selector: { matchLabels: { app: names.deployment } } },
    }
    await apply(cluster, [budget])
    const allows = [
      'get',
      'pdb',
      'web',
      '-n',
      names.app,
      '-o',
      'jsonpath={.status.observedGeneration}/{.status.disruptionsAllowed}',
    ]
    expect(
      await until(
        async () => (await cluster.admin(allows)).stdout,
        said => said === '1/0',
        60_000,
      ),
    ).toBe('1/0')

    const asked = await evict()
    const id = /apr_\w+/.exec(asked.body)?.[0] ?? ''
    expect([asked.status, await evictions()]).toEqual([429, []])
    expect(await answer(playing.stage, 'approver', 'approve', id)).toMatchObject({ code: 0 })
    for (const times of [1, 2]) {
      const putOff = await evict()
      expect(putOff.status).toBe(429)
      expect(putOff.body).toContain("violate the pod's disruption budget")
      expect(await until(evictions, seen => seen.length >= times, 30_000), (await written()).join('\n')).toHaveLength(
        times,
      )
      expect(
        await until(
          () => stateOf(id),
          state => state === 'approved',
          60_000,
        ),
      ).toBe('approved')
    }

    await cluster.admin(['delete', 'pdb', 'web', '-n', names.app])
    expect((await evict()).status).toBe(201)
    expect((await evictions()).map(line => line.split(' ').at(-1))).toEqual(['429', '429', '201'])
    expect(await stateOf(id)).toBe('used')
    const again = await evict()
    expect(again.status).toBe(429)
    expect(again.body).toMatch(/waits for approval/)
    expect(/apr_\w+/.exec(again.body)?.[0]).not.toBe(id)
    expect(await evictions()).toHaveLength(3)
  })
})
