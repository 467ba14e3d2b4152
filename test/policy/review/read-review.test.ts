import { describe, expect, test } from 'vitest'
import { readReview } from '../../../src/policy/review/read-review.ts'
import { read } from '../../request/a-http-request.ts'
import { bytesField, envelope } from '../../request/object/a-protobuf.ts'

function review(resource: 'selfsubjectaccessreviews' | 'selfsubjectrulesreviews', spec: object) {
  const headers = [['content-type', 'application/json']] as const
  const body = Buffer.from(JSON.stringify({ spec }))
  return readReview(read(`POST /apis/authorization.k8s.io/v1/${resource}`, { headers, body }))
}
const access = (spec: object) => review('selfsubjectaccessreviews', spec)
const ofPods = (attributes: object) => access({ resourceAttributes: { verb: 'list', resource: 'pods', ...attributes } })

describe('a review longer than any request', () => {
  const long = 'a'.repeat(10_000)
  const half = 'a'.repeat(5000)

  test.each([
    { name: 'in a selector', of: () => ofPods({ fieldSelector: { rawSelector: long } }) },
    { name: 'in a name', of: () => ofPods({ name: long }) },
    { name: 'in all of it', of: () => ofPods({ name: half, namespace: half }) },
    { name: 'in a path', of: () => access({ nonResourceAttributes: { verb: 'get', path: long } }) },
    { name: 'in a namespace', of: () => review('selfsubjectrulesreviews', { namespace: long }) },
  ])('is not judged: $name', ({ of }) => {
    expect(of()).toMatchObject({ kind: 'unreadable' })
  })

  test('is longer than what an agent asks about', () => {
    expect(ofPods({ name: half, fieldSelector: { rawSelector: 'a=b' } })).toMatchObject({ kind: 'resource' })
  })
})

describe('a review in protobuf', () => {
  const inProtobuf = (...attributes: readonly Buffer[]) => {
    const headers = [['content-type', 'application/vnd.kubernetes.protobuf']] as const
    const body = envelope(bytesField(2, bytesField(1, Buffer.concat(attributes))))
    return readReview(read('POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews', { headers, body }))
  }
  const VERB = bytesField(2, 'get')
  const RESOURCE = bytesField(5, 'secrets')

  test('says what its JSON says', () => {
    expect(inProtobuf(VERB, RESOURCE)).toEqual(access({ resourceAttributes: { verb: 'get', resource: 'secrets' } }))
  })

  test('that says a thing twice is not left to the API server, which takes the last', () => {
    expect(inProtobuf(VERB, bytesField(5, 'pods'), RESOURCE)).toMatchObject({ kind: 'unreadable' })
  })
})
