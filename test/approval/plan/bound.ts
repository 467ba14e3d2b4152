import { describe, expect, test } from 'vitest'
import { until } from '../../support/until.ts'
import { SHOP, web } from './a-planned-cluster.ts'
import { aPod, MERGE, PODS, STRATEGIC, shop } from './the-planned-cluster.ts'

describe('what a yes is bound to', () => {
  const CONFIG = `/api/v1/namespaces/${SHOP}/configmaps/app`
  const change = '{"data":{"color":"red"}}'

  test('is compared by the API server: another version, another object, and nothing at all are refused', async () => {
    const { bound } = await shop.plan(`PATCH ${CONFIG}`, { body: change, type: MERGE })
    const dry = (words: string) => shop.leased(`PATCH ${CONFIG}?dryRun=All`, words, change)
    expect((await dry(bound)).status).toBe(200)
    await shop.kubectl(['label', 'configmap', 'app', '-n', SHOP, 'moved=yes'])
    expect(await dry(bound)).toMatchObject({ status: 403, message: expect.stringContaining('as the approver saw it') })
    for (const odd of ['none', `${bound.split('@')[0]}x`, '']) expect((await dry(odd)).status).toBe(403)
  })

  test('does not hold for one of the same name that was made anew: a delete', async () => {
    await shop.kubectl(['create', 'configmap', 'twin', '-n', SHOP])
    const { bound } = await shop.plan(`DELETE /api/v1/namespaces/${SHOP}/configmaps/twin`)
    await shop.kubectl(['delete', 'configmap', 'twin', '-n', SHOP])
    await shop.kubectl(['create', 'configmap', 'twin', '-n', SHOP])
    const remove = (words: string) => shop.leased(`DELETE /api/v1/namespaces/${SHOP}/configmaps/twin`, words)
    expect((await remove(bound)).status).toBe(403)
    const again = await shop.plan(`DELETE /api/v1/namespaces/${SHOP}/configmaps/twin`)
    expect((await remove(again.bound)).status).toBe(200)
  })

  test('tells the agent what is another now: changed, made anew, gone, or come', async () => {
    const path = `/api/v1/namespaces/${SHOP}/configmaps/told`
    const body = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'told' }, data: { a: '1' } })
    const says = async (words: string, line = `PATCH ${path}?dryRun=All`) => {
      const type = line.startsWith('PATCH') ? MERGE : 'application/json'
      return (await shop.leased(line, words, body, type)).message
    }
    await shop.kubectl(['create', 'configmap', 'told', '-n', SHOP])
    const { bound } = await shop.plan(`PATCH ${path}`, { body, type: MERGE })
    const [uid = ''] = bound.split('@')
    expect(await says(`${uid}@1`)).toMatch(/as the approver saw it: it was changed meanwhile; the yes does not hold/)
    expect(await says(`${uid.slice(0, -1)}@1`)).toMatch(/as the approver saw it: it is another object, made anew/)
    expect(await says('none')).toMatch(/as the approver saw it: it is another object, made anew under the name or come/)
    const create = `POST /api/v1/namespaces/${SHOP}/configmaps?dryRun=All`
    expect(await says(bound, create)).toMatch(
      /as the approver saw it: the object is gone, and another one would be made/,
    )
    await shop.kubectl(['delete', 'configmap', 'told', '-n', SHOP])
  })

  test.each(['status', 'scale'])('is compared for a part of an object as well: %s', async part => {
    const path = `/apis/apps/v1/namespaces/${SHOP}/deployments/parted/${part}`
    const [line, body] = [
      `PATCH ${path}`,
      part === 'scale' ? '{"spec":{"replicas":0}}' : '{"status":{"observedGeneration":1}}',
    ]
    await shop.apply({ ...web(), metadata: { name: 'parted', namespace: SHOP } })
    await shop.kubectl(['rollout', 'status', 'deployment/parted', '-n', SHOP, '--timeout=120s'])
    const { bound } = await shop.plan(line, { body, type: MERGE })
    const dry = async () => (await shop.leased(`${line}?dryRun=All`, bound, body)).status
    expect(await dry()).toBe(200)
    await shop.kubectl(['label', 'deployment', 'parted', '-n', SHOP, `moved-${part}=yes`])
    expect(await dry()).toBe(403)
    await shop.kubectl(['delete', 'deployment', 'parted', '-n', SHOP])
  })

  test('of kubectl debug is the pod, of an agent that may look at none; the plan says whose it is and what comes into it', async () => {
    const name = await aPod()
    const container = { name: 'debugger-x', image: 'busybox', stdin: true, tty: true, targetContainerName: 'web' }
    const body = JSON.stringify({ spec: { ephemeralContainers: [container] } })
    const line = `PATCH ${PODS}/${name}/ephemeralcontainers`
    const { plan, bound } = await shop.plan(line, { body, type: STRATEGIC, template: shop.debugs })
    expect(plan.changes).toContainEqual({
      path: 'spec.ephemeralContainers[debugger-x].image',
      kind: 'added',
      after: 'busybox',
    })
    expect(plan.facts).toContainEqual({ name: 'owner', value: expect.stringMatching(/^ReplicaSet web-/) })
    const uid = await shop.kubectl(['get', 'pod', name, '-n', SHOP, '-o', 'jsonpath={.metadata.uid}'])
    expect(bound).toMatch(new RegExp(`^${uid}@\\d+$`))
  })

  test('holds of many objects for those whose uids begin as they did, and for no other', async () => {
    const path = `/api/v1/namespaces/${SHOP}/configmaps/one-of-many`
    await shop.kubectl(['create', 'configmap', 'one-of-many', '-n', SHOP])
    const { plan } = await shop.plan(`DELETE ${path}`)
    const beginning = plan.object?.uid.slice(0, 13) ?? ''
    const removed = async (words: string) => (await shop.leased(`DELETE ${path}?dryRun=All`, words)).status
    const others = Array.from({ length: 255 }, (_, index) => `${index.toString(16).padStart(8, '0')}-0000`)
    for (const odd of [others.join(' '), beginning.slice(0, 12), `${beginning}-`]) expect(await removed(odd)).toBe(403)
    expect(await removed([...others, beginning].join(' '))).toBe(200)
    await shop.kubectl(['delete', 'configmap', 'one-of-many', '-n', SHOP])
  })

  test('leaves alone what came to a collection later', async () => {
    const make = (name: string) =>
      shop.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: SHOP, labels: { many: 'some' } } })
    await make('one')
    const line = `DELETE /api/v1/namespaces/${SHOP}/configmaps?labelSelector=many%3Dsome`
    const { bound } = await shop.plan(line)
    await make('later')
    expect((await shop.leased(line, bound)).status).toBe(403)
    expect(await shop.kubectl(['get', 'configmaps', '-n', SHOP, '-l', 'many=some', '-o', 'name'])).toContain('later')
    const { bound: both } = await shop.plan(line)
    await until('both may go', async () => (await shop.leased(line, both)).status === 200)
  })

  test('says of what is not there that it must not be there: an apply', async () => {
    const path = `/api/v1/namespaces/${SHOP}/configmaps/applied`
    const line = `PATCH ${path}?fieldManager=bot`
    const body = JSON.stringify({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'applied' },
      data: { a: '1' },
    })
    const type = 'application/apply-patch+yaml'
    const { bound } = await shop.plan(line, { body, type })
    expect(bound).toBe('none')
    await shop.kubectl(['create', 'configmap', 'applied', '-n', SHOP])
    expect((await shop.leased(line, bound, body, type)).status).toBe(403)
    await shop.kubectl(['delete', 'configmap', 'applied', '-n', SHOP])
    expect((await shop.leased(line, bound, body, type)).status).toBe(201)
  })
})
