import { describe, expect, test } from 'vitest'
import { disagreement } from '../../../src/request/object/disagreement.ts'
import { read } from '../a-http-request.ts'
import { protobufNamed } from './a-protobuf.ts'

const CONFIG_MAPS = '/api/v1/namespaces/x/configmaps'

function between(request: string, contentType: string, body: string | Uint8Array): string | null {
  const headers = [['content-type', contentType]] as const
  return disagreement(read(request, { headers, body: Buffer.from(body as string) }))
}

const named = (metadata: object) => JSON.stringify({ metadata })

describe('disagreement', () => {
  const PATCHES = ['application/merge-patch+json', 'application/strategic-merge-patch+json']

  test.each([
    { name: 'another name', metadata: { name: 'b' }, want: 'metadata.name is not the name in the path' },
    {
      name: 'another namespace',
      metadata: { name: 'a', namespace: 'y' },
      want: 'metadata.namespace is not the namespace in the path',
    },
    { name: 'no name', metadata: {}, want: null },
    { name: 'the same name', metadata: { name: 'a' }, want: null },
    { name: 'the same of both', metadata: { name: 'a', namespace: 'x' }, want: null },
    { name: 'empty ones', metadata: { name: '', namespace: '' }, want: null },
  ])('of a write with $name: $want', ({ metadata, want }) => {
    for (const type of ['application/json', 'application/yaml', '']) {
      expect(between(`PUT ${CONFIG_MAPS}/a`, type, named(metadata))).toBe(want)
      expect(between(`PUT ${CONFIG_MAPS}/a/status`, type, named(metadata))).toBe(want)
    }
    for (const type of [...PATCHES, 'application/apply-patch+yaml']) {
      expect(between(`PATCH ${CONFIG_MAPS}/a`, type, named(metadata))).toBe(want)
    }
    const protobuf = protobufNamed(metadata)
    expect(between(`PUT ${CONFIG_MAPS}/a`, 'application/vnd.kubernetes.protobuf', protobuf)).toBe(want)
    const patch = JSON.stringify([{ op: 'replace', path: '/metadata', value: metadata }])
    expect(between(`PATCH ${CONFIG_MAPS}/a`, 'application/json-patch+json', patch)).toBe(want)
  })

  test.each([
    { request: `POST ${CONFIG_MAPS}`, metadata: { name: 'a', namespace: 'y' } },
    { request: 'POST /api/v1/namespaces/x/pods/p/binding', metadata: { name: 'q' } },
    { request: 'POST /api/v1/namespaces/x/pods/p/eviction', metadata: { name: 'q' } },
    { request: 'POST /api/v1/namespaces/x/serviceaccounts/s/token', metadata: { name: 'q' } },
    { request: 'PUT /apis/apps/v1/namespaces/x/deployments/d/scale', metadata: { name: 'q' } },
    { request: 'PUT /apis/certificates.k8s.io/v1/certificatesigningrequests/c/approval', metadata: { name: 'q' } },
    { request: 'PUT /api/v1/namespaces/x/finalize', metadata: { name: 'y' } },
    { request: 'PATCH /api/v1/namespaces/x', metadata: { name: 'y' } },
    { request: 'PUT /apis/example.com/v1/namespaces/x/widgets/w', metadata: { namespace: 'y' } },
  ])('of $request is seen', ({ request, metadata }) => {
    expect(between(request, 'application/json', named(metadata))).not.toBeNull()
  })

  test.each([
    { name: 'a create is named by its body', request: `POST ${CONFIG_MAPS}`, metadata: { name: 'a', namespace: 'x' } },
    { name: 'a cluster-scoped object has no namespace', request: 'POST /api/v1/nodes', metadata: { namespace: 'y' } },
    {
      name: 'a namespace has none either',
      request: 'PUT /api/v1/namespaces/x',
      metadata: { name: 'x', namespace: 'y' },
    },
    { name: 'a delete names nothing', request: `DELETE ${CONFIG_MAPS}/a`, metadata: { name: 'b', namespace: 'y' } },
    {
      name: 'a proxied service has names of its own',
      request: 'POST /api/v1/namespaces/x/services/s/proxy/',
      metadata: { name: 'b' },
    },
  ])('there is none where $name', ({ request, metadata }) => {
    expect(between(request, 'application/json', named(metadata))).toBeNull()
  })

  test('of a body that cannot be read nothing is said', () => {
    expect(between(`PUT ${CONFIG_MAPS}/a`, 'application/json', '{"metadata":{"name":"b","name":"b"}}')).toBeNull()
  })
})
