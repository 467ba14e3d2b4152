import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../../support/until.ts'
import { SHOP } from './a-planned-cluster.ts'
import { shop } from './the-planned-cluster.ts'

/** What it writes into each object that it is shown: JSON Patch. */
let writes: () => readonly object[] = () => []
const stop = new AbortController()

/** A webhook of whoever runs the cluster, for ConfigMaps that ask for it: no agent may set one up. */
beforeAll(async () => {
  const { authority } = shop.cluster
  const files = await authority.issue({ name: 'webhook', subject: 'CN=webhook', servedAs: ['127.0.0.1'] })
  const [cert, key, ca] = await Promise.all(
    [files.certificateFile, files.keyFile, authority.caFile].map(file => readFile(file)),
  )
  const server = createServer({ cert, key }, async (request, response) => {
    let text = ''
    for await (const part of request) text += String(part)
    const { uid } = JSON.parse(text).request
    const patch = Buffer.from(JSON.stringify(writes())).toString('base64')
    const said = { uid, allowed: true, patchType: 'JSONPatch', patch }
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: said }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  stop.signal.addEventListener('abort', () => {
    server.closeAllConnections()
    server.close()
  })
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`
  await shop.apply({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name: 'stamps' },
    webhooks: [
      {
        name: 'stamps.example.com',
        clientConfig: { url, caBundle: ca?.toString('base64') },
        rules: [{ operations: ['CREATE', 'UPDATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] }],
        objectSelector: { matchLabels: { stamped: 'at-each-write' } },
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
      },
    ],
  })
  writes = () => [{ op: 'add', path: '/metadata/annotations', value: { there: 'yes' } }]
  await until('the webhook to be asked', async () => JSON.stringify((await stamped()).plan.changes).includes('there'))
})
afterAll(async () => {
  await shop?.kubectl(['delete', 'mutatingwebhookconfiguration', 'stamps', '--ignore-not-found']).catch(() => undefined)
  stop.abort()
})

async function stamped() {
  const metadata = { name: 'stamped', labels: { stamped: 'at-each-write' } }
  const body = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { a: '1' } })
  return shop.plan(`POST /api/v1/namespaces/${SHOP}/configmaps`, { body, type: 'application/json' })
}

const annotating = (value: string) => [{ op: 'add', path: '/metadata/annotations', value: { 'example.com/at': value } }]

describe('a webhook that writes something else each time', () => {
  test('takes no yes away by the time in an annotation, which the plan shows as set anew', async () => {
    const seconds = Math.floor(Date.now() / 1000)
    writes = () => annotating(String(seconds))
    const first = await stamped()
    writes = () => annotating(String(seconds + 7))
    const later = await stamped()
    expect(later.state).toBe(first.state)
    expect(first.plan.changes).toContainEqual({
      path: 'metadata.annotations."example.com/at"',
      kind: 'added',
      after: String(seconds),
      anew: true,
    })
    expect(first.plan.notes[0]).toMatch(/^set anew at each write.*example\.com\/at/)
    writes = () => annotating(`${seconds} by somebody else`)
    expect((await stamped()).state).not.toBe(first.state)
  })

  test('nor by what it draws there', async () => {
    writes = () => annotating(crypto.randomUUID())
    const first = await stamped()
    expect((await stamped()).state).toBe(first.state)
    expect(first.plan.notes[0]).toMatch(/^set anew at each write/)
  })

  test('gets none where something may run by it', async () => {
    writes = () => [{ op: 'add', path: '/data/run', value: crypto.randomUUID() }]
    const { plan } = await stamped()
    expect(plan.refusal).toMatch(/nobody can say yes to it: .*data\.run/)
    expect(plan.notes[0]).toBe(plan.refusal)
  })
})
