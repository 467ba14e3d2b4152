import { describe, expect, test } from 'vitest'
import { SHOP } from './a-planned-cluster.ts'
import { aPod, MERGE, PODS, SECRET, shop } from './the-planned-cluster.ts'

describe("the planner's account", () => {
  const actor = { agent: 'bot', template: 'write', lease: 'l1', sponsor: '', granted: 'approved' }

  test('reads no Secret, and writes nothing, itself', async () => {
    const may = async (verb: string, what: string, ...more: readonly string[]) => {
      const as = '--as=system:serviceaccount:leasegate:planner'
      const { stdout } = await shop.cluster.admin(['auth', 'can-i', verb, what, '-n', SHOP, as, ...more])
      return stdout.trim()
    }
    expect(await may('get', 'pods')).toBe('yes')
    expect(await may('get', 'secrets')).toBe('no')
    expect(await may('create', 'serviceaccounts', '--subresource=token')).toBe('no')
    for (const below of ['log', 'exec', 'attach', 'portforward', 'proxy'])
      expect(await may('get', 'pods', `--subresource=${below}`)).toBe('no')
    for (const verb of ['create', 'update', 'patch', 'delete']) expect(await may(verb, 'deployments')).toBe('no')
    expect((await shop.view.get(SECRET)).kind).toBe('refused')
  })

  test('does nothing in the name of an agent but try: what is no dry run is refused', async () => {
    const patch = { method: 'PATCH', contentType: MERGE, body: Buffer.from('{"data":{"color":"green"}}') }
    const target = `/api/v1/namespaces/${SHOP}/configmaps/app`
    expect((await shop.view.dryRunAs(actor, { ...patch, target: `${target}?dryRun=All` })).kind).toBe('found')
    expect(await shop.view.dryRunAs(actor, { ...patch, target })).toMatchObject({
      kind: 'refused',
      why: expect.stringContaining('plans are made by dry runs alone'),
    })
    expect(await shop.kubectl(['get', 'configmap', 'app', '-n', SHOP, '-o', 'jsonpath={.data.color}'])).toBe('blue')
  })

  test('makes no token in the name of an agent, which a dry run would not hinder', async () => {
    const target = `/api/v1/namespaces/${SHOP}/serviceaccounts/default/token?dryRun=All`
    const body = Buffer.from('{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{}}')
    const asked = { method: 'POST', target, contentType: 'application/json', body }
    expect(await shop.view.dryRunAs(actor, asked)).toMatchObject({
      kind: 'refused',
      why: expect.stringContaining('plans try nothing but what is stored'),
    })
  })

  test('opens no session, and acts as no agent under its own name', async () => {
    const pod = await aPod()
    const exec = await shop.view.getAs(actor, `${PODS}/${pod}/exec?command=ls&stdout=true`)
    expect(exec.kind).toBe('refused')
  })
})
