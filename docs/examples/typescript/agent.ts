import { readFileSync } from 'node:fs'
import createClient from 'openapi-fetch'
import type { components, paths } from './broker.ts'

const { LEASEGATE_BROKER_URL: baseUrl = '', LEASEGATE_BOUNDARY_URL: boundary = '' } = process.env
const broker = createClient<paths>({ baseUrl })
broker.use({
  // Read anew each time: whoever issues identity tokens replaces the file before its token ends.
  onRequest: ({ request }) => {
    const token = readFileSync(process.env['LEASEGATE_IDENTITY_TOKEN_FILE'] ?? '', 'utf8').trim()
    request.headers.set('authorization', `Bearer ${token}`)
  },
})

/** What was asked for, or the broker's words for why not. */
function must<T>({ data, error }: { data?: T; error?: components['schemas']['Status'] }): T {
  if (data === undefined) throw new Error(error?.message ?? 'the broker says nothing')
  return data
}

// Lease.
const wish = { template: 'restart-web', reason: 'web answers slowly', ttl: '10m' }
const { id } = must(await broker.POST('/v1/leases', { body: wish }))
console.log(`leased ${id}`)
const path = { lease: id }
try {
  // Act: any client of Kubernetes will do, with this as its bearer token. It lives for minutes; ask for another one in time.
  const { token } = must(await broker.POST('/v1/leases/{lease}/token', { params: { path }, body: {} }))
  const annotations = { 'kubectl.kubernetes.io/restartedAt': new Date().toISOString() }
  const answer = await fetch(`${boundary}/apis/apps/v1/namespaces/shop/deployments/web`, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/strategic-merge-patch+json' },
    body: JSON.stringify({ spec: { template: { metadata: { annotations } } } }),
  })
  console.log(answer.ok ? 'restarted' : `refused: ${(await answer.json()).message}`)
} finally {
  // Give it back.
  must(await broker.DELETE('/v1/leases/{lease}', { params: { path }, body: { reason: 'done' } }))
  console.log('gave it back')
}
