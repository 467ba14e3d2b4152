import { describe, expect, test } from 'vitest'
import { until } from '../../support/until.ts'
import { SHOP } from './a-planned-cluster.ts'
import { MERGE, shop } from './the-planned-cluster.ts'

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
