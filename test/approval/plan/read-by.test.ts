// Sessions and reads of Secrets: what a plan says of them has to be so.
import { describe, expect, test } from 'vitest'
import { WEBSOCKET } from '../../request/a-http-request.ts'
import { found, named, planOf, refused } from './a-told-plan.ts'

const SHOP = '/api/v1/namespaces/shop'
const POD = `${SHOP}/pods/web-0`
const pod = named('web-0', {
  spec: { nodeName: 'node-7', serviceAccountName: 'shopkeeper', containers: [{ name: 'web', image: 'web:1' }] },
})

describe('a session', () => {
  const recorded = async (line: string, sessions: 'recorded' | 'not-recorded' | 'unknown') => {
    const { plan } = await planOf(line, { [POD]: found(pod) }, { headers: WEBSOCKET, sessions })
    return plan.facts.find(({ name }) => name === 'recorded')?.value ?? ''
  }

  test.each(['exec?command=ls', 'attach?stdin=true'])(
    'says of %s whether it is recorded, and where nobody told that nobody did',
    async what => {
      expect(await recorded(`GET ${POD}/${what}`, 'recorded')).toBe('yes')
      expect(await recorded(`GET ${POD}/${what}`, 'not-recorded')).toMatch(/^no/)
      expect(await recorded(`GET ${POD}/${what}`, 'unknown')).toMatch(/^not known/)
    },
  )

  test('of ports is recorded nowhere', async () => {
    expect(await recorded(`GET ${POD}/portforward`, 'recorded')).toMatch(/^no/)
  })

  test.each(['exec?command=ls', 'attach?stdin=true', 'portforward'])(
    'says of %s whose pod it is, where and as whom, and that a yes is for whichever has the name',
    async what => {
      const { plan, says } = await planOf(`GET ${POD}/${what}`, { [POD]: found(pod) }, { headers: WEBSOCKET })
      expect(plan.facts).toEqual(
        expect.arrayContaining([
          { name: 'owner', value: expect.stringContaining('nobody') },
          { name: 'node', value: 'node-7' },
          { name: 'service account', value: 'shopkeeper' },
        ]),
      )
      expect(says).toMatch(/whichever pod has this name by then/)
    },
  )
})

describe('a read of Secrets', () => {
  const DB = `${SHOP}/secrets/db`
  const NOW = Date.parse('2026-09-08T10:00:00Z')
  const metadata = { name: 'db', namespace: 'shop', uid: 'u', creationTimestamp: '2026-09-01T10:00:00Z' }
  const table = found({ rows: [{ cells: ['db', 'Opaque', 2, '7d'], object: { metadata } }] })
  const readOf = (pods: Parameters<typeof planOf>[1][string]) =>
    planOf(`GET ${DB}`, { [DB]: table, [`${SHOP}/pods`]: pods }, { now: NOW })

  test('says its age', async () => {
    expect((await readOf(found({ items: [] }))).plan.facts).toContainEqual({ name: 'age', value: '7d' })
  })

  test.each([
    ['csi', { nodePublishSecretRef: { name: 'db' } }],
    ['azureFile', { secretName: 'db', shareName: 's' }],
    ['cephfs', { secretRef: { name: 'db' } }],
    ['rbd', { secretRef: { name: 'db' } }],
  ])('names the pod whose volume of %s is opened with it', async (kind, source) => {
    const items = [named('p-1', { spec: { volumes: [{ name: 'v', [kind]: source }] } }), named('p-2')]
    const { plan } = await readOf(found({ items }))
    expect(plan.affected.filter(({ kind: each }) => each === 'Pod').map(({ name }) => name)).toEqual(['p-1'])
  })

  test('of more pods than were looked at says so, and what was not looked at', async () => {
    const { says } = await readOf(found({ metadata: { remainingItemCount: 800 }, items: [named('p-1')] }))
    expect(says).toMatch(/of 801 pods the first 1 were looked at/)
    expect(says).toMatch(/not among Ingresses/)
  })

  test('in all namespaces says that nobody was looked for, not that nobody may', async () => {
    const { says } = await planOf('GET /api/v1/secrets', { '/api/v1/secrets': found({ rows: [] }) })
    expect(says).toMatch(/who uses them was not looked for/)
    expect(says).not.toMatch(/may not be listed/)
    expect((await readOf(refused)).says).toMatch(/may not be listed/)
  })
})
