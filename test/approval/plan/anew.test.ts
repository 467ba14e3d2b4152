// What a cluster sets anew at each write: where a yes is to its being there, and where nobody can say one.
import { describe, expect, test } from 'vitest'
import { found, planOf, refused } from './a-told-plan.ts'

const SHOP = '/api/v1/namespaces/shop'
const NOW = Date.parse('2026-09-08T10:00:00Z')
const local = { '/apis/apiregistration.k8s.io': found({ spec: {} }) }

interface Trying {
  readonly line?: string
  readonly body?: string
  readonly now?: number
}

const planned = (runs: readonly object[], { line = `POST ${SHOP}/configmaps`, body = '{}', now = NOW }: Trying = {}) =>
  planOf(line, local, { body, type: 'application/json', after: runs.map(found), now })

const noted = (value: string, name = 'example.com/written') => ({
  metadata: { name: 'c', annotations: { [name]: value } },
})

describe('a time of the write', () => {
  test.each([
    ['seconds', '1788861601', '1788861659'],
    ['milliseconds', '1788861601123', '1788861659456'],
    ['nanoseconds', '1788861601123456789', '1788861659123456789'],
    ['without a zone', '2026-09-08 10:00:01', '2026-09-08 10:00:59'],
    ['of another zone', '2026-09-08 12:00:01.5 +0200', '2026-09-08 12:00:59.5 +0200'],
    ['as a label has it', '20260908T100001Z', '2026-09-08T10-00-59Z'],
    ['of mail', 'Tue, 08 Sep 2026 10:00:01 GMT', 'Tue, 08 Sep 2026 10:00:59 GMT'],
    ['among other words', 'by deployer at 1788861601', 'by deployer at 1788861659'],
  ])('in an annotation is bound by being there, in %s', async (_, one, other) => {
    const [first, later] = await Promise.all([one, other].map(each => planned([noted(each), noted(each)])))
    expect(later?.state).toBe(first?.state)
    expect(first?.plan.changes).toContainEqual(expect.objectContaining({ after: one, anew: true }))
    expect(first?.plan.notes.slice(0, first.plan.heavy)).toContainEqual(
      expect.stringMatching(/set anew at each write.*metadata\.annotations\."example\.com\/written"/),
    )
  })

  test('is none that was sent, nor one of long ago', async () => {
    const [one, other] = [noted('1788861601'), noted('1788861659')]
    const body = JSON.stringify(one)
    expect((await planned([one, one], { body })).state).not.toBe((await planned([other, other], { body })).state)
    const old = noted('1500000000')
    expect((await planned([old, old])).state).not.toBe((await planned([one, one])).state)
    expect((await planned([old, old])).plan.notes.join()).not.toContain('anew')
  })

  test('does not take the words beside it with it', async () => {
    const [by, of] = ['by deployer at 1788861601', 'by attacker at 1788861601'].map(each => noted(each))
    expect((await planned([by ?? {}, by ?? {}])).state).not.toBe((await planned([of ?? {}, of ?? {}])).state)
  })

  test('is told by its date and colons alone where something runs: a number may be the tag of an image', async () => {
    const tagged = (tag: string) => ({
      metadata: { name: 'p' },
      spec: { containers: [{ name: 'web', image: `web:${tag}` }] },
    })
    const of = async (tag: string) => (await planned([tagged(tag), tagged(tag)], { line: `POST ${SHOP}/pods` })).state
    expect(await of('1788861601')).not.toBe(await of('1788861659'))
    expect(await of('20260908-100001')).not.toBe(await of('20260908-100059'))
  })
})

