import { describe, expect, test } from 'vitest'
import { aRequest } from '../../policy/a-request.ts'
import { bytesField, envelope, varint } from '../object/a-protobuf.ts'

const MERGE = 'application/merge-patch+json'
const STRATEGIC = 'application/strategic-merge-patch+json'
const STEPS = 'application/json-patch+json'
const APPLY = 'application/apply-patch+yaml'
const JSON_TYPE = 'application/json'
const PROTOBUF = 'application/vnd.kubernetes.protobuf'

const MAP = '/api/v1/namespaces/x/configmaps/c'
const JOB = '/apis/batch/v1/namespaces/x/jobs/j'
const SET = '/apis/apps/v1/namespaces/x/statefulsets/s'
const GONE = { apiVersion: 'v1', kind: 'ConfigMap', name: 'gone', uid: '0-1' }

function needsDelete(line: string, contentType: string, body: unknown): boolean {
  const bytes = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body)
  return aRequest(line, { contentType, body: bytes }).verbs.includes('delete')
}

describe('requiredVerbs wants delete as well', () => {
  test.each([
    {
      name: 'a CronJob that replaces the Job that runs',
      line: 'PATCH /apis/batch/v1/namespaces/x/cronjobs/j',
      type: MERGE,
      body: { spec: { concurrencyPolicy: 'Replace' } },
    },
    { name: 'a deadline for a Job', line: `PATCH ${JOB}`, type: MERGE, body: { spec: { activeDeadlineSeconds: 1 } } },
    {
      name: 'a deadline for a pod',
      line: 'PATCH /api/v1/namespaces/x/pods/p',
      type: MERGE,
      body: { spec: { activeDeadlineSeconds: 1 } },
    },
    {
      name: 'a deadline for a pod, by a step',
      line: 'PATCH /api/v1/namespaces/x/pods/p',
      type: STEPS,
      body: [{ op: 'add', path: '/spec/activeDeadlineSeconds', value: 1 }],
    },
    { name: 'owners, merged', line: `PATCH ${MAP}`, type: MERGE, body: { metadata: { ownerReferences: [GONE] } } },
    { name: 'owners, taken away', line: `PATCH ${MAP}`, type: MERGE, body: { metadata: { ownerReferences: null } } },
    {
      name: 'owners, by status',
      line: `PATCH ${SET}/status`,
      type: MERGE,
      body: { metadata: { ownerReferences: [GONE] } },
    },
    { name: 'owners, applied', line: `PATCH ${MAP}`, type: APPLY, body: { metadata: { ownerReferences: [GONE] } } },
    {
      name: 'owners of a namespace',
      line: 'PATCH /api/v1/namespaces/x',
      type: MERGE,
      body: { metadata: { ownerReferences: [GONE] } },
    },
    {
      name: 'owners, put',
      line: `PUT ${MAP}`,
      type: JSON_TYPE,
      body: { metadata: { uid: 'u', ownerReferences: [GONE] } },
    },
    {
      name: 'owners, put in protobuf',
      line: `PUT ${MAP}`,
      type: PROTOBUF,
      body: envelope(bytesField(1, Buffer.concat([bytesField(5, 'u'), bytesField(13, 'x')]))),
    },
    { name: 'finalizers, taken away', line: `PATCH ${MAP}`, type: MERGE, body: { metadata: { finalizers: [] } } },
    {
      name: 'finalizers out of a list',
      line: `PATCH ${MAP}`,
      type: STRATEGIC,
      body: { metadata: { '$deleteFromPrimitiveList/finalizers': ['a'] } },
    },
    { name: 'all metadata replaced', line: `PATCH ${MAP}`, type: STRATEGIC, body: { metadata: { $patch: 'replace' } } },
    {
      name: 'keys retained',
      line: `PATCH ${MAP}`,
      type: STRATEGIC,
      body: { metadata: { $retainKeys: ['name'], name: 'c' } },
    },
    { name: 'metadata taken away', line: `PATCH ${MAP}`, type: MERGE, body: { metadata: null } },
    { name: 'the object replaced', line: `PATCH ${MAP}`, type: STRATEGIC, body: { $patch: 'replace', data: {} } },
    {
      name: 'a step below',
      line: `PATCH ${MAP}`,
      type: STEPS,
      body: [{ op: 'add', path: '/metadata/ownerReferences/-', value: GONE }],
    },
    {
      name: 'a step on finalizers',
      line: `PATCH ${MAP}`,
      type: STEPS,
      body: [{ op: 'remove', path: '/metadata/finalizers' }],
    },
    {
      name: 'a step around',
      line: `PATCH ${MAP}`,
      type: STEPS,
      body: [{ op: 'replace', path: '/metadata', value: {} }],
    },
    { name: 'a step on everything', line: `PATCH ${MAP}`, type: STEPS, body: [{ op: 'replace', path: '', value: {} }] },
    {
      name: 'a move from there',
      line: `PATCH ${MAP}`,
      type: STEPS,
      body: [{ op: 'move', from: '/metadata/finalizers', path: '/data/x' }],
    },
    {
      name: 'a copy to there',
      line: `PATCH ${MAP}`,
      type: STEPS,
      body: [{ op: 'copy', from: '/data/x', path: '/metadata/ownerReferences' }],
    },
    { name: 'what cannot be read', line: `PATCH ${MAP}`, type: MERGE, body: '{"metadata":{},"metadata":{}}' },
    { name: 'what is not read here', line: `PATCH ${MAP}`, type: 'application/cbor', body: 'x' },
    { name: 'the time of a Job', line: `PATCH ${JOB}`, type: MERGE, body: { spec: { ttlSecondsAfterFinished: 0 } } },
    {
      name: 'the time of a Job, put in protobuf',
      line: `PUT ${JOB}`,
      type: PROTOBUF,
      body: envelope(bytesField(2, Buffer.concat([varint(8 * 8), varint(0)]))),
    },
    {
      name: 'claims that go',
      line: `PATCH ${SET}`,
      type: MERGE,
      body: { spec: { persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete' } } },
    },
    {
      name: 'claims that a new set takes over',
      line: `POST ${SET.slice(0, -2)}`,
      type: JSON_TYPE,
      body: { spec: { persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete' } } },
    },
  ])('for $name', ({ line, type, body }) => {
    expect(needsDelete(line, type, body)).toBe(true)
  })

  test.each([
    {
      name: 'another field',
      line: `PATCH ${MAP}`,
      type: MERGE,
      body: { metadata: { labels: { a: 'b' } }, data: { ownerReferences: 'x' } },
    },
    {
      name: 'a step elsewhere',
      line: `PATCH ${MAP}`,
      type: STEPS,
      body: [{ op: 'add', path: '/metadata/labels/finalizers', value: 'x' }],
    },
    {
      name: 'a test',
      line: `PATCH ${MAP}`,
      type: STEPS,
      body: [{ op: 'test', path: '/metadata/finalizers', value: [] }],
    },
    {
      name: 'an order of others',
      line: `PATCH ${MAP}`,
      type: STRATEGIC,
      body: { '$setElementOrder/secrets': [], metadata: { labels: {} } },
    },
    {
      name: 'a PUT of what was read, finalizers and all',
      line: 'PUT /api/v1/namespaces/x/persistentvolumeclaims/c',
      type: JSON_TYPE,
      body: { metadata: { uid: 'u', finalizers: ['kubernetes.io/pvc-protection'] } },
    },
    {
      name: 'a PUT without any',
      line: `PUT ${MAP}`,
      type: JSON_TYPE,
      body: { metadata: { uid: 'u', finalizers: [], ownerReferences: null } },
    },
    {
      name: 'a new object with an owner',
      line: 'POST /api/v1/namespaces/x/configmaps',
      type: JSON_TYPE,
      body: { metadata: { ownerReferences: [GONE] } },
    },
    {
      name: 'a new Job with a time',
      line: 'POST /apis/batch/v1/namespaces/x/jobs',
      type: JSON_TYPE,
      body: { spec: { ttlSecondsAfterFinished: 9 } },
    },
    {
      name: 'claims that stay',
      line: `PUT ${SET}`,
      type: JSON_TYPE,
      body: {
        metadata: { uid: 'u' },
        spec: { persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' } },
      },
    },
    {
      name: 'a time of what is no Job',
      line: `PATCH ${SET}`,
      type: MERGE,
      body: { spec: { ttlSecondsAfterFinished: 0 } },
    },
  ])('and not for $name', ({ line, type, body }) => {
    expect(needsDelete(line, type, body)).toBe(false)
  })
})
