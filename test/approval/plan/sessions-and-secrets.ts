import { describe, expect, test } from 'vitest'
import { WEBSOCKET } from '../../request/a-http-request.ts'
import { SHOP } from './a-planned-cluster.ts'
import { aPod, PODS, SECRET, shop } from './the-planned-cluster.ts'

describe('the plan of a session', () => {
  test('says which pod of whose, where, as whom, and what would run', async () => {
    const pod = await aPod()
    const { plan } = await shop.plan(
      `GET ${PODS}/${pod}/exec?command=sh&command=-c&command=echo%20%22hi%20there%22&stdin=true&tty=true`,
      {
        headers: WEBSOCKET,
      },
    )
    expect(plan.kind).toBe('session')
    expect(plan.facts).toEqual(
      expect.arrayContaining([
        { name: 'pod', value: `${pod} in ${SHOP}` },
        { name: 'owner', value: expect.stringMatching(/^ReplicaSet web-/) },
        { name: 'service account', value: 'default' },
        { name: 'container', value: 'web' },
        { name: 'image', value: 'web:1' },
        { name: 'command', value: `sh -c 'echo "hi there"'` },
        { name: 'tty', value: 'yes' },
        { name: 'node', value: expect.not.stringMatching(/^(none yet)?$/) },
        { name: 'recorded', value: 'yes' },
      ]),
    )
    expect(plan.object?.uid).toMatch(/-/)
  })

  test('of a pod that is not there says so', async () => {
    const { plan } = await shop.plan(`GET ${PODS}/gone/exec?command=ls`, { headers: WEBSOCKET })
    expect(plan).toMatchObject({ object: null, notes: expect.arrayContaining(['no pod of this name is there']) })
  })
})

describe('the plan of a read of Secrets', () => {
  test('says type, age and who uses it, and never what is in it', async () => {
    const { plan } = await shop.plan(`GET ${SECRET}`)
    expect(plan.facts).toEqual(
      expect.arrayContaining([
        { name: 'type', value: 'Opaque' },
        { name: 'age', value: expect.stringMatching(/^\d+m$/) },
        { name: 'keys', value: '2' },
      ]),
    )
    expect(plan.affected.filter(({ kind, detail }) => kind === 'Pod' && detail?.startsWith('mounts it'))).toHaveLength(
      2,
    )
    expect(JSON.stringify(plan)).not.toMatch(/hunter2|aHVudGVy/)
  })
})