describe('what two dry runs do not agree on', () => {
  test.each([
    { what: 'an annotation', of: (lot: string) => noted(lot) },
    { what: 'a label', of: (lot: string) => ({ metadata: { name: 'c', labels: { draw: lot } } }) },
    {
      what: 'the address of a Service',
      line: `POST ${SHOP}/services`,
      of: (lot: string) => ({ spec: { clusterIP: lot, ports: [{ name: 'http', nodePort: lot }] } }),
    },
    {
      what: 'the uid of a Job',
      line: 'POST /apis/batch/v1/namespaces/shop/jobs',
      of: (lot: string) => ({
        spec: {
          selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': lot } },
          template: { metadata: { labels: { 'controller-uid': lot } } },
        },
      }),
    },
  ])('is bound by being there: $what', async ({ line, of }) => {
    const at = line === undefined ? {} : { line }
    const first = await planned([of('x1'), of('x2')], at)
    expect(first.plan.refusal).toBeUndefined()
    expect(first.says).toMatch(/set anew at each write/)
    expect((await planned([of('x3'), of('x4')], at)).state).toBe(first.state)
    expect((await planned([{}, {}], at)).state).not.toBe(first.state)
  })

  test.each([
    {
      what: 'an image',
      line: `POST ${SHOP}/pods`,
      of: (lot: string) => ({ spec: { containers: [{ name: 'web', image: lot }] } }),
    },
    {
      what: 'a container',
      line: `POST ${SHOP}/pods`,
      of: (lot: string) => ({ spec: { containers: [{ name: lot, image: 'a' }] } }),
    },
    {
      what: 'a variable',
      line: `POST ${SHOP}/pods`,
      of: (lot: string) => ({ spec: { containers: [{ name: 'web', env: [{ name: 'A', value: lot }] }] } }),
    },
    { what: 'what steers a sidecar', of: (lot: string) => noted(lot, 'vault.hashicorp.com/agent-inject-secret') },
    { what: 'what a ConfigMap has', of: (lot: string) => ({ data: { 'run.sh': lot } }) },
    {
      what: 'whom it selects',
      line: `POST ${SHOP}/services`,
      of: (lot: string) => ({ spec: { selector: { app: lot } } }),
    },
    {
      what: 'a field of a kind of others',
      line: 'POST /apis/example.com/v1/namespaces/shop/things',
      of: (lot: string) => ({ spec: { id: lot } }),
    },
  ])('gets no yes where something may run by it, and says which field: $what', async ({ line, of }) => {
    const { plan } = await planned([of('x1'), of('x2')], line === undefined ? {} : { line })
    expect(plan.refusal).toMatch(/nobody can say yes to it: .* (?:metadata|spec|data)[.[]/)
    expect(plan.notes[0]).toBe(plan.refusal)
  })

  test('is what steers a sidecar also among more annotations than are told apart', async () => {
    const many = Object.fromEntries(Array.from({ length: 20_001 }, (_, at) => [`a${at}`, '']))
    const of = (lot: string) => ({
      metadata: { name: 'c', annotations: { ...many, 'sidecar.istio.io/inject': lot } },
    })
    expect((await planned([of('a'), of('b')])).plan.refusal).toMatch(/nobody can say yes to it/)
  })

  test('is not what something else wrote between the two, where two more agree', async () => {
    const of = (replicas: number) => found({ metadata: { name: 'w' }, spec: { replicas } })
    const line = 'POST /apis/apps/v1/namespaces/shop/deployments'
    const after = [of(2), of(3), of(3), of(3)]
    const { plan } = await planOf(line, local, { body: '{}', type: 'application/json', after, now: NOW })
    expect(plan.refusal).toBeUndefined()
    expect(plan.changes).toContainEqual(expect.objectContaining({ path: 'spec.replicas', after: '3' }))
  })

  test('of which one is refused gets no yes: what would become of it is not known', async () => {
    const after = [found(noted('a')), refused]
    const { plan } = await planOf(`POST ${SHOP}/configmaps`, local, { body: '{}', type: 'application/json', after })
    expect(plan.refusal).toMatch(/nobody can say yes to it: .* in two ways/)
  })

  test('is not hidden behind a volume that bears the name of one with a token', async () => {
    const volumes = (secret: string) => [
      { name: 'kube-api-access-zzzzz', projected: { sources: [] } },
      { name: 'kube-api-access-abcde', secret: { secretName: secret } },
    ]
    const of = async (secret: string) => {
      const pod = { spec: { volumes: volumes(secret) } }
      return (await planned([pod, pod], { line: `POST ${SHOP}/pods` })).state
    }
    expect(await of('one')).not.toBe(await of('another'))
  })
})
