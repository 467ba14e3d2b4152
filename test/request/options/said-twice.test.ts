import { describe, expect, test } from 'vitest'
import { readAnywhere } from '../../../src/request/read-request.ts'
import { anHttpRequest } from '../a-http-request.ts'
import { bytesField, envelope, flagField } from '../object/a-protobuf.ts'

const POD = '/api/v1/namespaces/x/pods/p'
const PROTOBUF = 'application/vnd.kubernetes.protobuf'

interface Case {
  readonly query: string
  readonly body: string | Buffer
  readonly type?: string
}

function deleting({ query, body, type = 'application/json' }: Case, path = POD) {
  return readAnywhere(
    anHttpRequest({
      method: 'DELETE',
      target: `${path}?${query}`,
      headers: [['content-type', type]],
      body: Buffer.from(body as string),
    }),
  )
}

const NOTHING_MORE = [
  { body: '{}' },
  { body: '{"kind":"DeleteOptions","apiVersion":"v1"}' },
  { body: '{"kind":"DeleteOptions","apiVersion":"v1","dryRun":null,"preconditions":null,"gracePeriodSeconds":null}' },
  { body: '{"dryRun":[]}', type: '' },
  { body: 'kind: DeleteOptions\napiVersion: v1\n', type: 'application/yaml' },
  { body: envelope(Buffer.alloc(0)), type: PROTOBUF },
]

describe('refuseOptionsTwice', () => {
  test.each<Case>([
    { query: 'propagationPolicy=Foreground', body: '{"propagationPolicy":"Foreground"}' },
    { query: 'propagationPolicy=Orphan', body: '{"propagationPolicy":"Orphan"}' },
    { query: 'dryRun=All', body: '{"dryRun":["All"]}' },
    { query: 'dryRun=%41ll&dryRun=All', body: '{"dryRun":["All"]}' },
    { query: 'gracePeriodSeconds=0', body: '{"gracePeriodSeconds":0}' },
    { query: 'gracePeriodSeconds=%2B030', body: '{"gracePeriodSeconds":30}' },
    { query: 'orphanDependents=true', body: '{"orphanDependents":true}' },
    { query: 'orphanDependents=0', body: '{"orphanDependents":false}' },
    {
      query: 'dryRun=All&gracePeriodSeconds=5',
      body: 'dryRun: [All]\ngracePeriodSeconds: 5',
      type: 'application/yaml',
    },
    {
      query: 'propagationPolicy=Background&dryRun=All',
      body: envelope(Buffer.concat([bytesField(4, 'Background'), bytesField(5, 'All')])),
      type: PROTOBUF,
    },
    { query: 'propagationPolicy=&dryRun=', body: '{"propagationPolicy":"Foreground"}' },
  ])('takes a delete that says the same in $query and $body', given => {
    expect(deleting(given)).toMatchObject({ kind: 'read' })
    expect(deleting(given, '/api/v1/namespaces/x/pods')).toMatchObject({ kind: 'read' })
  })

  test.each(NOTHING_MORE)(
    'takes one whose body says nothing ($body), and carries it out as the API server does',
    body => {
      for (const query of ['propagationPolicy=Foreground', 'propagationPolicy=Background', 'gracePeriodSeconds=0']) {
        const want = { dryRun: false, propagationPolicy: '', gracePeriodSeconds: null }
        expect(deleting({ query, ...body })).toMatchObject({ request: { options: want } })
      }
    },
  )

  test.each<Case>([
    { query: 'gracePeriodSeconds=0', body: '{"kind":"DeleteOptions","preconditions":{"uid":"u"}}' },
    { query: 'propagationPolicy=Foreground', body: '{"preconditions":{"resourceVersion":"7"}}' },
    { query: 'propagationPolicy=Background', body: '{"gracePeriodSeconds":0}' },
    { query: 'orphanDependents=false', body: '{"gracePeriodSeconds":1}' },
  ])('takes one whose body says nothing of $query but other things ($body)', given => {
    expect(deleting(given)).toMatchObject({ kind: 'read' })
  })

  test.each(NOTHING_MORE)('and refuses it where more would go than was asked for ($body)', body => {
    for (const query of ['dryRun=All', 'propagationPolicy=Orphan', 'orphanDependents=true']) {
      expect(deleting({ query, ...body })).toMatchObject({ kind: 'refused', reason: 'body-mismatch' })
    }
  })

  test.each<Case>([
    { query: 'propagationPolicy=Foreground', body: '{"propagationPolicy":"Background"}' },
    { query: 'gracePeriodSeconds=5', body: '{"propagationPolicy":"Background"}' },
    { query: 'propagationPolicy=foreground', body: '{"propagationPolicy":"Foreground"}' },
    { query: 'propagationPolicy=Orphan', body: '{"preconditions":{"uid":"u"}}' },
    { query: 'propagationPolicy=Foreground', body: '{"orphanDependents":true}' },
    { query: 'orphanDependents=false', body: '{"propagationPolicy":"Orphan"}' },
    { query: 'dryRun=All', body: '{"preconditions":{"uid":"u"}}' },
    { query: 'dryRun=All', body: '{"propagationPolicy":"Foreground"}' },
    { query: 'dryRun=All', body: '{"dryRun":["all"]}' },
    { query: 'dryRun=All', body: '{"DryRun":["All"]}' },
    { query: 'dryRun=all', body: '{"dryRun":["All"]}' },
    { query: 'gracePeriodSeconds=0', body: '{"gracePeriodSeconds":30}' },
    { query: 'gracePeriodSeconds=0', body: '{"gracePeriodSeconds":"0"}' },
    { query: 'orphanDependents=false', body: '{"orphanDependents":true}' },
    { query: 'dryRun=All', body: '{"dryRun":["All"],"dryRun":[]}' },
    { query: 'dryRun=All', body: '{"dryRun":["All"]' },
    { query: 'dryRun=All', body: 'null' },
    { query: 'dryRun=All', body: '[]' },
    { query: 'dryRun=All', body: '{"dryRun":["All"]}', type: 'application/cbor' },
    { query: 'dryRun=All', body: '{"dryRun":["All"]}', type: 'text/plain' },
    { query: 'dryRun=All', body: `{"dryRun":["All"]}${' '.repeat(70_000)}` },
    { query: 'dryRun=All', body: envelope(flagField(1, 0)), type: PROTOBUF },
  ])('refuses one that says another thing in $query than in $body', given => {
    expect(deleting(given)).toMatchObject({ kind: 'refused', reason: 'body-mismatch' })
    expect(deleting(given, '/api/v1/namespaces/x/pods')).toMatchObject({ reason: 'body-mismatch' })
  })

  test('has nothing to say of other requests, of other parameters, and of what goes through a proxy', () => {
    const body = '{"propagationPolicy":"Foreground"}'
    expect(deleting({ query: 'dryRun=All', body: '' })).toMatchObject({ request: { options: { dryRun: true } } })
    expect(deleting({ query: 'pretty=true&labelSelector=a', body }, '/api/v1/namespaces/x/pods')).toMatchObject({
      kind: 'read',
    })
    expect(deleting({ query: 'dryRun=All', body }, `${POD}/proxy/x`)).toMatchObject({ kind: 'read' })
  })
})
