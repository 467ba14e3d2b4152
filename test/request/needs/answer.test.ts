import { describe, expect, test } from 'vitest'
import { read } from '../a-http-request.ts'

const SECRETS = '/api/v1/namespaces/x/secrets'
const as = (kind: string, type = 'json', more = '') => `application/${type};as=${kind};g=meta.k8s.io;v=v1${more}`
const ONE = as('PartialObjectMetadata')
const LIST = as('PartialObjectMetadataList')
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io'
/** kubectl get, and client-go's client for metadata. */
const KUBECTL = `${TABLE},application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json`
const client = (kind: string) => `${as(kind, 'vnd.kubernetes.protobuf')},${as(kind)},application/json`

function answer(line: string, ...accept: readonly string[]): string {
  return read(line, { headers: accept.map(value => ['accept', value] as const) }).answer
}

describe('answer', () => {
  test.each([
    { line: `GET ${SECRETS}/a`, accept: ONE, want: 'metadata' },
    { line: `GET ${SECRETS}`, accept: LIST, want: 'metadata' },
    { line: `GET ${SECRETS}?watch=true`, accept: ONE, want: 'metadata' },
    { line: `GET ${SECRETS}?watch=true&resourceVersion=0&sendInitialEvents=true`, accept: ONE, want: 'metadata' },
    { line: `GET /api/v1/watch/namespaces/x/secrets`, accept: ONE, want: 'metadata' },
    { line: `GET ${SECRETS}/a`, accept: client('PartialObjectMetadata'), want: 'metadata' },
    { line: `GET ${SECRETS}`, accept: client('PartialObjectMetadataList'), want: 'metadata' },
    { line: `GET ${SECRETS}`, accept: `${LIST}, application/json`, want: 'metadata' },
    { line: `GET ${SECRETS}`, accept: KUBECTL, want: 'metadata' },
    { line: `GET ${SECRETS}/a`, accept: KUBECTL, want: 'metadata' },
    { line: `GET ${SECRETS}?includeObject=Metadata`, accept: KUBECTL, want: 'metadata' },
    { line: `GET ${SECRETS}?includeObject=None`, accept: KUBECTL, want: 'columns' },
    { line: 'GET /api/v1/configmaps', accept: KUBECTL, want: 'metadata' },
    { line: 'GET /api/v1/pods', accept: LIST, want: 'metadata' },
  ])('$line with $accept: $want', ({ line, accept, want }) => {
    expect(answer(line, accept)).toBe(want)
  })

  test.each([
    { name: 'no header', line: `GET ${SECRETS}`, accept: [] },
    { name: 'JSON', line: `GET ${SECRETS}`, accept: ['application/json'] },
    { name: 'JSON before', line: `GET ${SECRETS}`, accept: [`application/json,${LIST}`] },
    {
      name: 'protobuf alone, which not every kind has',
      line: `GET ${SECRETS}`,
      accept: [as('PartialObjectMetadataList', 'vnd.kubernetes.protobuf')],
    },
    { name: 'a weight', line: `GET ${SECRETS}`, accept: [`${LIST};q=0.5,application/json`] },
    { name: 'a weight after', line: `GET ${SECRETS}`, accept: [`${LIST},application/json;q=1`] },
    { name: 'a star before', line: `GET ${SECRETS}`, accept: [`*/*,${LIST}`] },
    { name: 'a star after', line: `GET ${SECRETS}`, accept: [`${LIST},*/*`] },
    { name: 'a list for one', line: `GET ${SECRETS}/a`, accept: [LIST] },
    { name: 'one for a list', line: `GET ${SECRETS}`, accept: [ONE] },
    { name: 'a list for a watch, which has whole objects then', line: `GET ${SECRETS}?watch=true`, accept: [LIST] },
    { name: 'a table for a watch', line: `GET ${SECRETS}?watch=true`, accept: [KUBECTL] },
    { name: 'a table with objects', line: `GET ${SECRETS}?includeObject=Object`, accept: [KUBECTL] },
    { name: 'a table of other things', line: 'GET /api/v1/pods', accept: [KUBECTL] },
    { name: 'another version', line: `GET ${SECRETS}`, accept: [LIST.replace('v=v1', 'v=v2')] },
    { name: 'the old version alone', line: `GET ${SECRETS}`, accept: [LIST.replace('v=v1', 'v=v1beta1')] },
    { name: 'another group', line: `GET ${SECRETS}`, accept: [LIST.replace('meta.k8s.io', 'k8s.io')] },
    { name: 'no group', line: `GET ${SECRETS}`, accept: [LIST.replace('g=meta.k8s.io;', '')] },
    { name: 'two kinds', line: `GET ${SECRETS}`, accept: [`${LIST};as=Table`] },
    { name: 'an option more', line: `GET ${SECRETS}`, accept: [`${LIST};sv=1`] },
    {
      name: 'a quoted kind',
      line: `GET ${SECRETS}`,
      accept: [LIST.replace('=PartialObjectMetadataList', '="PartialObjectMetadataList"')],
    },
    { name: 'capitals', line: `GET ${SECRETS}`, accept: [LIST.replace('application', 'Application')] },
    { name: 'two headers', line: `GET ${SECRETS}`, accept: [LIST, 'application/json'] },
    { name: 'two of the same', line: `GET ${SECRETS}`, accept: [LIST, LIST] },
    { name: 'nine ways', line: `GET ${SECRETS}`, accept: [Array(9).fill(LIST).join(',')] },
    { name: 'a comma at the end', line: `GET ${SECRETS}`, accept: [`${LIST},`] },
    { name: 'a delete', line: `DELETE ${SECRETS}/a`, accept: [ONE] },
    { name: 'a patch', line: `PATCH ${SECRETS}/a`, accept: [ONE] },
    { name: 'a part', line: 'GET /api/v1/namespaces/x/pods/p/log', accept: [ONE] },
    {
      name: 'a group that another server may serve',
      line: 'GET /apis/example.com/v1/namespaces/x/things/a',
      accept: [ONE],
    },
  ])('is whole: $name', ({ line, accept }) => {
    expect(answer(line, ...accept)).toBe('whole')
  })
})
